/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libclamav does not tell about its reads. A parser that cannot read on
 * gives up, and libclamav calls the file clean (an EIO injected into a zip with
 * EICAR in it: "OK"). This module therefore replaces read, pread, pread64,
 * readv and preadv for the whole program, and notes each error and each read
 * that gave less than the file has.
 *
 * Hands; one thread (the state is global, as the functions it replaces are).
 * The replaced functions do what the originals do.
 */
#ifndef QS_READ_GUARD_H
#define QS_READ_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Begin to watch. Reads of every descriptor are watched: a temporary file that
 * cannot be read back hides what is in it as well.
 *
 * @fd    The scanned file; a read below @size is short even if the file has
 *        been cut in the meantime.
 * @size  Its size when it was opened.
 */
void read_guard_begin(int fd, uint64_t size);

/**
 * End to watch.
 *
 * @return 0 when all reads were whole; else -errno of the first that was not
 *         (-EPERM takes precedence: another antivirus denies the read);
 *         -ENODATA for a short one.
 */
int read_guard_end(void);

/**
 * Is there a byte at @size? An error is no answer to that: false.
 *
 * @fd  The scanned file.
 */
bool read_guard_has_more(int fd, uint64_t size);

#endif
