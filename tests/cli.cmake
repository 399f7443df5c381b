# SPDX-License-Identifier: GPL-2.0-or-later
# The command line: its parts here, the program against a real service in e2e.
foreach(module cli_options cli_view cli_view_load cli_chart cli_terminal cli_help cli_client)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c USES cli base
		EXTERNAL PkgConfig::CJSON LABELS unit)
	target_compile_definitions(test_${module} PRIVATE
		CLI_SNAPSHOTS="${CMAKE_CURRENT_SOURCE_DIR}/cli" DOCS="${PROJECT_SOURCE_DIR}/docs")
endforeach()
quietscan_test(NAME test_cli_run SOURCES integration/test_cli_run.c USES cli base
	EXTERNAL PkgConfig::CJSON LABELS integration)
if(NOT QUIETSCAN_ASAN AND NOT QUIETSCAN_TSAN) # they replace the heap themselves
	quietscan_test(NAME base_heap SOURCES integration/base-heap.c lib/faultheap.c USES cli base
		EXTERNAL PkgConfig::CJSON LABELS integration)
endif()
