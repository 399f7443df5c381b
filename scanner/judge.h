/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge: from an open file to its outcome, with as many attempts as are
 * fair.
 *
 *   the zygote died, a worker died without a file   again; nobody's fault
 *   SIGKILL from elsewhere                          again, JUDGE_KILLS_MAX in all
 *   another signal or an exit                       again once, then crashed
 *   SIGSYS, broken protocol                         crashed at once
 *   CPU time, standstill                            incomplete at once
 *
 * Hands (through examiner). Owned by one lane thread.
 */
#ifndef QS_JUDGE_H
#define QS_JUDGE_H

#include "examiner.h"
#include "filejob.h"
#include "outbox.h"

enum {
	JUDGE_KILLS_MAX = 3,
	JUDGE_CRASHES_MAX = 2,
	JUDGE_STARTS_MAX = 30, /**< Workers in a row that do not get as far as a file. */
};

struct judge {
	struct examiner *examiner; /**< All borrowed. */
	struct gate *gate;
	struct outbox *outbox;
	/** Called while the worker is busy, once for each attempt; may be NULL. */
	void (*on_busy)(void *data);
	void *data;
	/* state */
	unsigned n_starts; /**< Failed starts in a row. */
	int error;         /**< -errno: no worker can be started, the scan cannot go on. */
};

/**
 * Judge an opened job; job->outcome has the result afterwards.
 *
 * @path   Its name, for notices.
 * @return 0; -errno when no worker can be started (outcome: incomplete).
 */
int judge_file(struct judge *judge, struct filejob *job, struct span path);

/** What a verdict means, without a finding. Pure. */
void judge_translate(const struct ipc_work_verdict *verdict, struct outcome *outcome);

#endif
