/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sum is Σ of all present processes, and what is told is by how much its
 * maximum has grown. Why the maximum: a worker leaves the sum when the zygote
 * has waited for it, and in the same moment its bytes are the zygote's. The
 * zygote is read before the workers, so a worker that goes between two readings
 * is missing for one round and never counted twice; the next round has it.
 *
 * The descriptor is kept: it names the process and not the pid, so whoever gets
 * that pid next is not taken for ours, and a reading is one system call. Rights
 * are looked at at each read.
 *
 * What is lost: the last bytes of the scanner or the zygote, between the last
 * reading and their death (the daemon reaps them, and its own figures are not
 * looked at).
 */
#include "read_meter.h"

#include "check.h"
#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { READ_METER_TEXT_SIZE = 512 };

static void read_meter_close(struct read_meter_source *source)
{
	if (source->is_open)
		(void)close(source->fd);
	source->is_open = false;
}

void read_meter_reset(struct read_meter *rm)
{
	for (size_t i = 0; i < GRANT_N_SLOTS; i++)
		read_meter_close(&rm->sources[i]);
	memset(rm, 0, sizeof(*rm));
}

/* The line "read_bytes: N" of an open /proc/PID/io; -ESRCH when it was reaped. */
static int read_meter_read(int fd, uint64_t *n_bytesp)
{
	char text[READ_METER_TEXT_SIZE];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	const char *line;

	if (n < 0)
		return -errno;
	text[n] = '\0';
	line = strstr(text, "\nread_bytes:");
	if (!line ||
		sscanf(line, "\nread_bytes: %" SCNu64, n_bytesp) != 1) /* NOLINT(cert-err34-c) */
		return -EPROTO; /* UNTESTED: the kernel's format is fixed */
	return 0;
}

/* Whether this kernel keeps the figures: if not, a missing file says nothing of a process. */
static bool read_meter_is_kept(void)
{
	return access("/proc/self/io", F_OK) == 0;
}

static int read_meter_open(pid_t pid, int *fdp, uint64_t *n_bytesp)
{
	_cleanup_(cleanup_close) int fd = -1;
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/io", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && read_meter_is_kept() ? -ESRCH : -errno;
	r = read_meter_read(fd, n_bytesp);
	if (r == 0)
		*fdp = take_fd(&fd);
	return r;
}

int read_meter_add(struct read_meter *rm, size_t slot, pid_t pid, bool is_from_birth)
{
	struct read_meter_source *source = &rm->sources[slot];
	uint64_t n_bytes = 0;
	int r;

	PRE(slot < GRANT_N_SLOTS);
	read_meter_remove(rm, slot);
	r = read_meter_open(pid, &source->fd, &n_bytes);
	if (r == -ESRCH)
		return 0;
	if (r < 0) {
		rm->error = r;
		return err_origin(r);
	}
	source->is_open = true;
	source->base = is_from_birth ? 0 : n_bytes;
	return 0;
}

/* Out of the sum, and what was taken of it with it. */
static void read_meter_drop(struct read_meter *rm, struct read_meter_source *source)
{
	rm->taken -= source->n_bytes < rm->taken ? source->n_bytes : rm->taken;
	source->n_bytes = 0;
	read_meter_close(source);
}

static bool read_meter_has_zygote(const struct read_meter *rm)
{
	return rm->sources[GRANT_SLOT_ZYGOTE].is_open;
}

/*
 * The zygote is gone: its workers end with it, and whoever waits for them now is
 * none of ours. What was taken of workers that were removed a moment before it,
 * and were to be found in it, is found nowhere: it must not be left as credit.
 */
static void read_meter_drop_workers(struct read_meter *rm)
{
	for (size_t i = GRANT_SLOT_LANE0; i < GRANT_N_SLOTS; i++)
		read_meter_drop(rm, &rm->sources[i]);
	rm->taken =
		rm->sources[GRANT_SLOT_SCANNER].n_bytes + rm->sources[GRANT_SLOT_REMEDIATE].n_bytes;
}

void read_meter_remove(struct read_meter *rm, size_t slot)
{
	struct read_meter_source *source = &rm->sources[slot];

	PRE(slot < GRANT_N_SLOTS);
	if (slot >= GRANT_SLOT_LANE0 && read_meter_has_zygote(rm)) {
		source->n_bytes = 0;
		read_meter_close(source);
		return;
	}
	read_meter_drop(rm, source);
	if (slot == GRANT_SLOT_ZYGOTE)
		read_meter_drop_workers(rm);
}

static void read_meter_read_one(struct read_meter *rm, size_t slot)
{
	struct read_meter_source *source = &rm->sources[slot];
	uint64_t n_bytes = 0;
	int r = read_meter_read(source->fd, &n_bytes);

	if (r == 0) {
		source->n_bytes = n_bytes > source->base ? n_bytes - source->base : 0;
		return;
	}
	if (r != -ESRCH)
		rm->error = r;
	else if (slot >= GRANT_SLOT_LANE0 && read_meter_has_zygote(rm))
		source->n_bytes = 0; /* they are in the zygote's */
	read_meter_close(source);
}

uint64_t read_meter_take(struct read_meter *rm)
{
	uint64_t sum = 0;
	uint64_t n_new;

	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (rm->sources[i].is_open)
			read_meter_read_one(rm, i);
		sum += rm->sources[i].n_bytes;
	}
	if (sum <= rm->taken)
		return 0;
	n_new = sum - rm->taken;
	rm->taken = sum;
	return n_new;
}
