/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One loop over the trail instead of recursion: a tree may be deeper than a
 * stack. In each round the top directory either gives its next subdirectory,
 * or reads its next batch, or is left.
 *
 * A subdirectory is opened first and asked afterwards (mount id, inode), so
 * that what is checked is what is read. The type that getdents reports for a
 * mount point is that of the directory underneath; the table is asked first
 * and the mount is not touched.
 */
#include "walk.h"

#include "err.h"
#include "waits.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* btrfs gives the root of every subvolume this number. */
enum { WALK_BTRFS_SUBVOLUME_INO = 256 };

struct walk *walk_new(const struct walk_config *config)
{
	struct walk *walk = calloc(1, sizeof(*walk));

	if (walk)
		walk->config = *config;
	return walk;
}

void walk_free(struct walk *walk)
{
	if (!walk)
		return;
	trail_deinit(&walk->trail);
	free(walk);
}

static void walk_settle(
	struct walk *walk, struct span path, enum file_result result, enum reason reason)
{
	if (path.n > IPC_PATH_MAX)
		path.n = IPC_PATH_MAX;
	ledger_settle_unscanned(walk->config.ledger, path, result, reason);
}

/* A directory that cannot be read: a result of its own and a notice. */
static void walk_unlistable(struct walk *walk, struct span path, int error)
{
	walk_settle(walk, path, FILE_RESULT_INCOMPLETE, REASON_UNLISTABLE);
	outbox_notice(&walk->config.ledger->outbox, IPC_NOTICE_UNLISTABLE, path, err_text(error));
}

/* Nothing forbids to open it; what it is decides. */
static int walk_put(struct walk *walk, const struct walk_single *single)
{
	struct entry_config config = {.place = single->place,
		.name = single->name,
		.display = single->display,
		.dev = single->inode->dev,
		.ino = single->inode->ino,
		.size = single->inode->size,
		.is_held = single->is_held,
		.is_apart = walk->is_apart};
	struct entry *entry;

	if (!S_ISREG(single->inode->mode)) {
		walk_settle(walk, single->display.n > 0 ? single->display : single->path,
			FILE_RESULT_SKIPPED,
			S_ISLNK(single->inode->mode) ? REASON_SYMLINK : REASON_SPECIAL);
		return 0;
	}
	entry = entry_new(&config);
	if (!entry)
		return -ENOMEM;
	tally_found(&walk->config.ledger->tally);
	return filequeue_push(walk->config.queue, entry);
}

int walk_offer(struct walk *walk, const struct walk_single *single)
{
	enum reason reason = pathrule_of_file(walk->config.rules, single->path);

	if (reason == REASON_NONE)
		return walk_put(walk, single);
	walk_settle(walk, single->display.n > 0 ? single->display : single->path,
		FILE_RESULT_SKIPPED, reason);
	return 0;
}

/* A name that is a regular file, or may be anything; @reason forbids it. */
static int walk_ask(struct walk *walk, struct span name, struct span path, enum reason reason)
{
	struct trail_frame *top = trail_top(&walk->trail);
	struct walk_single single = {.place = top->place, .name = name, .path = path};
	struct inode inode;
	int r;

	waits_at(path);
	r = inode_of(top->place->fd, name.data, &inode);
	if (r == 0 && S_ISDIR(inode.mode))
		return trail_add_name(&walk->trail, name);
	if (reason != REASON_NONE) {
		walk_settle(walk, path, FILE_RESULT_SKIPPED, reason);
		return 0;
	}
	if (r == -ENOENT)
		walk_settle(walk, path, FILE_RESULT_CHANGED, REASON_VANISHED);
	else if (r < 0)
		walk_settle(walk, path, FILE_RESULT_INCOMPLETE, REASON_UNREADABLE);
	single.inode = &inode;
	return r < 0 ? 0 : walk_put(walk, &single);
}

static int walk_meet_mount(struct walk *walk, struct mounttable_mount *mount)
{
	return walk->config.on_mount(walk->config.data, mount);
}

static int walk_name(struct walk *walk, const struct listing_entry *entry)
{
	struct trail_frame *top = trail_top(&walk->trail);
	struct span path = trail_path_of(&walk->trail, entry->name);
	enum reason reason = top->reason;

	if (path.n == 0)
		return -ENOMEM;
	/* No system call takes it. */
	if (entry->name.n > INODE_NAME_MAX) {
		walk_settle(walk, path, FILE_RESULT_INCOMPLETE, REASON_UNREADABLE);
		return 0;
	}
	if (entry->type == DT_DIR)
		return trail_add_name(&walk->trail, entry->name);
	if (top->has_mounts) {
		struct mounttable_mount *mount = mounttable_at(walk->config.table, path);

		if (mount)
			return walk_meet_mount(walk, mount);
	}
	if (nameset_has(walk->config.judged, path))
		return 0;
	if (reason == REASON_NONE)
		reason = pathrule_of_file(walk->config.rules, path);
	/* A name without its type is asked even if it is excluded: it may be a
	 * directory with names of its own. */
	if (entry->type == DT_UNKNOWN || (entry->type == DT_REG && reason == REASON_NONE))
		return walk_ask(walk, entry->name, path, reason);
	if (reason == REASON_NONE)
		reason = entry->type == DT_LNK ? REASON_SYMLINK : REASON_SPECIAL;
	walk_settle(walk, path, FILE_RESULT_SKIPPED, reason);
	return 0;
}

