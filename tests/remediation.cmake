# SPDX-License-Identifier: GPL-2.0-or-later
# remediation: the quarantine's store, and what is decided about a threat.
quietscan_test(NAME test_threat_action SOURCES unit/test_threat_action.c USES threat_policy
	EXTERNAL PkgConfig::CJSON LABELS unit)
foreach(module vault vault_damage vault_list vault_metadata vault_open)
	quietscan_test(NAME test_${module} SOURCES unit/test_${module}.c lib/scratch.c
		lib/vaultworld.c USES remediation LABELS unit)
endforeach()
foreach(scenario by_hand full killed)
	string(REPLACE "_" "-" file ${scenario})
	quietscan_test(NAME vault_${scenario} SOURCES integration/vault-${file}.c lib/scratch.c
		lib/samples.c lib/stepper.c lib/vaultworld.c USES remediation TIMEOUT 120 LABELS integration)
endforeach()
target_compile_definitions(vault_by_hand PRIVATE DOCS="${PROJECT_SOURCE_DIR}/docs")
if(NOT QUIETSCAN_ASAN AND NOT QUIETSCAN_TSAN) # they replace the heap themselves
	quietscan_test(NAME vault_heap SOURCES integration/vault-heap.c lib/scratch.c
		lib/faultheap.c lib/vaultworld.c USES remediation LABELS integration)
	quietscan_test(NAME remediation_heap SOURCES integration/remediation-heap.c lib/scratch.c
		lib/faultheap.c lib/moverworld.c USES remediation TIMEOUT 120 LABELS integration)
	quietscan_test(NAME journal_heap SOURCES integration/journal-heap.c lib/scratch.c
		lib/faultheap.c USES remediation LABELS integration)
	# Its own processes stop there.
	target_link_options(remediation_heap PRIVATE -Wl,--wrap=vault_put -Wl,--wrap=linkat
		-Wl,--wrap=mover_staged_unlink)
endif()
quietscan_test(NAME test_journal SOURCES unit/test_journal.c lib/scratch.c USES remediation
	LABELS unit)

# What moves files, on file systems of its own.
foreach(area deep killed outcomes race restores windows)
	quietscan_test(NAME remediation_${area} SOURCES integration/remediation-${area}.c
		lib/moverworld.c lib/scratch.c USES remediation TIMEOUT 120 LABELS integration)
endforeach()
# No file without a name where a test says so.
target_sources(remediation_killed PRIVATE lib/no_tmpfile.c)
target_sources(remediation_deep PRIVATE lib/no_tmpfile.c)
target_link_options(remediation_killed PRIVATE -Wl,--wrap=openat)
target_link_options(remediation_deep PRIVATE -Wl,--wrap=openat -Wl,--wrap=vault_put)
# Its process, started by the test.
foreach(area listing pace powers process stop)
	quietscan_test(NAME remediation_${area} SOURCES integration/remediation-${area}.c
		lib/burner.c lib/moverproc.c lib/moverworld.c lib/pidworld.c lib/runner.c lib/scratch.c
		USES remediation EXTERNAL PkgConfig::SECCOMP TIMEOUT 120 LABELS integration)
	target_compile_definitions(remediation_${area} PRIVATE
		QUIETSCAN_REMEDIATE="$<TARGET_FILE:quietscan-remediate>"
		QUIETSCAN_UNIT="${PROJECT_SOURCE_DIR}/packaging/quietscan.service.in")
	add_dependencies(remediation_${area} quietscan-remediate)
endforeach()
# Something happens just before or after one of the mover's own calls.
target_link_options(remediation_windows PRIVATE
	-Wl,--wrap=renameat2 -Wl,--wrap=linkat -Wl,--wrap=vault_put)
set_tests_properties(remediation_killed remediation_race PROPERTIES TIMEOUT 300)
if(IS_DIRECTORY /dev/shm) # thousands of syncs
	set_tests_properties(remediation_killed remediation_pace remediation_race PROPERTIES
		ENVIRONMENT TMPDIR=/dev/shm)
	if(TEST remediation_heap)
		set_tests_properties(remediation_heap PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
	endif()
endif()

# Running executables by hash.
quietscan_test(NAME remediation_seek SOURCES integration/remediation-seek.c lib/pidworld.c
	lib/runner.c lib/scratch.c USES remediation TIMEOUT 120 LABELS integration)
target_compile_definitions(remediation_seek PRIVATE LEADERLESS="$<TARGET_FILE:leaderless>")
add_dependencies(remediation_seek leaderless)
# Something happens just before one of its own calls.
target_link_options(remediation_seek PRIVATE -Wl,--wrap=statx -Wl,--wrap=pread)
if(NOT QUIETSCAN_ASAN AND NOT QUIETSCAN_TSAN) # they replace the heap themselves
	quietscan_test(NAME seek_heap SOURCES integration/seek-heap.c lib/faultheap.c
		lib/pidworld.c lib/runner.c lib/scratch.c USES remediation LABELS integration)
endif()
