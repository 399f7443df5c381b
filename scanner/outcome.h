/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An outcome: what scanning one inode gave. It is separate from names, because
 * it stands for every name the inode has. A finding is what is known of an
 * infected inode, shared by the names that report it.
 *
 * Hands (heap). Findings are counted and never change: any thread.
 */
#ifndef QS_OUTCOME_H
#define QS_OUTCOME_H

#include "ipc.h"

#include <stdatomic.h>

struct finding {
	/* state */
	atomic_uint n_refs;
	struct ipc_scan_detection detection; /**< Without path; its spans point into bytes. */
	char bytes[];                        /**< Signature, then container path. */
};

struct outcome {
	enum file_result result;
	enum reason reason;
	uint64_t size;           /**< Bytes of the file; UINT64_MAX: not known. */
	struct finding *finding; /**< NULL unless infected; the outcome owns a reference. */
};

#define OUTCOME_NULL                                                                               \
	{                                                                                          \
		.result = FILE_RESULT_CLEAN, .reason = REASON_NONE, .size = UINT64_MAX,            \
		.finding = NULL                                                                    \
	}

/**
 * A finding with one reference; the rest of its detection is for the caller to
 * fill in before it shares it.
 *
 * @signature  Copied; cut at IPC_NAME_MAX. @container Copied; cut at
 *             IPC_PATH_MAX.
 * @return     NULL without memory.
 */
struct finding *finding_new(struct span signature, struct span container);
/** One more; returns @finding, which may be NULL. */
struct finding *finding_ref(struct finding *finding);
/** One less; takes NULL. */
void finding_unref(struct finding *finding);

/** Give up what it owns; idempotent. */
static inline void outcome_deinit(struct outcome *outcome)
{
	finding_unref(outcome->finding);
	outcome->finding = NULL;
}

/** A copy with a reference of its own. */
static inline struct outcome outcome_copy(const struct outcome *outcome)
{
	struct outcome copy = *outcome;

	(void)finding_ref(copy.finding);
	return copy;
}

/** Set result and reason. */
static inline void outcome_set(struct outcome *outcome, enum file_result result, enum reason reason)
{
	outcome->result = result;
	outcome->reason = reason;
}

#endif
