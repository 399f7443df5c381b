/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The per-file report of a scan: JSON lines
 *
 *   {"path":…,"pathBytes":…,"result":…,"reason":…,"size":…}
 *
 * path is the display form (base/display.h), pathBytes base64 of the raw bytes
 * and only there when the two differ; reason only when there is one, size only
 * for names of files. Which names are in it: all of them with
 * IPC_SCAN_REPORT_ALL, else the notable ones, that is all but the clean ones
 * and the symbolic links and special files every system is full of.
 *
 * Hands (file descriptor, mutex). Any thread.
 */
#ifndef QS_REPORTFILE_H
#define QS_REPORTFILE_H

#include "span.h"
#include "words.h"

#include <stdbool.h>
#include <stdint.h>

struct reportfile;

/** One line. */
struct reportfile_line {
	struct span path; /**< Raw bytes, at most IPC_PATH_MAX. */
	enum file_result result;
	enum reason reason;
	uint64_t size; /**< Bytes; UINT64_MAX: not known. */
};

/**
 * A report that appends to @fd.
 *
 * @fd      Borrowed; blocking, writable; negative: everything is dropped.
 * @is_all  Whether every name goes in.
 * @return  NULL without memory.
 */
struct reportfile *reportfile_new(int fd, bool is_all);
/** Flush and free; takes NULL. */
void reportfile_free(struct reportfile *report);

/** Add a line if it belongs into the report. Errors are kept, see below. */
void reportfile_add(struct reportfile *report, const struct reportfile_line *line);

/** Write out what is buffered. */
void reportfile_flush(struct reportfile *report);

/**
 * The first error that was not asked for yet: said once, since a full disk
 * would say it for every line.
 *
 * @return 0 or -errno of a write.
 */
int reportfile_take_error(struct reportfile *report);

/** Whole lines that were lost to write errors. */
uint64_t reportfile_n_lost(struct reportfile *report);

/** Whether a name goes into a report of notable names. Pure. */
bool reportfile_is_notable(enum file_result result, enum reason reason);

#endif
