/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * read(2) and write(2) until all is done: signals and short counts are no answers.
 *
 * Hands. For descriptors that block.
 */
#ifndef QS_FULL_IO_H
#define QS_FULL_IO_H

#include <stddef.h>

/**
 * Read up to @n bytes from where the descriptor is.
 *
 * @n_readp  Set when 0 is returned; below @n at the end of the file.
 * @return   0; -errno of read(2).
 */
int full_read(int fd, void *bytes, size_t n, size_t *n_readp);

/**
 * Write all of it to where the descriptor is.
 *
 * @return  0; -EIO when nothing more is taken; -errno of write(2). Some of it may
 *          have been written then.
 */
int full_write(int fd, const void *bytes, size_t n);

#endif
