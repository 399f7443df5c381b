/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of the page: read once, kept in memory, named by what is in them
 * (ETag). After that no file is opened for anybody on the network.
 *
 * Hands when loading; then pure. Loop thread only.
 */
#ifndef QS_HTTP_PAGE_H
#define QS_HTTP_PAGE_H

#include "err.h"

#include <stddef.h>

enum {
	HTTP_PAGE_FILES_MAX = 128,
	HTTP_PAGE_BYTES_MAX = 32 * 1024 * 1024, /**< Of all files. */
	HTTP_PAGE_DEPTH_MAX = 4,                /**< Folders within folders. */
	HTTP_PAGE_NAME_MAX = 256,
	HTTP_PAGE_ETAG_SIZE = 40,
};

struct http_page_file {
	char name[HTTP_PAGE_NAME_MAX]; /**< Below the directory: "index.html", "lib/chart.js". */
	const char *content_type;
	char etag[HTTP_PAGE_ETAG_SIZE]; /**< With its quotation marks. */
	char *bytes;
	size_t n;
};

/** Opaque. */
struct http_page;

/**
 * Read a directory and what is below it. Names with other characters than
 * letters, digits, '-', '_' and '.', and names that begin with '.', are left out, as
 * are types that are not known and what is no regular file.
 *
 * @pagep   Set when 0 is returned; http_page_free() it.
 * @return  0; -EFBIG more files or bytes than the limits; -ENOMEM; -errno.
 */
int http_page_load(const char *dir, struct http_page **pagep, struct errmsg *msg);

/**
 * What a path is answered with: "/" index.html, "/favicon.ico" itself, "/page/NAME"
 * NAME. NULL: nothing. @page may be NULL.
 */
const struct http_page_file *http_page_find(const struct http_page *page, const char *path);

/** Does If-None-Match name this file? */
int http_page_is_match(const struct http_page_file *file, const char *if_none_match);

/** Free; NULL is allowed. */
void http_page_free(struct http_page *page);

#endif
