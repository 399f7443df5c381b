/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    dropped → removed in the pool → freed.
 * Failure modes: what cannot be removed is logged, and swept at the next start.
 * On close:      the work owns its memory; nobody has to wait.
 */
#include "waste.h"

#include "log.h"
#include "temp_dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct waste {
	uv_work_t work;
	char path[];
};

static void waste_work(uv_work_t *work)
{
	struct waste *waste = work->data;
	int r = temp_dir_remove(waste->path);

	if (r < 0 && r != -ENOENT)
		log_warn("waste", "remove %s: %s", waste->path, err_text(r));
}

static void waste_done(uv_work_t *work, int status)
{
	(void)status;
	free(work->data);
}

void waste_drop(uv_loop_t *loop, const char *path)
{
	size_t n = strlen(path) + 1;
	struct waste *waste = malloc(sizeof(*waste) + n);

	if (!waste)
		return;
	waste->work.data = waste;
	memcpy(waste->path, path, n);
	if (uv_queue_work(loop, &waste->work, waste_work, waste_done) < 0)
		free(waste);
}
