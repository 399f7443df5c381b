/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path as typed, made absolute: lexically, so that what is scanned is what
 * was written, not where a symbolic link led at that moment.
 *
 * Pure but for memory.
 */
#ifndef QS_CLI_PATH_H
#define QS_CLI_PATH_H

#include "err.h"

/**
 * Join with the working directory and take out "", "." and "..".
 *
 * @cwd    Absolute; used only when @path is relative.
 * @path   NUL-terminated bytes.
 * @pathp  Heap, free(3); set when 0 is returned.
 * @return 0; -EINVAL when @path is empty or @cwd is needed and not absolute; -ENOMEM.
 */
int cli_path_absolute(const char *cwd, const char *path, char **pathp);

#endif
