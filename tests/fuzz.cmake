# SPDX-License-Identifier: GPL-2.0-or-later
#
# What takes bytes from outside. Only with clang and QUIETSCAN_FUZZ (and ASan,
# without which a read outside goes unseen); ./check runs each for some seconds. What
# one begins with, where nothing of its own would come there: fuzz/seeds/NAME.
function(quietscan_fuzz name)
	add_executable(${name} fuzz/${name}.c)
	target_link_libraries(${name} PRIVATE ${ARGN} quietscan_flags)
	target_compile_options(${name} PRIVATE "SHELL:-iquote ${PROJECT_SOURCE_DIR}/tests/lib")
	target_link_options(${name} PRIVATE -fsanitize=fuzzer)
	set_target_properties(${name} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endfunction()

if(QUIETSCAN_FUZZ)
	quietscan_fuzz(fuzz_wire base)
	quietscan_fuzz(fuzz_display base)
	quietscan_fuzz(fuzz_settings base)
	quietscan_fuzz(fuzz_json base)
	quietscan_fuzz(fuzz_glob base)
	quietscan_fuzz(fuzz_base64 base)
	quietscan_fuzz(fuzz_vault remediation PkgConfig::CJSON)
	quietscan_fuzz(fuzz_journal remediation)
	quietscan_fuzz(fuzz_log_lines reporting)
	quietscan_fuzz(fuzz_store_filter reporting)
	quietscan_fuzz(fuzz_jsonrpc service)
	quietscan_fuzz(fuzz_mountinfo walk)
	quietscan_fuzz(fuzz_fanotify_marks neighbours)
	quietscan_fuzz(fuzz_http console_http)
	quietscan_fuzz(fuzz_upstream console_http)
	quietscan_fuzz(fuzz_odata console_api)
	quietscan_fuzz(fuzz_request_json console_api)
	quietscan_fuzz(fuzz_token console_api PkgConfig::CRYPTO)
endif()
