# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of scheduler/ and of the daemon in service/.
foreach(name scan_cycle lane_growth load_document request queue phase standstill child_log
		passive_mode patience remediation_outcome other_cpu neighbour_meter)
	quietscan_test(NAME test_${name} SOURCES unit/test_${name}.c USES scheduler LABELS unit
		EXTERNAL PkgConfig::CJSON)
endforeach()
quietscan_test(NAME test_blocked_files SOURCES unit/test_blocked_files.c lib/scratch.c
	USES scheduler EXTERNAL PkgConfig::CJSON LABELS unit)
quietscan_test(NAME test_own_programs SOURCES unit/test_own_programs.c lib/scratch.c
	USES scheduler LABELS unit)
quietscan_test(NAME test_service_paths SOURCES unit/test_service_paths.c lib/scratch.c
	USES scheduler LABELS unit)
foreach(name guest_budget jsonrpc machine_facts on_behalf peer)
	quietscan_test(NAME test_${name} SOURCES unit/test_${name}.c USES service LABELS unit
		EXTERNAL PkgConfig::CJSON)
endforeach()
quietscan_test(NAME scheduler-child SOURCES integration/scheduler-child.c USES scheduler
	LABELS integration TIMEOUT 120)
quietscan_test(NAME scheduler-records SOURCES integration/scheduler-records.c USES scheduler
	LABELS integration)

# The daemon's own behaviour, over its socket.
foreach(name daemon_requests daemon_life daemon_rogue follow gateway gateway_flood lists scan_watch)
	add_test(NAME e2e_${name} COMMAND /usr/bin/python3 -B -m pytest -q -rs
		-p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/e2e/test_${name}.py)
	set_tests_properties(e2e_${name} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 LABELS e2e
		ENVIRONMENT "QUIETSCAN_BUILD_DIR=${CMAKE_BINARY_DIR}")
endforeach()
