# SPDX-License-Identifier: GPL-2.0-or-later
# console: what is asked of it and what it answers; one program a module.
foreach(module iso_time odata)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c USES console_api
		EXTERNAL PkgConfig::CJSON LABELS unit)
endforeach()
