/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The users' home directories, and the download folder one of them chose.
 *
 * home_list() is hands and must run before the scanner confines itself: name
 * services load libraries and open sockets. home_download() is pure.
 */
#ifndef QS_HOME_H
#define QS_HOME_H

#include "span.h"

enum { HOME_MAX = 65536 /**< Homes that are looked at; a directory service may have more. */ };

struct home_list {
	char **paths; /**< Absolute, each on the heap, no two the same. */
	size_t n;
};

#define HOME_LIST_NULL                                                                             \
	{                                                                                          \
		.paths = NULL                                                                      \
	}

/** Idempotent. */
void home_list_deinit(struct home_list *list);

/**
 * All homes of the user database, root's among them; "/" and what is not
 * absolute is left out.
 *
 * @return 0 or -ENOMEM.
 */
int home_list_read(struct home_list *list);

/**
 * The value of XDG_DOWNLOAD_DIR in a user-dirs.dirs file.
 *
 * @text   The file. @home The user's home.
 * @buf    Receives the absolute path, NUL-terminated.
 * @return Its length; 0: there is none, or it is the home itself (which means
 *         "none" there), or it does not fit.
 */
size_t home_download(struct span text, struct span home, char *buf, size_t n_buf);

#endif
