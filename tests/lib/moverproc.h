/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A quietscan-remediate under test, with this test as its daemon: it starts it on
 * a world of its own, asks, and hears. Aborts the test on failure.
 */
#ifndef QS_MOVERPROC_H
#define QS_MOVERPROC_H

#include "channel.h"
#include "moverworld.h"

struct moverproc {
	struct moverworld *world; /**< Its mover is closed: the process has the journal. */
	uint64_t withheld;        /**< Capabilities that who starts it does not give. */
	bool is_without_set_id;   /**< As under systemd's RestrictSUIDSGID. */
	bool is_leaving;          /**< It does not look at what is half done. */
	const char *program;      /**< NULL: the one that was built. */
	bool has_grants;          /**< It is granted what it computes: grants_fd. */
	int grants_fd;            /**< The grant page; generation 1. */
	/* state */
	pid_t pid;
	int fd;                      /**< The daemon's end. */
	struct channel_inbox *inbox; /**< What came last. */
	unsigned n_recovered;        /**< Moves it told as recovered before its HELLO. */
	unsigned n_ended;            /**< Moves it told again, that were over before. */
	enum ipc_move_end end;       /**< What it told last of either. */
	uint64_t n_pending;          /**< Of its HELLO. */
};

/** What a file in these tests has in it. */
extern const char moverproc_text[];

/** cmocka's setup and teardown: *state is a struct moverproc. */
int moverproc_setup(void **state);
int moverproc_teardown(void **state);

/** Start the process. */
void moverproc_start(struct moverproc *process);
/** Hear all up to its HELLO; every recovered move must be over, unless it leaves them. */
void moverproc_hello(struct moverproc *process);
/** Close the channel. @return how it ended, as waitpid(2). */
int moverproc_end(struct moverproc *process);
/** The next message, of this type. */
void moverproc_receive(struct moverproc *process, enum ipc_type type);
/** The next message: the result of a request. Valid until the next. */
const struct ipc_move_result *moverproc_result(
	struct moverproc *process, uint64_t serial, enum ipc_move_outcome outcome);

/** NAME, with home's descriptor or without. */
void moverproc_send_name(const struct moverproc *process, const char *name, bool has_folder);
/** FILE: home/name as it is now; serial 42. */
void moverproc_send_file(
	const struct moverproc *process, const char *name, enum ipc_move_action action);
/** FILE of what was scanned before; serial 42. */
void moverproc_send_scanned(const struct moverproc *process, const struct identity *identity,
	enum ipc_move_action action);
/** RESTORE or DELETE; serial 43. */
void moverproc_send_item(
	const struct moverproc *process, enum ipc_type type, const uint8_t id[IPC_MOVE_ID_LENGTH]);
/** LIST; serial 44. */
void moverproc_send_list(
	const struct moverproc *process, const uint8_t after[IPC_MOVE_ID_LENGTH], unsigned n_max);
/** SEEK; serial 46. */
void moverproc_send_seek(const struct moverproc *process, struct span hash);
/** STOP; serial 47. */
void moverproc_send_stop(const struct moverproc *process, const struct identity *file);

#endif
