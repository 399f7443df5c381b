# SPDX-License-Identifier: GPL-2.0-or-later
# One line per group of flags, with its reason.
add_library(quietscan_flags INTERFACE)
target_compile_options(quietscan_flags INTERFACE
	-Wall -Wextra                    # the usual mistakes
	-Wshadow                         # a local that hides another is a bug in waiting
	-Wconversion                     # sizes and offsets lose bits silently
	-Wformat=2                       # no user text in a format string
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition # every public name is declared once
	-Wundef                          # a misspelt #if is an error, not a 0
	-Wvla                            # the stack is bounded
	-Wwrite-strings                  # literals are const
	-Wimplicit-fallthrough           # state machines say when they fall through
	-Wcast-align -Wpointer-arith     # hostile bytes are decoded, never cast
	-Wnested-externs -Wdate-time     # headers only; reproducible builds
	$<$<C_COMPILER_ID:GNU>:-Wno-format-truncation> # messages for people are cut on purpose
	-fno-common -fstack-protector-strong
	$<$<C_COMPILER_ID:GNU>:-Wlogical-op>
	$<$<C_COMPILER_ID:GNU>:-Wsuggest-attribute=noreturn>
	$<$<C_COMPILER_ID:GNU>:-fstack-clash-protection>
	$<$<BOOL:${QUIETSCAN_WERROR}>:-Werror>)
target_compile_definitions(quietscan_flags INTERFACE _GNU_SOURCE
	$<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
if(QUIETSCAN_ASAN)
	target_compile_options(quietscan_flags INTERFACE -fsanitize=address,undefined
		-fno-omit-frame-pointer -fno-sanitize-recover=undefined)
	target_link_options(quietscan_flags INTERFACE -fsanitize=address,undefined)
	target_compile_definitions(quietscan_flags INTERFACE QUIETSCAN_ASAN=1)
endif()
if(QUIETSCAN_TSAN)
	target_compile_options(quietscan_flags INTERFACE -fsanitize=thread)
	target_link_options(quietscan_flags INTERFACE -fsanitize=thread)
	target_compile_definitions(quietscan_flags INTERFACE QUIETSCAN_TSAN=1)
endif()
if(QUIETSCAN_FUZZ)
	target_compile_options(quietscan_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_options(quietscan_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
