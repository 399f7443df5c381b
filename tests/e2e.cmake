# SPDX-License-Identifier: GPL-2.0-or-later
#
# End-to-end tests: one ctest test a file, pytest inside. They talk to the built
# programs through the local socket and the command line. SERIAL ones measure
# load or time and want the machine for themselves.
function(quietscan_e2e name)
	cmake_parse_arguments(A "SERIAL;STEADY_CACHE;OWN_PIDS" "TIMEOUT" "LABELS" ${ARGN})
	if(NOT A_TIMEOUT)
		set(A_TIMEOUT 120)
	endif()
	if(A_STEADY_CACHE) # see quietscan_test()
		set(launcher /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/lib/steady_cache.py)
	endif()
	if(A_OWN_PIDS) # what it asks for ends processes
		set(launcher /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/lib/own_pids.py)
	endif()
	add_test(NAME e2e_${name} COMMAND ${launcher} /usr/bin/python3 -B -m pytest -q -rs -s
		-p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/e2e/test_${name}.py)
	set_tests_properties(e2e_${name} PROPERTIES TIMEOUT ${A_TIMEOUT} SKIP_RETURN_CODE 77
		RUN_SERIAL "${A_SERIAL}" LABELS "e2e;${A_LABELS}"
		ENVIRONMENT "QUIETSCAN_BUILD_DIR=${CMAKE_BINARY_DIR}")
endfunction()

include(fuzz.cmake)

# Mounts that hang: a FUSE file system and a permission listener (lib/hangfs.c,
# lib/permlisten.c).
add_executable(hangfs lib/hangfs.c)
target_link_libraries(hangfs PRIVATE PkgConfig::FUSE quietscan_flags)
add_executable(permlisten lib/permlisten.c lib/permissions.c)
target_link_libraries(permlisten PRIVATE quietscan_flags Threads::Threads)
set_target_properties(hangfs permlisten PROPERTIES
	RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

quietscan_e2e(verdicts)
quietscan_e2e(cli TIMEOUT 300)
quietscan_e2e(executing)
quietscan_e2e(faults TIMEOUT 300)
quietscan_e2e(console_api TIMEOUT 400)
quietscan_e2e(frame)
quietscan_e2e(listing)
quietscan_e2e(hung_mounts TIMEOUT 300)
quietscan_e2e(log_verify)
quietscan_e2e(load_record TIMEOUT 300)
quietscan_e2e(remediation TIMEOUT 300)
quietscan_e2e(stop_and_quarantine OWN_PIDS)
quietscan_e2e(machine TIMEOUT 300)
quietscan_e2e(page_cache TIMEOUT 240 STEADY_CACHE)
quietscan_e2e(coexistence TIMEOUT 400)
quietscan_e2e(other_cpu TIMEOUT 400)
quietscan_e2e(other_takes)
quietscan_e2e(slow_opens)
quietscan_e2e(console_contract TIMEOUT 300)
quietscan_e2e(console_faults TIMEOUT 300)
quietscan_e2e(console_page TIMEOUT 600)
quietscan_e2e(console_storm TIMEOUT 300)
quietscan_e2e(console_tls TIMEOUT 120)
add_test(NAME e2e_console_storm_long COMMAND /usr/bin/python3 -B -m pytest -q -rs -s
	-p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/e2e/test_console_storm.py)
set_tests_properties(e2e_console_storm_long PROPERTIES TIMEOUT 600 LABELS "e2e;long"
	ENVIRONMENT "QUIETSCAN_BUILD_DIR=${CMAKE_BINARY_DIR};QUIETSCAN_CONSOLE_STORM_S=60")
quietscan_e2e(courtesy SERIAL TIMEOUT 300)
quietscan_e2e(load SERIAL TIMEOUT 300)
if(IS_DIRECTORY /dev/shm) # it makes and removes tens of thousands of files
	set_property(TEST e2e_load APPEND PROPERTY ENVIRONMENT TMPDIR=/dev/shm)
endif()
quietscan_e2e(storm TIMEOUT 600)
quietscan_e2e(verdicts_usr TIMEOUT 900)
add_test(NAME e2e_storm_long COMMAND /usr/bin/python3 -B -m pytest -q -rs -s -p no:cacheprovider
	${CMAKE_CURRENT_SOURCE_DIR}/e2e/test_storm.py)
set_tests_properties(e2e_storm_long PROPERTIES TIMEOUT 3600 LABELS "e2e;long"
	ENVIRONMENT "QUIETSCAN_BUILD_DIR=${CMAKE_BINARY_DIR};QUIETSCAN_STORM_ROUNDS=400")
quietscan_e2e(memory SERIAL TIMEOUT 3600 LABELS long)
quietscan_e2e(machine_full SERIAL TIMEOUT 7200 LABELS long)

# What takes longest begins first, or it runs on alone at the end.
set_tests_properties(e2e_console_page e2e_machine e2e_console_api PROPERTIES COST 100)
set_tests_properties(e2e_load_record e2e_verdicts_usr e2e_daemon_life e2e_faults PROPERTIES COST 40)
