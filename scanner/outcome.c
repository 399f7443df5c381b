/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A finding is built once by the lane that got the verdict and read by every
 * lane that comes across another name of the inode, hence the count.
 */
#include "outcome.h"

#include <stdlib.h>

struct finding *finding_new(struct span signature, struct span container)
{
	size_t n_signature = signature.n < IPC_NAME_MAX ? signature.n : IPC_NAME_MAX;
	size_t n_container = container.n < IPC_PATH_MAX ? container.n : IPC_PATH_MAX;
	struct finding *finding = calloc(1, sizeof(*finding) + n_signature + n_container);

	if (!finding)
		return NULL;
	atomic_init(&finding->n_refs, 1);
	if (n_signature > 0)
		memcpy(finding->bytes, signature.data, n_signature);
	if (n_container > 0)
		memcpy(finding->bytes + n_signature, container.data, n_container);
	finding->detection.signature = (struct span){.data = finding->bytes, .n = n_signature};
	finding->detection.container =
		(struct span){.data = finding->bytes + n_signature, .n = n_container};
	return finding;
}

struct finding *finding_ref(struct finding *finding)
{
	if (finding)
		(void)atomic_fetch_add_explicit(&finding->n_refs, 1, memory_order_relaxed);
	return finding;
}

void finding_unref(struct finding *finding)
{
	if (finding && atomic_fetch_sub_explicit(&finding->n_refs, 1, memory_order_acq_rel) == 1)
		free(finding);
}
