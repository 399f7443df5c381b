/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exclusions: which paths and which extensions an operator left out. Patterns
 * have the meaning they have in Microsoft Defender on Linux:
 *
 *   *  at the end      everything from there on, all levels below
 *   *  elsewhere       any characters within one path component, none included;
 *                      as a component of its own: exactly one component
 *   ?                  one character (a UTF-8 character, or one byte of what is
 *                      no UTF-8), never a slash
 *
 *   /var/log           the file of that name, or the directory and all below
 *   /var/log/          what is below the directory
 *   /home/[*]/.cache   (without the brackets) of every home, and all below
 *   /var/log/[*]       all below /var/log
 *
 * Everything else is itself; names are raw bytes and letters have their case.
 *
 * What the walker does with it: it tests every name it lists, and still lists
 * excluded directories, since every name below is a file result of its own
 * (skipped, excluded) and the count has to be told. It does not open, hash or
 * stat more than listing needs. An exclusion comes before every other reason.
 *
 * Pure: linear time for each component, no allocation. Any thread.
 */
#ifndef QS_GLOB_H
#define QS_GLOB_H

#include "err.h"
#include "span.h"

enum {
	GLOB_PATTERN_MAX = 4096, /**< Bytes of a pattern. */
};

/**
 * Whether a pattern can ever match: absolute, no NUL, no empty, "." or ".."
 * component, at most GLOB_PATTERN_MAX bytes.
 *
 * @msg    The rule that is broken.
 * @return 0 or -EINVAL.
 */
int glob_check_path(struct span pattern, struct errmsg *msg);

/**
 * Whether a path is excluded by a pattern.
 *
 * @pattern As glob_check_path() wants it (others never match).
 * @path    Absolute, without empty, "." or ".." components and without a slash
 *          at its end; any bytes.
 */
bool glob_match_path(struct span pattern, struct span path);

/**
 * Whether an extension can ever match: not empty, no slash, no NUL, no
 * wildcard; one leading dot is allowed.
 *
 * @return 0 or -EINVAL.
 */
int glob_check_extension(struct span extension, struct errmsg *msg);

/**
 * Whether a name ends in a dot and this extension and has something before
 * them (".profile" is a name without extension). ASCII letters match in either
 * case. "tar.gz" is an extension too.
 *
 * @extension With or without its dot.
 * @name      A file name, or a path, of which the last component counts.
 */
bool glob_match_extension(struct span extension, struct span name);

#endif
