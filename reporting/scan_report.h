/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The per-file report of a scan, REPORT_DIR/<scan id>.jsonl: written by the
 * scanner through an inherited descriptor, read here for scan.report, removed
 * with the scan. The daemon makes the file and never writes to it; what is in
 * it comes from the process that reads hostile files and is handed on as text,
 * not parsed.
 *
 * Hands. Any thread; a call on a local file system, no flush.
 */
#ifndef QS_SCAN_REPORT_H
#define QS_SCAN_REPORT_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SCAN_REPORT_LINE_MAX = 512 * 1024, /**< A longer line is given in pieces. */
};

/**
 * Make the file, or empty it when the scan is begun again. The folder is made
 * when it is missing (0700).
 *
 * @report_dir  Borrowed.
 * @scan_id     A GUID in text.
 * @fdp         Set when 0 is returned: for appending only, CLOEXEC; caller closes.
 * @return      0; -EINVAL no GUID; -ELOOP, -EPERM something else has the name;
 *              other -errno (-ENOSPC …).
 */
int scan_report_create(const char *report_dir, const char *scan_id, int *fdp, struct errmsg *msg);

/** The same to go on with it: what is in it stays. */
int scan_report_continue(const char *report_dir, const char *scan_id, int *fdp, struct errmsg *msg);

/** A part of a report. */
struct scan_report_part {
	char *text;    /**< Whole lines with their newlines, heap, free(3); not NUL-terminated. */
	size_t n_text; /**< 0 = there is nothing (yet) at this offset. */
	uint64_t next_offset; /**< Where the next part begins, in bytes. */
	bool is_end;          /**< The file has nothing whole beyond it now. */
};

/**
 * Read whole lines.
 *
 * @offset  In bytes, 0 or a next_offset.
 * @n_max   About so many bytes at most; one line is given even if it is longer.
 * @part    Filled when 0 is returned.
 * @return  0; -ENOENT there is no report; -EINVAL no GUID, or an offset inside
 *          a line; other -errno.
 */
int scan_report_read(const char *report_dir, const char *scan_id, uint64_t offset, size_t n_max,
	struct scan_report_part *part, struct errmsg *msg);

/** Remove it. @return 0, also when there is none; -EINVAL no GUID; other -errno. */
int scan_report_remove(const char *report_dir, const char *scan_id, struct errmsg *msg);

#endif
