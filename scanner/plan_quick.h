/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part quick and full scans begin with: processes, quick targets, PATH
 * folders.
 *
 * Hands. The walker's thread.
 */
#ifndef QS_PLAN_QUICK_H
#define QS_PLAN_QUICK_H

#include "plan.h"

/** Run it. @return 0; -ECANCELED; -ENOMEM; other -errno of this process. */
int plan_quick_run(struct plan *plan);

#endif
