/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 and SHA-1 of an infected file, from the descriptor that was scanned.
 *
 * Hands (pread, OpenSSL's EVP). Any thread; the caller holds no lock, because
 * it pays for its CPU time between blocks.
 */
#ifndef QS_FILEHASH_H
#define QS_FILEHASH_H

#include "gate.h"

#include <stdint.h>

enum {
	FILEHASH_SHA256_BYTES = 32,
	FILEHASH_SHA1_BYTES = 20,
};

/**
 * Let the library set itself up while files may still be opened for whatever
 * it wants to read. Main thread, before the scanner confines itself.
 *
 * @return 0; -ENOTRECOVERABLE when it has no SHA.
 */
int filehash_prepare(void);

/**
 * Hash the first @size bytes.
 *
 * @fd      Readable, borrowed; its offset is not used.
 * @gate    Passed between blocks.
 * @sha256  Receives 32 bytes. @sha1 Receives 20 bytes. Undefined on failure.
 * @return  0; -ENODATA when the file has fewer bytes; -ECANCELED; -ENOMEM;
 *          other -errno of pread.
 */
int filehash_compute(int fd, uint64_t size, struct gate *gate,
	uint8_t sha256[FILEHASH_SHA256_BYTES], uint8_t sha1[FILEHASH_SHA1_BYTES]);

#endif
