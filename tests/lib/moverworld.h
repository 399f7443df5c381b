/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests of the mover start from: a file system of its own with a folder in
 * it ("home"), and a state directory elsewhere. Aborts the test on failure.
 */
#ifndef QS_MOVERWORLD_H
#define QS_MOVERWORLD_H

#include "mover.h"
#include "scratch.h"
#include "unit.h"

#include <sys/stat.h>

enum { MOVERWORLD_KIB = 32 * 1024 };

struct moverworld {
	struct scratch disk;  /**< A tmpfs: what the staging folder is at the top of. */
	struct scratch state; /**< The state directory. */
	int state_fd;
	int home_fd; /**< disk/home, mode 0755. */
	struct mover *mover;
	struct mover_result result; /**< Of the last request. */
};

/** cmocka's setup: *state is a struct moverworld. Skips the test when we may not mount. */
int moverworld_setup(void **state);
/** cmocka's teardown. Nothing may be left in staging. */
int moverworld_teardown(void **state);

/** Close and open again, as after a restart; recovers. @return moves still half done. */
size_t moverworld_reopen(struct moverworld *world);

/** disk/home/name into @buf. @return @buf. */
const char *moverworld_path(
	const struct moverworld *world, const char *name, char buf[SCRATCH_PATH_SIZE]);
/** Make home/name with a text. */
void moverworld_make(const struct moverworld *world, const char *name, const char *text);
/** The text of home/name; NULL. Free it. */
char *moverworld_read(const struct moverworld *world, const char *name);
/** home/name has exactly this text. */
void moverworld_expect(const struct moverworld *world, const char *name, const char *text);
/** There is no home/name. */
void moverworld_expect_none(const struct moverworld *world, const char *name);
/** Scan it: its identity, with the hash. */
struct identity moverworld_scan(const struct moverworld *world, const char *name);
/** One name, by path, to be moved; the result is in world->result. */
enum ipc_move_outcome moverworld_move(struct moverworld *world, const char *name,
	const struct identity *identity, enum ipc_move_action action);
/** Scan and quarantine; must work. Leaves the id in world->result.id. */
void moverworld_quarantine(struct moverworld *world, const char *name);
/** Restore; the result is in world->result. */
enum ipc_move_outcome moverworld_restore(struct moverworld *world, const char *id);

/** Items in quarantine. */
size_t moverworld_n_items(const struct moverworld *world);
/** The id of the only item into @id, 33 bytes. 0; -ENOENT there is none. */
int moverworld_only_item(const struct moverworld *world, char *id);
/** Staging folders at the top of the disk. */
size_t moverworld_n_staging(const struct moverworld *world);

/** Fail unless the last outcome is this one and the text has these words. */
void moverworld_expect_outcome(
	const struct moverworld *world, enum ipc_move_outcome outcome, const char *words);

#endif
