/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories on their way out: removed in the pool, with nobody waiting.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_WASTE_H
#define QS_WASTE_H

#include <uv.h>

/** Remove a directory of temp_dir.h in the background; @path is copied. */
void waste_drop(uv_loop_t *loop, const char *path);

#endif
