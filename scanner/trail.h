/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trail: the directories from the root of a walk down to where it is.
 *
 * Of each directory it keeps the names of subdirectories still to enter, and
 * where reading it goes on. Only the last TRAIL_OPEN_MAX directories are open;
 * coming back to an older one, it is opened again through ".." and must be the
 * same inode; if a directory was moved meanwhile, it is looked for by name
 * from the root of the walk, which stays open. So depth costs memory (about
 * 100 bytes a level and the names) but no descriptors, and no path string is
 * ever handed to the kernel.
 *
 * Hands. The walker's thread.
 */
#ifndef QS_TRAIL_H
#define QS_TRAIL_H

#include "inode.h"
#include "place.h"
#include "words.h"

enum {
	TRAIL_OPEN_MAX = 128,
	TRAIL_NAMES_PLENTY = 16 * 1024 * 1024, /**< Above it, batches are to be small. */
	TRAIL_E_LOST = 1,                      /**< The directory cannot be found again. */
};

/** One directory. */
struct trail_frame {
	struct place *place; /**< NULL while it is closed. */
	dev_t dev;
	ino_t ino;
	size_t n_path;  /**< Bytes of trail.path that lead here. */
	char *names;    /**< NUL-terminated names one after another; owned. */
	size_t n_names; /**< Bytes used of them. */
	size_t n_room;
	size_t at_name;     /**< Next name. */
	int64_t cookie;     /**< Where reading goes on, when it is opened again. */
	bool is_end;        /**< Everything was read. */
	enum reason reason; /**< Why nothing below is opened, or REASON_NONE. */
	bool has_mounts;    /**< There are mount points below. */
	bool has_stops;     /**< There are trees below that are walked elsewhere. */
};

struct trail {
	/* state */
	struct trail_frame *frames;
	size_t depth; /**< Frames in use. */
	size_t n_room;
	char *path; /**< Of the top, then whatever trail_path_of() put behind it. */
	size_t n_path_room;
	size_t n_names; /**< Bytes of names in all frames. */
};

#define TRAIL_NULL                                                                                 \
	{                                                                                          \
		.frames = NULL                                                                     \
	}

/**
 * Open a directory for listing: follows no link, waits for nothing, leaves no
 * access time where it may.
 *
 * @return A descriptor the caller owns, or -errno.
 */
int trail_open_directory(int dir_fd, const char *name);

/** Close and free everything; idempotent. */
void trail_deinit(struct trail *trail);

/**
 * Go down into a directory.
 *
 * @fd     Taken over, also on failure.
 * @name   In the top; on an empty trail the path of the root of the walk.
 * @inode  Of @fd.
 * @return 0 or -ENOMEM. The new frame inherits reason and flags.
 */
int trail_push(struct trail *trail, int fd, struct span name, const struct inode *inode);

/** Leave the top directory and open the one above it if it was closed. */
void trail_pop(struct trail *trail);

/** The directory the walk is in; the trail is not empty. */
struct trail_frame *trail_top(struct trail *trail);

/**
 * Make sure that the top is open and stands where reading goes on.
 *
 * @return 0; TRAIL_E_LOST; -ENOMEM.
 */
int trail_open_top(struct trail *trail);

/** Path of the top, valid until the next call. */
struct span trail_path(const struct trail *trail);

/** Path of a name in the top, valid until the next call; n = 0 without memory. */
struct span trail_path_of(struct trail *trail, struct span name);

/** Remember a subdirectory of the top. @return 0 or -ENOMEM. */
int trail_add_name(struct trail *trail, struct span name);

/** The next subdirectory of the top; NULL: none. Valid until the frame changes. */
const char *trail_next_name(struct trail *trail);

#endif
