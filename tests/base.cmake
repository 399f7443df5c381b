# SPDX-License-Identifier: GPL-2.0-or-later
# base: one program a module.
foreach(module base64 channel clock display err full_io glob iso_time json log log_limit nearest number privileges settings
		settings_docs settings_file settings_threat wire words)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c USES base
		EXTERNAL PkgConfig::CJSON m LABELS unit)
endforeach()
target_compile_definitions(test_settings_docs PRIVATE DOCS="${PROJECT_SOURCE_DIR}/docs")