static int walk_batch(struct walk *walk)
{
	struct trail *trail = &walk->trail;
	struct listing_entry entry;
	size_t n_max = trail->n_names > TRAIL_NAMES_PLENTY ? LISTING_SMALL : LISTING_BUFFER;
	int r = listing_read(&walk->listing, trail_top(trail)->place->fd, n_max);

	if (r <= 0) {
		trail_top(trail)->is_end = true;
		if (r < 0)
			walk_unlistable(walk, trail_path(trail), r);
		return 0;
	}
	while (listing_next(&walk->listing, &entry)) {
		r = gate_pass(walk->config.gate);
		if (r == 0)
			r = walk_name(walk, &entry);
		if (r < 0)
			return r;
	}
	trail_top(trail)->cookie = walk->listing.cookie;
	return 0;
}

/* Whether the opened directory is what the walk may enter. */
static bool walk_is_ours(struct walk *walk, const struct inode *inode, struct span path)
{
	static const char snapshots[] = "/.snapshots";
	size_t n = sizeof(snapshots) - 1;

	if (inode->has_mount_id && inode->mount_id != (uint64_t)walk->mount->id) {
		outbox_notice(&walk->config.ledger->outbox, IPC_NOTICE_MOUNT_SKIPPED, path,
			"mounted while the scan ran");
		return false;
	}
	if (inode->ino != WALK_BTRFS_SUBVOLUME_INO || path.n < n ||
		memcmp((const char *)path.data + path.n - n, snapshots, n) != 0 ||
		!span_equal(walk->mount->type, span_str("btrfs")))
		return true;
	outbox_notice(&walk->config.ledger->outbox, IPC_NOTICE_MOUNT_SKIPPED, path,
		"snapshots of a file system that is scanned");
	return false;
}

/* Open a subdirectory and go down. */
static int walk_descend(struct walk *walk, const char *name, struct span path, enum reason reason)
{
	struct trail_frame *frame;
	struct inode inode;
	int fd;
	int r;

	waits_at(path);
	fd = trail_open_directory(trail_top(&walk->trail)->place->fd, name);
	if (fd == -ENOENT)
		return 0; /* a directory that went away had no name of its own */
	if (fd == -ENOTDIR || fd == -ELOOP) {
		walk_settle(walk, path, FILE_RESULT_CHANGED, REASON_REPLACED);
		return 0;
	}
	r = fd < 0 ? fd : inode_of(fd, "", &inode);
	if (r < 0) {
		if (fd >= 0)
			(void)close(fd);
		walk_unlistable(walk, path, r);
		return 0;
	}
	if (!walk_is_ours(walk, &inode, path)) {
		(void)close(fd);
		walk_settle(walk, path, FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
		return 0;
	}
	r = trail_push(&walk->trail, fd, span_str(name), &inode);
	if (r < 0)
		return r;
	(void)atomic_fetch_add(&walk->config.ledger->tally.n_directories, 1);
	frame = trail_top(&walk->trail);
	frame->reason = reason;
	if (frame->has_mounts)
		frame->has_mounts =
			mounttable_has_below(walk->config.table, trail_path(&walk->trail));
	if (frame->has_stops)
		frame->has_stops = cover_stops_below(walk->stops, trail_path(&walk->trail));
	return 0;
}

static int walk_enter(struct walk *walk, const char *name)
{
	struct trail_frame *top = trail_top(&walk->trail);
	struct span path = trail_path_of(&walk->trail, span_str(name));
	enum reason reason = top->reason;

	if (path.n == 0)
		return -ENOMEM;
	if (top->has_stops && cover_stops_at(walk->stops, path))
		return 0;
	if (top->has_mounts) {
		struct mounttable_mount *mount = mounttable_at(walk->config.table, path);

		if (mount)
			return walk_meet_mount(walk, mount);
	}
	if (reason == REASON_NONE)
		reason = pathrule_of_directory(walk->config.rules, path);
	return walk_descend(walk, name, path, reason);
}

static int walk_step(struct walk *walk)
{
	struct trail *trail = &walk->trail;
	const char *name;
	int r;

	waits_at(trail_path(trail));
	name = trail_next_name(trail);
	if (!name && trail_top(trail)->is_end) {
		trail_pop(trail);
		return 0;
	}
	r = trail_open_top(trail);
	if (r == TRAIL_E_LOST) {
		/* Moved away and not found again: what is left in it is not seen. */
		walk_unlistable(walk, trail_path(trail), -ENOENT);
		trail_pop(trail);
		return 0;
	}
	if (r < 0)
		return r;
	r = gate_pass(walk->config.gate);
	if (r < 0)
		return r;
	return name ? walk_enter(walk, name) : walk_batch(walk);
}

int walk_tree(struct walk *walk, int fd, struct span path, const struct mounttable_mount *mount,
	const struct cover_stops *stops)
{
	struct trail_frame *root;
	struct inode inode;
	int r = inode_of(fd, "", &inode);

	if (r < 0) {
		(void)close(fd);
		walk_unlistable(walk, path, r);
		return 0;
	}
	walk->mount = mount;
	walk->stops = stops;
	r = trail_push(&walk->trail, fd, path, &inode);
	if (r == 0) {
		(void)atomic_fetch_add(&walk->config.ledger->tally.n_directories, 1);
		root = trail_top(&walk->trail);
		root->reason = pathrule_of_directory(walk->config.rules, path);
		root->has_mounts = mounttable_has_below(walk->config.table, path);
		root->has_stops = stops->n > 0;
	}
	while (r == 0 && walk->trail.depth > 0)
		r = walk_step(walk);
	trail_deinit(&walk->trail);
	return r;
}
