# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the walk half of scanner/: its pure parts, and a real scanner with
# this test as its daemon and, where it must fail on demand, a puppet engine.

foreach(part apart confine gate ledger links mountinfo mounttable open_pace walk_parts watch)
	quietscan_test(NAME test_${part} SOURCES unit/test_${part}.c USES walk LABELS walk)
endforeach()
quietscan_test(NAME test_procfiles SOURCES unit/test_procfiles.c lib/runner.c lib/scratch.c
	USES walk LABELS walk)
add_executable(leaderless lib/leaderless.c)
target_link_libraries(leaderless PRIVATE Threads::Threads quietscan_flags)
target_compile_definitions(test_procfiles PRIVATE LEADERLESS="$<TARGET_FILE:leaderless>")
add_dependencies(test_procfiles leaderless)

quietscan_test(NAME test_fanotify_marks SOURCES unit/test_fanotify_marks.c USES neighbours
	LABELS walk)
quietscan_test(NAME test_known_products SOURCES unit/test_known_products.c lib/scratch.c
	USES neighbours LABELS walk)
target_compile_definitions(test_known_products PRIVATE TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
quietscan_test(NAME neighbours_look SOURCES integration/neighbours-look.c lib/scratch.c
	lib/listener.c lib/permissions.c USES neighbours LABELS "walk;integration")
target_compile_definitions(neighbours_look PRIVATE TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

# What of a file is in the page cache; a file system in memory has no use for that.
quietscan_test(NAME test_page_cache SOURCES unit/test_page_cache.c lib/residency.c lib/samples.c
	USES walk EXTERNAL PkgConfig::SECCOMP TIMEOUT 240 LABELS walk STEADY_CACHE)

# Under the thread sanitizer neither a zygote nor a puppet can fork beside the
# sanitizer's own thread.
if(NOT TARGET engineproc)
	return()
endif()

# Starts and drives a quietscan-scanner.
add_library(scannerproc STATIC ${CMAKE_CURRENT_SOURCE_DIR}/lib/scannerproc.c
	${CMAKE_CURRENT_SOURCE_DIR}/lib/scanreport.c ${CMAKE_CURRENT_SOURCE_DIR}/lib/puppet.c)
target_compile_definitions(scannerproc PUBLIC
	QUIETSCAN_SCANNER="$<TARGET_FILE:quietscan-scanner>")
target_link_libraries(scannerproc PUBLIC engineproc PRIVATE quietscan_flags)
add_dependencies(scannerproc quietscan-scanner)

quietscan_test(NAME test_scanner_engine SOURCES integration/scanner-engine.c
	USES scannerproc TIMEOUT 180 LABELS walk)
quietscan_test(NAME test_scanner_names SOURCES integration/scanner-names.c
	USES scannerproc TIMEOUT 120 LABELS walk)
quietscan_test(NAME test_scanner_mounts SOURCES integration/scanner-mounts.c lib/runner.c
	USES scannerproc faultfs TIMEOUT 180 LABELS walk)
target_compile_definitions(test_scanner_mounts PRIVATE LEADERLESS="$<TARGET_FILE:leaderless>")
add_dependencies(test_scanner_mounts leaderless)
quietscan_test(NAME test_scanner_blocked SOURCES integration/scanner-blocked.c
		lib/listener.c lib/permissions.c
	USES scannerproc neighbours TIMEOUT 180 LABELS walk)
quietscan_test(NAME test_scanner_races SOURCES integration/scanner-races.c
	USES scannerproc TIMEOUT 180 LABELS walk)
quietscan_test(NAME test_scanner_cache SOURCES integration/scanner-cache.c lib/residency.c
	USES scannerproc EXTERNAL PkgConfig::SECCOMP TIMEOUT 240 LABELS walk STEADY_CACHE)
add_test(NAME test_scanner_cache_without_cachestat COMMAND /usr/bin/python3 -B
	${CMAKE_CURRENT_SOURCE_DIR}/lib/steady_cache.py $<TARGET_FILE:test_scanner_cache>
	without-cachestat)
set_tests_properties(test_scanner_cache_without_cachestat PROPERTIES TIMEOUT 240
	SKIP_RETURN_CODE 77 LABELS walk)
quietscan_test(NAME test_scanner_memory SOURCES integration/scanner-memory.c
	USES scannerproc TIMEOUT 1200 LABELS walk long)
# Where there is one, a file system in memory: the tests make and remove tens of
# thousands of names.
if(IS_DIRECTORY /dev/shm)
	set_tests_properties(test_scanner_names test_scanner_engine test_scanner_races
		test_scanner_memory
		PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
endif()
