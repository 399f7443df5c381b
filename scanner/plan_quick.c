/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a quick scan, and a full scan first, looks at.
 *
 * A file that a process executes is scanned under its own name when the name
 * leads to the same inode here; else (deleted, a memfd, replaced by an update,
 * another mount namespace) through a descriptor that is opened through the
 * link of /proc while the process still runs, and is shown as
 * "/path (deleted) (pid 123)".
 */
#include "plan_quick.h"

#include "apart.h"
#include "cleanup.h"
#include "clock.h"
#include "err.h"
#include "expand.h"
#include "plan_pass.h"
#include "plan_place.h"
#include "planbook.h"
#include "procfiles.h"
#include "quicktarget.h"
#include "resolve.h"
#include "waits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	PLAN_QUICK_USER_DIRS_MAX = 64 * 1024,
	PLAN_QUICK_DAY_S = 24 * 60 * 60,
};

static int plan_quick_on_path(void *data, struct span path)
{
	struct plan *plan = data;
	int r = gate_pass(plan->config.gate);

	return r < 0 ? r : plan_place_target(plan, path, false);
}

/* Whether this pass has it, by what is known without a touch. What lies on a mount that is
 * not ours is looked at first. */
static bool plan_quick_is_ours(struct plan *plan, const struct procfiles_file *file)
{
	struct mounttable_mount *mount = file->is_mapped ? mounttable_by_dev(plan->table, file->dev)
							 : mounttable_of(plan->table, file->text);
	struct mounttable_mount *owner = mount ? apart_owner(plan->table, mount) : NULL;

	if (owner && owner != plan->pass && mountrule_allows(mount->class, plan->config.type))
		plan_pass_ask(plan, owner, NULL);
	return owner == plan->pass;
}

/* The class of the file system a process's file is on, without touching it. */
static enum mountrule_class plan_quick_class_of(
	struct plan *plan, const struct procfiles_file *file)
{
	struct mounttable *theirs = NULL;
	const struct mounttable_mount *mount;
	enum mountrule_class class = MOUNTRULE_LOCAL;

	if (!file->is_mapped) {
		mount = mounttable_of(plan->table, file->text);
		return mount ? mount->class : MOUNTRULE_LOCAL;
	}
	mount = mounttable_by_dev(plan->table, file->dev);
	if (mount)
		return mount->class;
	/* Of another mount namespace, or the kernel's own (memfd): local. */
	if (mounttable_load(file->pid_fd, "mountinfo", &theirs) == 0) {
		mount = mounttable_by_dev(theirs, file->dev);
		if (mount)
			class = mount->class;
		mounttable_free(theirs);
	}
	return class;
}

/* Under its own name, if that is the inode. @return 1 done; 0 not so; -errno. */
static int plan_quick_process_by_name(
	struct plan *plan, const struct procfiles_file *file, const struct inode *inode)
{
	_cleanup_(resolve_deinit) struct resolve resolve = RESOLVE_NULL;
	int r = resolve_path(plan->table, file->text, plan->config.type, &resolve);

	if (r == -ENOMEM)
		return r;
	if (r != 0 || resolve.inode.dev != inode->dev || resolve.inode.ino != inode->ino)
		return 0;
	r = plan_place_target(plan, resolve_span(&resolve), false);
	return r < 0 ? r : 1;
}

static int plan_quick_process_by_link(
	struct plan *plan, const struct procfiles_file *file, int fd, const struct inode *inode)
{
	char display[PATH_MAX + 32];
	int n = snprintf(display, sizeof(display), "%.*s (pid %d)", (int)file->text.n,
		(const char *)file->text.data, (int)file->pid);
	struct walk_single single = {.name = span_str("exe"),
		.path = file->text,
		.display = {.data = display, .n = (size_t)n},
		.inode = inode,
		.is_held = true};
	int r;

	single.place = place_new(fd, file->text);
	if (!single.place)
		return -ENOMEM;
	r = plan_pass_turn(plan, inode->dev);
	if (r == 0)
		r = walk_offer(plan->walk, &single);
	place_unref(single.place);
	return r;
}

/* The same file in many processes is looked at once. */
static int plan_quick_is_seen(struct plan *plan, dev_t dev, ino_t ino)
{
	uint64_t key[2] = {(uint64_t)dev, (uint64_t)ino};
	struct planbook_line line = {
		.kind = PLANBOOK_FILE, .bytes = {.data = key, .n = sizeof(key)}};
	int r = nameset_add(&plan->processes, line.bytes);

	if (r == 0)
		planbook_add(plan->config.book_fd, &line);
	return r;
}

static int plan_quick_on_process_file(void *data, const struct procfiles_file *file)
{
	struct plan *plan = data;
	_cleanup_(cleanup_close) int fd = -1;
	struct inode inode;
	int r = gate_pass(plan->config.gate);

	if (r < 0)
		return r;
	waits_at(file->text);
	if (!plan_quick_is_ours(plan, file))
		return 0;
	/* Not as seen: another process may have a link to it. */
	if (!file->link)
		return plan_place_target(plan, file->text, false);
	if (file->is_mapped) {
		r = plan_quick_is_seen(plan, file->dev, file->ino);
		if (r == NAMESET_E_THERE || r == -ENOMEM)
			return r < 0 ? r : 0;
	}
	if (!mountrule_allows(plan_quick_class_of(plan, file), plan->config.type))
		return 0;
	/* Follows the link of /proc and holds the inode, even if the process ends. */
	fd = openat(file->pid_fd, file->link, O_PATH | O_CLOEXEC);
	if (fd < 0 || inode_of(fd, "", &inode) < 0 || !S_ISREG(inode.mode))
		return 0;
	if (!file->is_mapped) {
		r = plan_quick_is_seen(plan, inode.dev, inode.ino);
		if (r == NAMESET_E_THERE || r == -ENOMEM)
			return r < 0 ? r : 0;
	}
	r = plan_quick_process_by_name(plan, file, &inode);
	if (r != 0)
		return r < 0 ? r : 0;
	return plan_quick_process_by_link(plan, file, take_fd(&fd), &inode);
}

