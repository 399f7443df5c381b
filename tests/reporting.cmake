# SPDX-License-Identifier: GPL-2.0-or-later
# reporting: one program a module, and what needs a full disk, a failing heap
# or a killed process.
foreach(module action_log digest event_line line_file log_chain machine_tags record_json
		scan_report scan_totals store store_event store_file store_filter store_literal store_revision
		threat)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c lib/scratch.c
		USES reporting EXTERNAL PkgConfig::SQLITE PkgConfig::CJSON LABELS unit)
endforeach()
foreach(module checkpoint json_lines log_keeper)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c lib/scratch.c lib/logworld.c
		USES reporting EXTERNAL PkgConfig::SQLITE LABELS unit)
endforeach()
foreach(module log_verify log_verify_witness)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c lib/scratch.c lib/logworld.c
		lib/tamper.c USES reporting EXTERNAL PkgConfig::SQLITE LABELS unit)
endforeach()
target_compile_definitions(test_action_log PRIVATE TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
foreach(scenario full killed speed)
	quietscan_test(NAME reporting_${scenario} SOURCES integration/reporting-${scenario}.c
		lib/scratch.c lib/logworld.c USES reporting EXTERNAL PkgConfig::SQLITE
		TIMEOUT 120 LABELS integration)
endforeach()
if(NOT QUIETSCAN_ASAN AND NOT QUIETSCAN_TSAN) # they replace the heap themselves
	quietscan_test(NAME reporting_heap SOURCES integration/reporting-heap.c lib/scratch.c
		lib/logworld.c lib/faultheap.c USES reporting
		EXTERNAL PkgConfig::SQLITE PkgConfig::CJSON TIMEOUT 300 LABELS integration)
endif()
quietscan_test(NAME reporting_disk SOURCES integration/reporting-disk.c lib/scratch.c
	lib/logworld.c lib/faultdisk.c USES reporting EXTERNAL PkgConfig::SQLITE
	TIMEOUT 120 LABELS integration)
