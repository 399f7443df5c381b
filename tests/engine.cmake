# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the engine half of scanner/: signature sets, the sandbox, and a real
# zygote with real workers. Not under the thread sanitizer: it starts a thread
# of its own, and the zygote, rightly, refuses to fork then.
if(QUIETSCAN_TSAN)
	return()
endif()

pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

# Starts and drives a quietscan-engine; makes samples.
add_library(engineproc STATIC ${CMAKE_CURRENT_SOURCE_DIR}/lib/engineproc.c
	${CMAKE_CURRENT_SOURCE_DIR}/lib/samples.c ${CMAKE_CURRENT_SOURCE_DIR}/lib/zipfile.c)
target_compile_options(engineproc PUBLIC "SHELL:-iquote ${CMAKE_CURRENT_SOURCE_DIR}/lib")
target_compile_definitions(engineproc PUBLIC
	QUIETSCAN_ENGINE="$<TARGET_FILE:quietscan-engine>")
target_link_libraries(engineproc PUBLIC base throttle PkgConfig::CMOCKA
	PRIVATE quietscan_flags PkgConfig::ZLIB)
add_dependencies(engineproc quietscan-engine)

quietscan_test(NAME test_engine_verdicts SOURCES integration/engine-verdicts.c
	USES engineproc TIMEOUT 120 LABELS engine)
quietscan_test(NAME test_engine SOURCES unit/test_engine.c USES engine engineproc
	EXTERNAL PkgConfig::CLAMAV TIMEOUT 120 LABELS engine)

# A file system that fails on purpose.
add_library(faultfs STATIC ${CMAKE_CURRENT_SOURCE_DIR}/lib/faultfs.c)
target_link_libraries(faultfs PUBLIC engineproc PRIVATE quietscan_flags PkgConfig::FUSE)
quietscan_test(NAME test_engine_reads SOURCES integration/engine-reads.c
	USES faultfs TIMEOUT 120 LABELS engine)
quietscan_test(NAME test_engine_limits SOURCES integration/engine-limits.c
	USES engineproc TIMEOUT 120 LABELS engine)
foreach(area walls sandbox)
	quietscan_test(NAME test_engine_${area}
		SOURCES integration/engine-${area}.c lib/sandboxprobe.c
		USES engine engineproc EXTERNAL PkgConfig::SECCOMP TIMEOUT 120 LABELS engine)
endforeach()

# An engine that crashes, hangs and burns on demand (lib/faulty_scan.c), under
# its real name, with the real scanner beside it: a --libexec-dir for tests.
quietscan_program(quietscan-engine-faulty
	SOURCES ${PROJECT_SOURCE_DIR}/scanner/engine_main.c ${CMAKE_CURRENT_SOURCE_DIR}/lib/faulty_scan.c
	USES engine EXTERNAL PkgConfig::CLAMAV)
target_link_options(quietscan-engine-faulty PRIVATE -Wl,--wrap=cl_scandesc_callback)
set_target_properties(quietscan-engine-faulty PROPERTIES OUTPUT_NAME quietscan-engine
	RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/faulty)
add_custom_command(TARGET quietscan-engine-faulty POST_BUILD
	COMMAND ${CMAKE_COMMAND} -E create_symlink ${CMAKE_BINARY_DIR}/bin/quietscan-scanner
		${CMAKE_BINARY_DIR}/tests/faulty/quietscan-scanner VERBATIM)
foreach(area process protocol)
	quietscan_test(NAME test_engine_${area} SOURCES integration/engine-${area}.c
		USES engineproc TIMEOUT 120 LABELS engine)
endforeach()
quietscan_test(NAME test_engine_crash SOURCES integration/engine-crash.c
	USES engineproc TIMEOUT 120 LABELS engine)
target_compile_definitions(test_engine_crash PRIVATE
	QUIETSCAN_ENGINE_FAULTY="$<TARGET_FILE:quietscan-engine-faulty>")
add_dependencies(test_engine_crash quietscan-engine-faulty)
if(NOT QUIETSCAN_ASAN) # its shadow memory is private, and larger than the engine
	quietscan_test(NAME test_engine_memory SOURCES integration/engine-memory.c
		USES engineproc TIMEOUT 120 LABELS engine)
endif()
quietscan_test(NAME test_engine_path SOURCES unit/test_engine_path.c USES engine LABELS engine)
quietscan_test(NAME test_engine_args SOURCES unit/test_engine_args.c USES engine LABELS engine)
quietscan_test(NAME test_worker_dir SOURCES unit/test_worker_dir.c USES engine engineproc
	LABELS engine)
quietscan_test(NAME test_signature_set SOURCES unit/test_signature_set.c
	USES signatures engineproc LABELS engine)
