/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker's sandbox, tried from inside: a probe is a function that runs in a
 * child which built the walls around itself first, and tells by its exit
 * status, or its death, what it could do. Hands; the whole program is one
 * fixture, hence global. Fails the test on anything unexpected.
 */
#ifndef QS_SANDBOXPROBE_H
#define QS_SANDBOXPROBE_H

#include "samples.h"
#include "sandbox.h"

#include <stdbool.h>
#include <sys/types.h>

enum {
	SANDBOXPROBE_UID = 65534,
	SANDBOXPROBE_MEMORY = 64 << 20, /**< Bytes a probe may add. */
	SANDBOXPROBE_FILE = 1 << 20,    /**< Bytes of its directory, and of one file. */
	SANDBOXPROBE_SOCKET = 3,        /**< Its socket. */
	/* What a probe returns. */
	SANDBOXPROBE_OK = 42,
	SANDBOXPROBE_BREACH = 43,
	SANDBOXPROBE_NO_WALLS = 44, /**< Not by probes: the walls could not be built. */
};

enum sandboxprobe_user {
	SANDBOXPROBE_USER_ROOT,    /**< Stays uid 0, without capabilities. */
	SANDBOXPROBE_USER_CHANGED, /**< Root becomes another user, as the service does. */
	SANDBOXPROBE_USER_OTHER,   /**< Started as another user, as in development. */
	SANDBOXPROBE_USER_N,
};

struct sandboxprobe {
	char temp[SAMPLES_PATH_SIZE];
	char dir[SAMPLES_PATH_SIZE];
	char secret[SAMPLES_PATH_SIZE]; /**< A file in dir that everybody may write. */
	pid_t sibling;                  /**< A process to aim at. */
	enum sandbox_walls walls;
	enum sandboxprobe_user user;
	bool is_plain; /**< No namespaces to be had: a container, a hardened system. */
	/* In the child */
	const char *inside; /**< The private directory as it is called inside. */
	bool is_mounted;    /**< It has a size. */
};

/** The fixture. */
extern struct sandboxprobe sandboxprobe;

typedef int (*sandboxprobe_fn)(void);

/** cmocka's group: make the fixture. */
int sandboxprobe_setup(void **state);

/** cmocka's group: undo it. */
int sandboxprobe_teardown(void **state);

/** Run a probe with walls, user and is_plain as they are set; its wait status. */
int sandboxprobe_run(sandboxprobe_fn probe);

/** Run a probe for every possible combination and check each. */
void sandboxprobe_for_each(sandboxprobe_fn probe, void (*check)(int status));

/** It returned SANDBOXPROBE_OK. */
void sandboxprobe_check_ok(int status);
/** It was killed by the filter. */
void sandboxprobe_check_killed(int status);

#endif
