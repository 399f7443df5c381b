/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every fuzz target includes: the prototype of the one function libFuzzer
 * calls.
 */
#ifndef QS_FUZZ_H
#define QS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/**
 * Try one input; abort() when a property does not hold.
 *
 * @data   n bytes, borrowed; reading outside of them is what ASan looks for.
 * @return 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
