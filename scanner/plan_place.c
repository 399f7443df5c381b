/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One place of the plan: a target's path or a mount's point becomes a walk or
 * a single name. A tree is entered into the cover when its walk begins and
 * after its own stops were found, so that a later overlapping target turns
 * back at it and it does not turn back at itself.
 *
 * A path an operator gave and that is not there has no file, but it is a name
 * that was asked for and not scanned, so it gets its result (changed,
 * vanished) and the scan is not complete. One that is there and is left out as
 * a whole (/proc, a device, an excluded folder) is told as well: whoever asked
 * for it must not be told that everything was scanned.
 */
#include "plan_place.h"

#include "apart.h"
#include "cleanup.h"
#include "err.h"
#include "plan_pass.h"
#include "planbook.h"
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void plan_place_settle(
	struct plan *plan, struct span path, enum file_result result, enum reason reason)
{
	ledger_settle_unscanned(plan->config.ledger, path, result, reason);
}

/* A mount that is left out, told once. */
static void plan_place_leave_out(struct plan *plan, struct mounttable_mount *mount, const char *why)
{
	char text[IPC_TEXT_MAX];

	if (mount->is_told)
		return;
	mount->is_told = true;
	planbook_add(plan->config.book_fd,
		&(struct planbook_line){.kind = PLANBOOK_TOLD, .bytes = mount->point});
	(void)snprintf(text, sizeof(text), "%.*s%s", (int)mount->type.n,
		(const char *)mount->type.data, why);
	plan_place_settle(plan, mount->point, FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	outbox_notice(&plan->config.ledger->outbox, IPC_NOTICE_MOUNT_SKIPPED, mount->point, text);
}

static void plan_place_tell(const struct plan *plan, struct span path, const char *why)
{
	if (why)
		outbox_notice(&plan->config.ledger->outbox, IPC_NOTICE_TARGET_LEFT_OUT, path, why);
}

void plan_place_give_up(struct plan *plan, struct mounttable_mount *mount, const char *why)
{
	if (mount->is_told)
		return;
	plan_place_leave_out(plan, mount, why);
	plan_place_tell(plan, mount->point, "left out: a mount that may hang");
}

void plan_place_lost(struct plan *plan, struct span point)
{
	plan_place_settle(plan, point, FILE_RESULT_SKIPPED, REASON_FILESYSTEM);
	plan_place_tell(plan, point, "gone while the scan ran");
}

/*
 * What is mounted below a file system of the kernel's, as /dev/shm is below
 * /dev: the walk does not come to it, and it may hold anything. A full scan
 * comes to every mount by itself.
 */
static int plan_below(struct plan *plan, const struct mounttable_mount *mount, struct span path)
{
	int r = 0;

	if (mount->class != MOUNTRULE_PSEUDO || plan->config.type == SCAN_TYPE_FULL)
		return 0;
	for (size_t i = 0; i < plan->table->n_by_point && r == 0; i++) {
		struct mounttable_mount *other = &plan->table->mounts[plan->table->by_point[i]];

		if (other != mount && mountrule_allows(other->class, plan->config.type) &&
			mounttable_is_below(other->point, path))
			r = plan_place_on_mount(plan, other);
	}
	return r;
}

/* Whether a walk of @mount comes to the point of the other one: nothing lies between. */
static bool plan_place_is_next(const struct plan *plan, const struct mounttable_mount *mount,
	const struct mounttable_mount *other)
{
	struct span above = other->point;
	const char *slash = memrchr(above.data, '/', above.n);

	above.n = slash > (const char *)above.data ? (size_t)(slash - (const char *)above.data) : 1;
	return other != mount && mounttable_of(plan->table, above) == mount;
}

/*
 * A tree that was walked under another name is not walked again, but what is
 * mounted in it here is no part of it there. What such a walk would meet.
 */
static int plan_place_meet(
	struct plan *plan, const struct mounttable_mount *mount, struct span path)
{
	int r = 0;

	for (size_t i = 0; i < plan->table->n_by_point && r == 0; i++) {
		struct mounttable_mount *other = &plan->table->mounts[plan->table->by_point[i]];

		if (other->point.n > path.n && mounttable_is_below(other->point, path) &&
			plan_place_is_next(plan, mount, other))
			r = plan_place_on_mount(plan, other);
	}
	return r;
}

/* In the cover and in the book. */
static int plan_place_note(struct plan *plan, enum planbook_kind kind,
	const struct mounttable_mount *mount, struct span path,
	int (*add)(struct cover *cover, dev_t dev, struct span inner))
{
	struct planbook_line line = {.kind = kind, .number = mount->dev};
	int r = cover_inner(mount, path, &line.bytes);

	if (r < 0)
		return r;
	r = add(&plan->cover, mount->dev, line.bytes);
	if (r == 0)
		planbook_add(plan->config.book_fd, &line);
	free((void *)(uintptr_t)line.bytes.data);
	return r;
}

/* The tree is about to be walked. What was walked before is no hole of it. */
static int plan_place_cover(
	struct plan *plan, const struct mounttable_mount *mount, struct span path)
{
	int r = 0;

	for (size_t i = 0; i < plan->table->n_mounts && r >= 0; i++) {
		const struct mounttable_mount *other = &plan->table->mounts[i];

		if (other->parent != mount->id || other == mount || other->point.n <= path.n ||
			!mounttable_is_below(other->point, path))
			continue;
		r = cover_has(&plan->cover, mount, other->point);
		if (r == 0)
			r = plan_place_note(
				plan, PLANBOOK_HOLE, mount, other->point, cover_add_hole);
	}
	return r < 0 ? r : plan_place_note(plan, PLANBOOK_TREE, mount, path, cover_add);
}

static int plan_place_found(struct plan *plan, const struct resolve *resolve);

/*
 * What a tree that was walked under another name has hidden there. A link or a mount
 * on the way leads elsewhere, perhaps back to here: that is not what was hidden.
 */
static int plan_place_hole(
	struct plan *plan, const struct mounttable_mount *mount, struct span path)
{
	_cleanup_(resolve_deinit) struct resolve resolve = RESOLVE_NULL;
	int r = plan_pass_resolve(plan, path, &resolve);

	if (r != 0)
		return r == -ENOMEM ? r : 0;
	if (resolve.mount != mount || !span_equal(resolve_span(&resolve), path))
		return 0;
	r = plan_pass_turn(plan, mount->dev);
	if (r < 0)
		return r;
	return plan_place_found(plan, &resolve);
}

static int plan_place_holes(
	struct plan *plan, const struct mounttable_mount *mount, struct span path)
{
	_cleanup_(cover_stops_deinit) struct cover_stops holes = {.n = 0};
	int r = cover_find_holes(&plan->cover, mount, path, &holes);

	for (size_t i = 0; r == 0 && i < holes.n; i++)
		r = plan_place_hole(plan, mount, holes.paths[i]);
	return r;
}

int plan_place_spare(struct plan *plan, struct mounttable_mount *mount)
{
	int r = cover_has(&plan->cover, mount, mount->point);

	return r > 0 ? plan_place_holes(plan, mount, mount->point) : r;
}

/* It was walked under another name: what is mounted in it here, and what was there. */
static int plan_place_again(
	struct plan *plan, const struct mounttable_mount *mount, struct span path)
{
	int r = plan_place_meet(plan, mount, path);

	return r == 0 ? plan_place_holes(plan, mount, path) : r;
}

/* Walk it, and what it turned back at. */
static int plan_place_walk(
	struct plan *plan, const struct resolve *resolve, const struct cover_stops *stops)
{
	struct span path = resolve_span(resolve);
	int fd = trail_open_directory(resolve->fd, ".");
	int r;

	if (fd < 0) {
		plan_place_settle(plan, path, FILE_RESULT_INCOMPLETE, REASON_UNLISTABLE);
		outbox_notice(
			&plan->config.ledger->outbox, IPC_NOTICE_UNLISTABLE, path, err_text(fd));
		return 0;
	}
	r = walk_tree(plan->walk, fd, path, resolve->mount, stops);
	for (size_t i = 0; r == 0 && i < stops->n; i++)
		r = plan_place_again(plan, resolve->mount, stops->paths[i]);
	return r;
}

static int plan_place_tree(struct plan *plan, const struct resolve *resolve)
{
	struct span path = resolve_span(resolve);
	_cleanup_(cover_stops_deinit) struct cover_stops stops = {.n = 0};
	int r = cover_has(&plan->cover, resolve->mount, path);

	if (r != 0)
		return r < 0 ? r : plan_place_again(plan, resolve->mount, path);
	r = plan_pass_turn(plan, resolve->mount->dev);
	if (r == 0)
		r = cover_find_stops(&plan->cover, resolve->mount, path, &stops);
	if (r == 0)
		r = plan_place_cover(plan, resolve->mount, path);
	return r < 0 ? r : plan_place_walk(plan, resolve, &stops);
}

int plan_place_claim(struct plan *plan, dev_t dev, struct span path)
{
	int r = nameset_add(&plan->judged, path);

	if (r == NAMESET_E_THERE)
		return 1;
	if (r == 0)
		r = plan_pass_turn(plan, dev);
	if (r == -ENOMEM || r == -ECANCELED)
		return r;
	planbook_add(plan->config.book_fd,
		&(struct planbook_line){.kind = PLANBOOK_NAME, .bytes = path});
	return 0;
}

static int plan_place_single(struct plan *plan, const struct resolve *resolve)
{
	struct walk_single single = {.name = resolve_name(resolve),
		.path = resolve_span(resolve),
		.inode = &resolve->inode};
	int fd;
	int r = cover_has(&plan->cover, resolve->mount, single.path);

	if (r != 0)
		return r < 0 ? r : 0;
	r = plan_place_claim(plan, resolve->mount->dev, single.path);
	if (r != 0)
		return r < 0 ? r : 0;
	fd = fcntl(resolve->dir_fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return err_origin(-errno);
	single.place = place_new(fd,
		(struct span){.data = single.path.data,
			.n = single.path.n - single.name.n > 1 ? single.path.n - single.name.n - 1
							       : 1});
	if (!single.place)
		return -ENOMEM;
	r = walk_offer(plan->walk, &single);
	place_unref(single.place);
	return r;
}

static int plan_place_found(struct plan *plan, const struct resolve *resolve)
{
	return S_ISDIR(resolve->inode.mode) ? plan_place_tree(plan, resolve)
					    : plan_place_single(plan, resolve);
}

/* A given path that leads nowhere. */
static void plan_place_missing(struct plan *plan, struct span path, int error)
{
	struct outcome outcome = OUTCOME_NULL;

	opener_explain(-error, &outcome);
	ledger_settle_missing(plan->config.ledger, path, &outcome);
	outbox_notice(
		&plan->config.ledger->outbox, IPC_NOTICE_TARGET_MISSING, path, err_text(error));
}

/* Why nothing of what was found at a given path is scanned; NULL when it is. */
static const char *plan_place_obstacle(const struct plan *plan, const struct resolve *resolve)
{
	bool is_directory = S_ISDIR(resolve->inode.mode);
	enum reason reason =
		is_directory ? pathrule_of_directory(plan->config.rules, resolve_span(resolve))
			     : pathrule_of_file(plan->config.rules, resolve_span(resolve));

	if (reason == REASON_EXCLUDED)
		return "left out by an exclusion";
	if (reason == REASON_OWN)
		return "left out: it belongs to the service";
	if (!is_directory && !S_ISREG(resolve->inode.mode))
		return "left out: neither a file nor a directory";
	return NULL;
}

/* From here on a given target has its result, or lies on a mount that has none. */
static void plan_place_begun(struct plan *plan, bool is_given)
{
	if (is_given && !plan->pass)
		planbook_add(plan->config.book_fd,
			&(struct planbook_line){.kind = PLANBOOK_TARGET, .number = plan->target});
}

int plan_place_target(struct plan *plan, struct span path, bool is_given)
{
	_cleanup_(resolve_deinit) struct resolve resolve = RESOLVE_NULL;
	int r = plan_pass_resolve(plan, path, &resolve);

	if (r == -ENOMEM)
		return r;
	if (r == 0 && resolve.mount)
		r = plan_pass_turn(plan, resolve.mount->dev);
	if (r == -ECANCELED)
		return r;
	plan_place_begun(plan, is_given);
	if (r == PLAN_PASS_E_OTHER)
		return 0;
	if (r == RESOLVE_E_MOUNT) {
		plan_place_leave_out(plan, resolve.mount, "");
		if (is_given)
			plan_place_tell(plan, path, "left out: a file system that is not scanned");
		return plan_below(plan, resolve.mount, resolve_span(&resolve));
	}
	if (r < 0) {
		if (is_given)
			plan_place_missing(plan, path, r);
		return 0;
	}
	if (is_given && resolve.is_link)
		plan_place_settle(plan, path, FILE_RESULT_SKIPPED, REASON_SYMLINK);
	if (!resolve.mount)
		return err_origin(-ENOTRECOVERABLE); /* UNTESTED: "/" is always mounted */
	if (is_given)
		plan_place_tell(plan, path, plan_place_obstacle(plan, &resolve));
	return plan_place_found(plan, &resolve);
}

int plan_place_mount(struct plan *plan, struct mounttable_mount *mount)
{
	_cleanup_(resolve_deinit) struct resolve resolve = RESOLVE_NULL;
	int r = resolve_path(plan->table, mount->point, plan->config.type, &resolve);

	if (r == -ENOMEM)
		return r;
	if (r != 0 || resolve.mount != mount) {
		plan_place_leave_out(plan, mount, ", gone while the scan ran");
		return 0;
	}
	if (resolve.inode.has_mount_id && resolve.inode.mount_id != (uint64_t)mount->id) {
		plan_place_leave_out(plan, mount, ", replaced while the scan ran");
		return 0;
	}
	return plan_place_found(plan, &resolve);
}

int plan_place_on_mount(void *data, struct mounttable_mount *mount)
{
	struct plan *plan = data;
	struct mounttable_mount *owner;
	int r;

	if (!mountrule_allows(mount->class, plan->config.type)) {
		plan_place_leave_out(plan, mount, "");
		return plan_below(plan, mount, mount->point);
	}
	owner = apart_owner(plan->table, mount);
	if (plan->config.type != SCAN_TYPE_FULL && owner && owner != plan->pass) {
		plan_pass_ask(plan, owner, mount);
		return 0;
	}
	/* A full scan comes to it by itself, or to what it is a copy of. */
	if (plan->config.type == SCAN_TYPE_FULL) {
		if (!mount->is_selected)
			plan_place_leave_out(
				plan, mount, ", a bind mount of what is scanned elsewhere");
		return 0;
	}
	for (size_t i = 0; i < plan->n_pending; i++)
		if (plan->pending[i] == mount)
			return 0;
	r = cover_has(&plan->cover, mount, mount->point);
	if (r < 0)
		return r;
	if (r > 0)
		plan_place_leave_out(plan, mount, ", a bind mount of what is scanned elsewhere");
	plan->pending[plan->n_pending++] = mount;
	if (!plan->pass)
		planbook_add(plan->config.book_fd,
			&(struct planbook_line){.kind = PLANBOOK_MET, .bytes = mount->point});
	return 0;
}
