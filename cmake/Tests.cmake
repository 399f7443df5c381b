# SPDX-License-Identifier: GPL-2.0-or-later

# quietscan_test(NAME name SOURCES f… USES lib… [EXTERNAL lib…] [TIMEOUT s] [LABELS l…]
#                [STEADY_CACHE])
# STEADY_CACHE: it counts what stays in the page cache (tests/lib/steady_cache.py).
# One cmocka program, one ctest test. Exit 77 means "cannot run here" (not
# root, no FUSE) and is reported as skipped, never as passed.
function(quietscan_test)
	cmake_parse_arguments(A "STEADY_CACHE" "NAME;TIMEOUT" "SOURCES;USES;EXTERNAL;LABELS" ${ARGN})
	if(NOT A_TIMEOUT)
		set(A_TIMEOUT 60)
	endif()
	add_executable(${A_NAME} ${A_SOURCES})
	target_link_libraries(${A_NAME} PRIVATE ${A_USES} quietscan_flags PkgConfig::CMOCKA
		${A_EXTERNAL} Threads::Threads)
	target_compile_options(${A_NAME} PRIVATE "SHELL:-iquote ${PROJECT_SOURCE_DIR}/tests/lib")
	set_target_properties(${A_NAME} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	if(A_STEADY_CACHE)
		set(launcher /usr/bin/python3 -B ${PROJECT_SOURCE_DIR}/tests/lib/steady_cache.py)
	endif()
	add_test(NAME ${A_NAME} COMMAND ${launcher} $<TARGET_FILE:${A_NAME}>)
	set_tests_properties(${A_NAME} PROPERTIES TIMEOUT ${A_TIMEOUT} SKIP_RETURN_CODE 77
		LABELS "${A_LABELS}")
endfunction()
