/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls of quietscan-remediate. Hands.
 */
#ifndef QS_REMEDIATE_FILTER_H
#define QS_REMEDIATE_FILTER_H

/** Load the filter for this thread and its children, for good. 0 or -errno. */
int remediate_filter_load(void);

#endif
