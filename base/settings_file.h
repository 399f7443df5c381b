/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings' file: read with distrust, written so that a crash leaves the
 * old one or the new one.
 *
 * Hands. One thread at a time for one path.
 */
#ifndef QS_SETTINGS_FILE_H
#define QS_SETTINGS_FILE_H

#include "settings.h"

enum {
	SETTINGS_FILE_MAX = 1024 * 1024, /**< Bytes of a settings file. */
	SETTINGS_FILE_E_ABSENT = 1,      /**< There is no such file. */
};

/**
 * Read a file into settings.
 *
 * @path      NUL-terminated; its last component must not be a symbolic link.
 * @settings  Initialised; replaced when 0 is returned, untouched otherwise.
 * @msg       File, line, setting, value given, values allowed.
 * @return    0; SETTINGS_FILE_E_ABSENT; what settings_parse() returns; -ELOOP a
 *            symbolic link; -EFBIG; -EPERM when this process is root and the
 *            file is not root's or others may write it; -EINVAL no regular
 *            file; other -errno.
 */
int settings_file_read(const char *path, struct settings *settings, struct errmsg *msg);

/**
 * Write what was given (settings_to_json()) over a file: a new file beside it,
 * fsync, rename, fsync of the directory. An old file's mode is kept, a new one
 * has 0644.
 *
 * @path    Its directory must exist.
 * @return  0; -EFBIG when it could not be read again (SETTINGS_FILE_MAX); other
 *          -errno. Then the old file is as it was.
 */
int settings_file_write(const char *path, const struct settings *settings, struct errmsg *msg);

#endif
