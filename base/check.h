/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asserts for our own mistakes. They stay on in release builds and never have
 * side effects; what comes from a file, a socket, a child or the kernel is
 * checked and returned instead. Any thread.
 */
#ifndef QS_CHECK_H
#define QS_CHECK_H

/** What the caller promised. */
#define PRE(cond) CHECK_THAT(cond, "precondition")
/** What this function promises. */
#define POST(cond) CHECK_THAT(cond, "postcondition")
/** What always holds. */
#define INVARIANT(cond) CHECK_THAT(cond, "invariant")

#define CHECK_THAT(cond, kind)                                                                     \
	do {                                                                                       \
		if (__builtin_expect(!(cond), 0))                                                  \
			check_failed(kind, #cond, __FILE__, __LINE__, __func__);                   \
	} while (0)

/** Prints one line to standard error and aborts. Use the macros. */
_Noreturn void check_failed(
	const char *kind, const char *cond, const char *file, int line, const char *func);

#endif