static int plan_quick_recent_name(
	struct plan *plan, struct place *place, struct span name, int64_t since_ns)
{
	char path[PATH_MAX + NAME_MAX + 2];
	size_t n = place_path_of(place, name, path, sizeof(path));
	struct inode inode;
	struct walk_single single = {
		.place = place, .name = name, .path = {.data = path, .n = n}, .inode = &inode};
	int r;

	waits_at(single.path);
	if (mounttable_at(plan->table, single.path) || inode_of(place->fd, name.data, &inode) < 0)
		return 0;
	if (!S_ISREG(inode.mode) || (inode.mtime_ns < since_ns && inode.ctime_ns < since_ns))
		return 0;
	r = plan_place_claim(plan, inode.dev, single.path);
	if (r != 0)
		return r < 0 ? r : 0;
	return walk_offer(plan->walk, &single);
}

static int plan_quick_recent_names(struct plan *plan, struct place *place)
{
	_cleanup_(cleanup_free) struct listing *listing = malloc(sizeof(*listing));
	int64_t since_ns =
		(clock_unix_ms() / 1000 - (int64_t)plan->config.recent_days * PLAN_QUICK_DAY_S) *
		INT64_C(1000000000);
	struct listing_entry entry;
	int r = 0;

	if (!listing)
		return -ENOMEM;
	while (r == 0 && listing_read(listing, place->fd, LISTING_BUFFER) > 0) {
		while (r == 0 && listing_next(listing, &entry)) {
			r = gate_pass(plan->config.gate);
			if (r == 0 && (entry.type == DT_REG || entry.type == DT_UNKNOWN))
				r = plan_quick_recent_name(plan, place, entry.name, since_ns);
		}
	}
	return r;
}

/* A PATH folder. */
static int plan_quick_on_folder(void *data, struct span path)
{
	struct plan *plan = data;
	_cleanup_(resolve_deinit) struct resolve resolve = RESOLVE_NULL;
	struct place *place;
	int fd;
	int r = plan_pass_resolve(plan, path, &resolve);

	if (r != 0 || !resolve.mount || !S_ISDIR(resolve.inode.mode))
		return r == -ENOMEM ? r : 0;
	r = cover_has(&plan->cover, resolve.mount, resolve_span(&resolve));
	if (r != 0)
		return r < 0 ? r : 0;
	fd = trail_open_directory(resolve.fd, ".");
	if (fd < 0)
		return 0;
	place = place_new(fd, resolve_span(&resolve));
	if (!place)
		return -ENOMEM;
	r = plan_quick_recent_names(plan, place);
	place_unref(place);
	return r;
}

/* The download folder a user chose, if it has another name. */
static int plan_quick_download(struct plan *plan, const char *home)
{
	_cleanup_(resolve_deinit) struct resolve resolve = RESOLVE_NULL;
	_cleanup_(cleanup_free) char *text = malloc(PLAN_QUICK_USER_DIRS_MAX);
	_cleanup_(cleanup_close) int fd = -1;
	char path[PATH_MAX];
	ssize_t n;
	size_t n_path;

	if (!text)
		return -ENOMEM;
	n = snprintf(path, sizeof(path), "%s/%s", home, quicktarget_user_dirs);
	if (n >= (ssize_t)sizeof(path) || plan_pass_resolve(plan, span_str(path), &resolve) != 0)
		return 0;
	if (!S_ISREG(resolve.inode.mode))
		return 0;
	fd = opener_reopen(plan->config.opener, resolve.fd);
	n = fd < 0 ? -1 : pread(fd, text, PLAN_QUICK_USER_DIRS_MAX, 0);
	if (n <= 0)
		return 0;
	n_path = home_download(
		(struct span){.data = text, .n = (size_t)n}, span_str(home), path, sizeof(path));
	return n_path > 0 ? plan_quick_on_path(plan, (struct span){.data = path, .n = n_path}) : 0;
}

static void plan_quick_on_apart(void *data, struct mounttable_mount *head)
{
	plan_pass_ask(data, head, NULL);
}

int plan_quick_run(struct plan *plan)
{
	struct expand expand = {.table = plan->table,
		.homes = plan->config.homes,
		.type = plan->config.type,
		.on_path = plan_quick_on_path,
		.pass = plan->pass,
		.on_apart = plan_quick_on_apart,
		.data = plan};
	int r = procfiles_each(plan_quick_on_process_file, plan);

	/* Without /proc the rest is still there. */
	if (r < 0 && r != -ECANCELED && r != -ENOMEM)
		r = 0;
	for (size_t i = 0; i < quicktarget_n_patterns && r == 0; i++)
		r = expand_pattern(&expand, quicktarget_patterns[i]);
	for (size_t i = 0; i < plan->config.homes->n && r == 0; i++)
		r = plan_quick_download(plan, plan->config.homes->paths[i]);
	expand.on_path = plan_quick_on_folder;
	for (size_t i = 0; i < quicktarget_n_folders && r == 0; i++)
		r = expand_pattern(&expand, quicktarget_folders[i]);
	return r;
}
