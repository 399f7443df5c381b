/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path from the network is compared with names that were found, never opened:
 * there is nothing to escape from.
 */
#include "http_page.h"

#include "cleanup.h"
#include "full_io.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct http_page {
	struct http_page_file files[HTTP_PAGE_FILES_MAX];
	size_t n_files;
	size_t n_bytes;
};

static const char *const http_page_types[][2] = {
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".mjs", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".json", "application/json"},
	{".svg", "image/svg+xml"},
	{".png", "image/png"},
	{".ico", "image/x-icon"},
	{".woff2", "font/woff2"},
	{".txt", "text/plain; charset=utf-8"},
};

static const char *http_page_type(const char *name)
{
	const char *end = strrchr(name, '.');

	for (size_t i = 0; end && i < sizeof(http_page_types) / sizeof(http_page_types[0]); i++)
		if (strcmp(end, http_page_types[i][0]) == 0)
			return http_page_types[i][1];
	return NULL;
}

static int http_page_is_name(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	return name[0] != '.' && name[strspn(name, allowed)] == '\0';
}

static int http_page_read(int fd, struct http_page *page, struct http_page_file *file)
{
	struct stat st;
	size_t n = 0;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((size_t)st.st_size > HTTP_PAGE_BYTES_MAX - page->n_bytes)
		return -EFBIG;
	file->bytes = malloc((size_t)st.st_size + 1);
	if (!file->bytes)
		return -ENOMEM;
	r = full_read(fd, file->bytes, (size_t)st.st_size, &n);
	if (r < 0)
		return r;
	file->n = n;
	page->n_bytes += n;
	return 0;
}

static int http_page_mark(struct http_page_file *file)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t at = 0;

	if (!EVP_Digest(file->bytes, file->n, digest, NULL, EVP_sha256(), NULL))
		return -ENOMEM;
	file->etag[at++] = '"';
	for (size_t i = 0; i < 16; i++, at += 2)
		(void)snprintf(file->etag + at, sizeof(file->etag) - at, "%02x", digest[i]);
	file->etag[at++] = '"';
	file->etag[at] = '\0';
	return 0;
}

/* @fd is taken; @name is below the page's directory. */
static int http_page_add(struct http_page *page, int fd_taken, const char *name)
{
	_cleanup_(cleanup_close) int fd = fd_taken;
	struct http_page_file *file = &page->files[page->n_files];
	int r;

	if (page->n_files >= HTTP_PAGE_FILES_MAX)
		return -EFBIG;
	page->n_files++; /* freed with the page from here on */
	(void)snprintf(file->name, sizeof(file->name), "%s", name);
	file->content_type = http_page_type(name);
	r = http_page_read(fd, page, file);
	return r == 0 ? http_page_mark(file) : r;
}

static int http_page_walk(struct http_page *page, int dir_taken, const char *prefix, int depth);

static int http_page_entry(
	struct http_page *page, int dir, const char *prefix, const char *name, int depth)
{
	char below[HTTP_PAGE_NAME_MAX];
	_cleanup_(cleanup_close) int fd = -1;
	struct stat st;
	int n = snprintf(below, sizeof(below), "%s%s", prefix, name);

	if (!http_page_is_name(name) || n < 0 || (size_t)n + 1 >= sizeof(below))
		return 0;
	/* Links are followed: Debian's Chart.js is one. Whoever made the directory made them. */
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode) && depth < HTTP_PAGE_DEPTH_MAX) {
		below[n] = '/';
		below[n + 1] = '\0';
		return http_page_walk(page, take_fd(&fd), below, depth + 1);
	}
	if (S_ISREG(st.st_mode) && http_page_type(name))
		return http_page_add(page, take_fd(&fd), below);
	return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): HTTP_PAGE_DEPTH_MAX */
static int http_page_walk(struct http_page *page, int dir_taken, const char *prefix, int depth)
{
	_cleanup_(cleanup_closedir) DIR *dir = fdopendir(dir_taken);
	int r = 0;

	if (!dir) {
		r = -errno;
		(void)close(dir_taken);
		return r;
	}
	while (r == 0) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		r = http_page_entry(page, dirfd(dir), prefix, entry->d_name, depth);
	}
	return r;
}

int http_page_load(const char *dir, struct http_page **pagep, struct errmsg *msg)
{
	struct http_page *page = calloc(1, sizeof(*page));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? -errno : 0;

	if (r == 0 && !page) {
		(void)close(fd);
		r = -ENOMEM;
	} else if (r == 0) {
		r = http_page_walk(page, fd, "", 0);
	}
	if (r < 0) {
		errmsg_set(msg, "page %s: %s", dir, err_text(r));
		http_page_free(page);
		return err_origin(r);
	}
	*pagep = page;
	return 0;
}

const struct http_page_file *http_page_find(const struct http_page *page, const char *path)
{
	const char *name = NULL;

	if (strcmp(path, "/") == 0)
		name = "index.html";
	else if (strcmp(path, "/favicon.ico") == 0)
		name = "favicon.ico";
	else if (strncmp(path, "/page/", 6) == 0)
		name = path + 6;
	for (size_t i = 0; page && name && i < page->n_files; i++)
		if (strcmp(page->files[i].name, name) == 0)
			return &page->files[i];
	return NULL;
}

int http_page_is_match(const struct http_page_file *file, const char *if_none_match)
{
	return strcmp(if_none_match, "*") == 0 || strstr(if_none_match, file->etag) != NULL;
}

void http_page_free(struct http_page *page)
{
	for (size_t i = 0; page && i < page->n_files; i++)
		free(page->files[i].bytes);
	free(page);
}
