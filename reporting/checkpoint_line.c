/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line's own text is what is signed, up to where the signature begins: no
 * field can be forgotten, and no second serialisation can differ from the
 * first.
 *
 * The key is static. An evolving key (as in Schneier and Kelsey's logs, or
 * journald's sealing) would also protect the checkpoints made before a
 * break-in, but only for a verifier that keeps the first key on another
 * machine; the verification on the machine itself, which this serves first,
 * could not be done with it. docs/action-log.md says what follows from that.
 */
#include "checkpoint_line.h"

#include "check.h"
#include "cleanup.h"
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CHECKPOINT_LINE_MACHINE_ID = 40,
	CHECKPOINT_LINE_HEX = 2 * DIGEST_BYTES,
	CHECKPOINT_LINE_END = CHECKPOINT_LINE_HEX + 2, /* hex, quote, brace */
	CHECKPOINT_LINE_ISO = 28,                      /* clock_iso()'s length */
};

static const char checkpoint_line_head[] =
	"{\"format\":\"quietscan-checkpoints\",\"formatVersion\":1,\"machineId\":\"";
static const char checkpoint_line_tag[] = "quietscan-checkpoint-1";
static const char checkpoint_line_key_tag[] = "quietscan-key-id-1";
static const char checkpoint_line_mac_field[] = ",\"hmac\":\"";

size_t checkpoint_line_write_head(
	const char *machine_id, const struct checkpoint_key *key, char text[CHECKPOINT_LINE_SIZE])
{
	return (size_t)snprintf(text, CHECKPOINT_LINE_SIZE, "%s%s\",\"keyId\":\"%s\"}\n",
		checkpoint_line_head, machine_id, key->id);
}

static int checkpoint_line_mac(struct span signed_text, const char *machine_id,
	const struct checkpoint_key *key, uint8_t mac[DIGEST_BYTES])
{
	char data[CHECKPOINT_LINE_SIZE * 2];
	size_t n_tag = sizeof(checkpoint_line_tag);
	size_t n_id = strlen(machine_id) + 1;

	PRE(n_tag + n_id + signed_text.n <= sizeof(data));
	memcpy(data, checkpoint_line_tag, n_tag);
	memcpy(data + n_tag, machine_id, n_id);
	memcpy(data + n_tag + n_id, signed_text.data, signed_text.n);
	return digest_hmac(key->bytes, sizeof(key->bytes),
		(struct span){.data = data, .n = n_tag + n_id + signed_text.n}, mac);
}

int checkpoint_line_write(struct checkpoint_line *line, const char *machine_id,
	const struct checkpoint_key *key, char text[CHECKPOINT_LINE_SIZE], size_t *n_textp)
{
	char hash[DIGEST_HEX_SIZE];
	char previous[DIGEST_HEX_SIZE];
	char mac[DIGEST_HEX_SIZE];
	char time[CLOCK_ISO_SIZE];
	int n;
	int r;

	digest_hex(line->hash, DIGEST_BYTES, hash);
	digest_hex(line->previous, DIGEST_BYTES, previous);
	clock_iso(line->time_unix_ms, time);
	n = snprintf(text, CHECKPOINT_LINE_SIZE,
		"{\"sequence\":%" PRIu64 ",\"hash\":\"%s\",\"time\":\"%s\",\"previous\":\"%s\"",
		line->sequence, hash, time, previous);
	r = checkpoint_line_mac(
		(struct span){.data = text, .n = (size_t)n}, machine_id, key, line->mac);
	if (r < 0)
		return r;
	digest_hex(line->mac, DIGEST_BYTES, mac);
	n += snprintf(text + n, CHECKPOINT_LINE_SIZE - (size_t)n, "%s%s\"}\n",
		checkpoint_line_mac_field, mac);
	*n_textp = (size_t)n;
	return 0;
}

/* Fixed text, then so many characters that are given back; false = not there. */
static bool checkpoint_line_take(
	struct span *rest, const char *literal, size_t n_value, const char **valuep)
{
	size_t n = strlen(literal);

	if (rest->n < n + n_value || memcmp(rest->data, literal, n) != 0)
		return false;
	*valuep = (const char *)rest->data + n;
	rest->data = *valuep + n_value;
	rest->n -= n + n_value;
	return true;
}

static bool checkpoint_line_read_head(struct span rest, struct checkpoint_line *line)
{
	const char *machine_id;
	const char *key_id;
	const char *end;

	if (!checkpoint_line_take(
		    &rest, checkpoint_line_head, CHECKPOINT_LINE_MACHINE_ID, &machine_id) ||
		!checkpoint_line_take(
			&rest, "\",\"keyId\":\"", CHECKPOINT_KEY_ID_SIZE - 1, &key_id) ||
		!checkpoint_line_take(&rest, "\"}", 0, &end) || rest.n != 0)
		return false;
	memcpy(line->key_id, key_id, CHECKPOINT_KEY_ID_SIZE - 1);
	return true;
}

static bool checkpoint_line_read_sequence(struct span *rest, uint64_t *sequencep)
{
	const char *text;
	uint64_t value = 0;
	size_t i = 0;

	if (!checkpoint_line_take(rest, "{\"sequence\":", 0, &text))
		return false;
	for (; i < rest->n && i < 19 && text[i] >= '0' && text[i] <= '9'; i++)
		value = 10 * value + (uint64_t)(text[i] - '0');
	rest->data = text + i;
	rest->n -= i;
	*sequencep = value;
	return i > 0 && value <= INT64_MAX;
}

