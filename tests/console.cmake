# SPDX-License-Identifier: GPL-2.0-or-later
#
# console: its HTTP side against real clients, its client of the local socket
# against a real daemon.
foreach(module http_chunked http_parse http_peer http_reply)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c USES console_http LABELS unit)
endforeach()
foreach(module certificate console_hosts console_options)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c lib/scratch.c
		USES console_life EXTERNAL PkgConfig::CRYPTO LABELS unit)
endforeach()
quietscan_test(NAME console-sandbox SOURCES integration/console-sandbox.c lib/scratch.c
	USES console_life LABELS integration)

if(NOT QUIETSCAN_ASAN AND NOT QUIETSCAN_TSAN) # they replace the heap themselves
	quietscan_test(NAME console-heap SOURCES integration/console-heap.c lib/faultheap.c
		USES console_http LABELS integration)
endif()

# A server whose handler does on demand what a handler may do (lib/http_echo.c).
# A program that calls what it is told to (lib/upstream_probe.c).
foreach(program http_echo upstream_probe)
	add_executable(${program} lib/${program}.c)
	target_link_libraries(${program} PRIVATE console_http quietscan_flags)
	set_target_properties(${program} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endforeach()

function(quietscan_console_test name)
	cmake_parse_arguments(A "" "TIMEOUT" "" ${ARGN})
	if(NOT A_TIMEOUT)
		set(A_TIMEOUT 120)
	endif()
	add_test(NAME console_${name} COMMAND /usr/bin/python3 -B -m pytest -q -rs -s
		-p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/integration/test_console_${name}.py)
	set_tests_properties(console_${name} PROPERTIES TIMEOUT ${A_TIMEOUT} SKIP_RETURN_CODE 77
		LABELS integration ENVIRONMENT "QUIETSCAN_BUILD_DIR=${CMAKE_BINARY_DIR}")
endfunction()

quietscan_console_test(http TIMEOUT 300)
quietscan_console_test(upstream)
quietscan_console_test(program)
