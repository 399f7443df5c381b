# SPDX-License-Identifier: GPL-2.0-or-later
quietscan_test(NAME test_grant SOURCES unit/test_grant.c USES throttle LABELS throttle)
if(NOT QUIETSCAN_TSAN) # it holds back the signals that this is about
	quietscan_test(NAME test_grant_timer SOURCES unit/test_grant_timer.c lib/burner.c
		USES throttle LABELS throttle TIMEOUT 120)
endif()
quietscan_test(NAME test_budget SOURCES unit/test_budget.c lib/budgetworld.c USES throttle LABELS throttle)
quietscan_test(NAME test_deal SOURCES unit/test_deal.c lib/budgetworld.c USES throttle LABELS throttle)
quietscan_test(NAME test_read_budget SOURCES unit/test_read_budget.c USES throttle LABELS throttle)
# It measures what a disk gives and what stays cached: alone. The thread sanitizer's
# build has no file system of its own.
if(NOT QUIETSCAN_TSAN)
	set(reads_uses faultfs)
endif()
quietscan_test(NAME throttle-reads SOURCES integration/throttle-reads.c lib/burner.c
	lib/governorrig.c lib/diskreader.c lib/scratch.c USES throttle ${reads_uses}
	LABELS throttle TIMEOUT 240 STEADY_CACHE)
set_tests_properties(throttle-reads PROPERTIES RUN_SERIAL ON)
quietscan_test(NAME test_meter SOURCES unit/test_meter.c USES throttle LABELS throttle)
quietscan_test(NAME test_load_history SOURCES unit/test_load_history.c USES throttle LABELS throttle)
quietscan_test(NAME test_lane_plan SOURCES unit/test_lane_plan.c USES throttle LABELS throttle)
quietscan_test(NAME test_cpu_quota SOURCES unit/test_cpu_quota.c USES throttle LABELS throttle)
quietscan_test(NAME throttle-topology SOURCES integration/throttle-topology.c USES throttle
	LABELS throttle)
quietscan_test(NAME test_priority SOURCES unit/test_priority.c USES throttle LABELS throttle)
quietscan_test(NAME throttle-governor SOURCES integration/throttle-governor.c lib/burner.c
	lib/governorrig.c USES throttle LABELS throttle TIMEOUT 180)
quietscan_test(NAME throttle-aside SOURCES integration/throttle-aside.c lib/burner.c
	lib/governorrig.c USES throttle LABELS throttle TIMEOUT 120)
quietscan_test(NAME throttle-watch SOURCES integration/throttle-watch.c lib/burner.c
	lib/governorrig.c USES throttle LABELS throttle TIMEOUT 120)
quietscan_test(NAME test_placement SOURCES unit/test_placement.c USES throttle LABELS throttle)
quietscan_test(NAME test_queueing SOURCES unit/test_queueing.c USES throttle LABELS throttle)
quietscan_test(NAME test_ratchet SOURCES unit/test_ratchet.c USES throttle LABELS throttle)
quietscan_test(NAME test_pressure SOURCES unit/test_pressure.c USES throttle LABELS throttle)
quietscan_test(NAME test_foreign_load SOURCES unit/test_foreign_load.c USES throttle LABELS throttle)
quietscan_test(NAME test_start_policy SOURCES unit/test_start_policy.c USES scheduler LABELS throttle)
quietscan_test(NAME test_idle SOURCES unit/test_idle.c USES throttle LABELS throttle)
quietscan_test(NAME throttle-probes SOURCES integration/throttle-probes.c lib/scratch.c
	USES throttle LABELS throttle)
quietscan_test(NAME throttle-courtesy SOURCES integration/throttle-courtesy.c lib/burner.c
	lib/governorrig.c USES throttle LABELS throttle TIMEOUT 180)
if(QUIETSCAN_TSAN) # the burners are forked beside the governor's thread
	set_tests_properties(throttle-governor throttle-aside throttle-watch throttle-courtesy
		throttle-reads PROPERTIES
		ENVIRONMENT "TSAN_OPTIONS=die_after_fork=0")
endif()
