# SPDX-License-Identifier: GPL-2.0-or-later
# reporting: one program a module, and what needs a full disk, a failing heap
# or a killed process.
foreach(module store)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c lib/scratch.c
		USES reporting EXTERNAL PkgConfig::SQLITE LABELS unit)
endforeach()
foreach(module log_verify)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c lib/scratch.c lib/logworld.c
		USES reporting EXTERNAL PkgConfig::SQLITE LABELS unit)
endforeach()
