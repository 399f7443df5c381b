# SPDX-License-Identifier: GPL-2.0-or-later
# console: what is asked of it and what it answers; one program a module.
foreach(module alert_id client_store console_parts filter guard odata rate_limit request_json route token)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c lib/scratch.c USES console_api
		EXTERNAL PkgConfig::CJSON PkgConfig::CRYPTO LABELS unit)
endforeach()
if(NOT QUIETSCAN_ASAN AND NOT QUIETSCAN_TSAN) # they replace the heap themselves
	quietscan_test(NAME console-api-heap SOURCES integration/console-api-heap.c lib/faultheap.c
		USES console_api EXTERNAL PkgConfig::CJSON PkgConfig::CRYPTO LABELS integration)
endif()