static bool checkpoint_line_read_checkpoint(struct span rest, struct checkpoint_line *line)
{
	const char *hash;
	const char *time;
	const char *previous;
	const char *mac;
	const char *end;

	return checkpoint_line_read_sequence(&rest, &line->sequence) &&
	       checkpoint_line_take(&rest, ",\"hash\":\"", CHECKPOINT_LINE_HEX, &hash) &&
	       checkpoint_line_take(&rest, "\",\"time\":\"", CHECKPOINT_LINE_ISO, &time) &&
	       checkpoint_line_take(&rest, "\",\"previous\":\"", CHECKPOINT_LINE_HEX, &previous) &&
	       checkpoint_line_take(&rest, "\",\"hmac\":\"", CHECKPOINT_LINE_HEX, &mac) &&
	       checkpoint_line_take(&rest, "\"}", 0, &end) && rest.n == 0 &&
	       digest_unhex(hash, DIGEST_BYTES, line->hash) == 0 &&
	       digest_unhex(previous, DIGEST_BYTES, line->previous) == 0 &&
	       digest_unhex(mac, DIGEST_BYTES, line->mac) == 0;
}

void checkpoint_line_read(struct span text, struct checkpoint_line *linep)
{
	*linep = (struct checkpoint_line){.kind = CHECKPOINT_LINE_FOREIGN};
	if (text.n >= CHECKPOINT_LINE_SIZE)
		return;
	if (checkpoint_line_read_head(text, linep))
		linep->kind = CHECKPOINT_LINE_HEAD;
	else if (checkpoint_line_read_checkpoint(text, linep))
		linep->kind = CHECKPOINT_LINE_CHECKPOINT;
}

int checkpoint_line_is_genuine(struct span text, const struct checkpoint_line *line,
	const char *machine_id, const struct checkpoint_key *key)
{
	uint8_t mac[DIGEST_BYTES];
	size_t n_end = strlen(checkpoint_line_mac_field) + CHECKPOINT_LINE_END;
	int r;

	PRE(line->kind == CHECKPOINT_LINE_CHECKPOINT && text.n > n_end);
	text.n -= n_end;
	r = checkpoint_line_mac(text, machine_id, key, mac);
	return r < 0 ? r : digest_equal(mac, line->mac);
}

static int checkpoint_key_name(struct checkpoint_key *key)
{
	const struct span parts[] = {
		{.data = checkpoint_line_key_tag, .n = sizeof(checkpoint_line_key_tag)},
		{.data = key->bytes, .n = sizeof(key->bytes)},
	};
	uint8_t hash[DIGEST_BYTES];
	int r = digest_sha256(parts, 2, hash);

	if (r == 0)
		digest_hex(hash, (CHECKPOINT_KEY_ID_SIZE - 1) / 2, key->id);
	return r;
}

static int checkpoint_key_fail(struct errmsg *msg, const char *path, const char *what, int r)
{
	errmsg_set(msg, "checkpoint key %s: %s: %s", path, what, err_text(r));
	return err_origin(r);
}

int checkpoint_key_load(const char *path, struct checkpoint_key *key, struct errmsg *msg)
{
	_cleanup_(cleanup_close) int fd =
		open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[2 * CHECKPOINT_KEY_BYTES + 2];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return checkpoint_key_fail(msg, path, "open", -errno);
	if (fstat(fd, &st) < 0)
		return checkpoint_key_fail(msg, path, "stat", -errno);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
		errmsg_set(msg, "checkpoint key %s: others than its owner have access", path);
		return err_origin(-EPERM);
	}
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return checkpoint_key_fail(msg, path, "read", -errno);
	if (n != 2 * CHECKPOINT_KEY_BYTES + 1 || text[n - 1] != '\n' ||
		digest_unhex(text, CHECKPOINT_KEY_BYTES, key->bytes) < 0) {
		errmsg_set(msg, "checkpoint key %s: not 64 hex digits and a newline", path);
		return err_origin(-EINVAL);
	}
	return checkpoint_key_name(key);
}

static int checkpoint_key_write(int fd, const struct checkpoint_key *key)
{
	char text[2 * CHECKPOINT_KEY_BYTES + 2];
	ssize_t n;

	digest_hex(key->bytes, sizeof(key->bytes), text);
	text[sizeof(text) - 2] = '\n';
	n = write(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	if ((size_t)n != sizeof(text) - 1)
		return -ENOSPC;
	return fsync(fd) < 0 ? -errno : 0;
}

static int checkpoint_key_flush_dir(const char *path)
{
	_cleanup_(cleanup_free) char *dir = strdup(path);
	_cleanup_(cleanup_close) int fd = -1;
	char *slash = dir ? strrchr(dir, '/') : NULL;

	if (!dir)
		return -ENOMEM;
	if (slash)
		slash[slash == dir ? 1 : 0] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

int checkpoint_key_make(const char *path, struct checkpoint_key *key, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *temporary = NULL;
	_cleanup_(cleanup_close) int fd = -1;
	int r;

	if (asprintf(&temporary, "%s.new", path) < 0) {
		temporary = NULL;
		return err_origin(-ENOMEM);
	}
	digest_random(key->bytes, sizeof(key->bytes));
	r = checkpoint_key_name(key);
	if (r < 0)
		return r;
	(void)unlink(temporary); /* Left by a crash in here. */
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return checkpoint_key_fail(msg, path, "make", -errno);
	r = checkpoint_key_write(fd, key);
	if (r == 0 && renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlink(temporary);
		return checkpoint_key_fail(msg, path, "make", r);
	}
	r = checkpoint_key_flush_dir(path);
	return r < 0 ? checkpoint_key_fail(msg, path, "flush its directory", r) : 0;
}
