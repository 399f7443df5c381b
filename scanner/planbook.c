/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One write a line, so that a scanner that is killed leaves whole lines. A
 * write that fails (no memory) is ignored: should this scanner be given up,
 * the next one does something twice.
 */
#include "planbook.h"

#include "cleanup.h"
#include "err.h"
#include "ipc.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PLANBOOK_BYTES_MAX = 4 * IPC_PATH_MAX }; /* as a path while it is resolved */

struct planbook_head {
	uint32_t kind;
	uint32_t n_bytes;
	uint64_t number;
};

void planbook_add(int fd, const struct planbook_line *line)
{
	struct planbook_head head = {
		.kind = line->kind, .n_bytes = (uint32_t)line->bytes.n, .number = line->number};
	struct iovec parts[] = {{.iov_base = &head, .iov_len = sizeof(head)},
		{.iov_base = (void *)(uintptr_t)line->bytes.data, .iov_len = line->bytes.n}};

	if (fd >= 0 && line->bytes.n <= PLANBOOK_BYTES_MAX)
		(void)!writev(fd, parts, 2);
}

/* @return 1; 0 at the end or at what is no whole line; -errno. */
static int planbook_next(int fd, off_t *atp, struct planbook_line *line, char *bytes)
{
	struct planbook_head head;
	ssize_t n = pread(fd, &head, sizeof(head), *atp);

	if (n < 0)
		return err_origin(-errno);
	if (n != (ssize_t)sizeof(head) || head.kind == 0 || head.kind >= PLANBOOK_KIND_N ||
		head.n_bytes > PLANBOOK_BYTES_MAX)
		return 0;
	n = pread(fd, bytes, head.n_bytes, *atp + (off_t)sizeof(head));
	if (n < 0)
		return err_origin(-errno);
	if (n != (ssize_t)head.n_bytes)
		return 0;
	*atp += (off_t)sizeof(head) + n;
	*line = (struct planbook_line){.kind = (enum planbook_kind)head.kind,
		.number = head.number,
		.bytes = {.data = bytes, .n = head.n_bytes}};
	return 1;
}

int planbook_read(int fd, int (*on_line)(void *data, const struct planbook_line *line), void *data)
{
	_cleanup_(cleanup_free) char *bytes = fd >= 0 ? malloc(PLANBOOK_BYTES_MAX) : NULL;
	struct planbook_line line;
	off_t at = 0;
	int r;

	if (fd < 0)
		return 0;
	if (!bytes)
		return err_origin(-ENOMEM);
	while ((r = planbook_next(fd, &at, &line, bytes)) > 0) {
		r = on_line(data, &line);
		if (r < 0)
			return r;
	}
	return r;
}
