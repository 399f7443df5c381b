/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-remediate with all powers its walls leave it, and with fewer: what of
 * a program comes back then, and what is told of the rest. That the unit gives all
 * of them.
 */
#include "moverproc.h"
#include "pidworld.h"
#include "privileges.h"
#include "runner.h"

#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* struct vfs_ns_cap_data, revision 2: CAP_NET_RAW permitted. */
static const uint8_t capability[20] = {1, 0, 0, 2, 0, 0x20};

/* A program that is set-user-id, set-group-id and has a capability. @return whether it has. */
static bool make_program(const struct moverproc *process, char path[SCRATCH_PATH_SIZE])
{
	moverworld_make(process->world, "file", moverproc_text);
	(void)moverworld_path(process->world, "file", path);
	assert_int_equal(chown(path, 1234, 1234), 0);
	assert_int_equal(chmod(path, 06755), 0);
	return setxattr(path, "security.capability", capability, sizeof(capability), 0) == 0;
}

/* In and out again. @return the mode it has then; @words what could not be set. */
static mode_t there_and_back(struct moverproc *process, char words[IPC_TEXT_MAX + 1])
{
	const struct ipc_move_result *told;
	struct stat status;
	uint8_t id[32];

	moverproc_start(process);
	moverproc_hello(process);
	moverproc_send_name(process, "file", false);
	moverproc_send_file(process, "file", IPC_MOVE_QUARANTINE);
	memcpy(id, moverproc_result(process, 42, IPC_MOVE_QUARANTINED)->id, sizeof(id));
	moverproc_send_item(process, IPC_MOVE_RESTORE, id);
	told = moverproc_result(process, 43, IPC_MOVE_RESTORED);
	(void)snprintf(
		words, IPC_TEXT_MAX + 1, "%.*s", (int)told->text.n, (const char *)told->text.data);
	assert_int_equal(moverproc_end(process), 0);
	moverworld_expect(process->world, "file", moverproc_text);
	assert_int_equal(fstatat(process->world->home_fd, "file", &status, 0), 0);
	assert_int_equal(status.st_uid, 1234);
	assert_int_equal(status.st_gid, 1234);
	return status.st_mode & 07777;
}

/* Set-id bits and a file capability come back; nothing is missing. */
static void programs(void **state)
{
	struct moverproc *process = *state;
	char path[SCRATCH_PATH_SIZE];
	char words[IPC_TEXT_MAX + 1];
	uint8_t got[sizeof(capability)];
	bool has_capability = make_program(process, path);

	assert_int_equal(there_and_back(process, words), 06755);
	assert_string_equal(words, "");
	if (!has_capability)
		return;
	assert_int_equal(
		getxattr(path, "security.capability", got, sizeof(got)), sizeof(capability));
	assert_memory_equal(got, capability, sizeof(got));
}

/* Who starts it may give it less: what cannot be set then is left out, and told. */
static void what_it_may_not_set(void **state)
{
	struct moverproc *process = *state;
	char path[SCRATCH_PATH_SIZE];
	char words[IPC_TEXT_MAX + 1];
	bool has_capability = make_program(process, path);

	process->withheld = PRIVILEGES_CAP(CAP_FSETID) | PRIVILEGES_CAP(CAP_SETFCAP);
	assert_int_equal(there_and_back(process, words), 04755);
	assert_non_null(strstr(words, "could not be set again: "));
	assert_non_null(strstr(words, "set-group-id"));
	assert_null(strstr(words, "set-user-id"));
	if (has_capability)
		assert_non_null(strstr(words, "security.capability"));
	assert_int_equal(getxattr(path, "security.capability", NULL, 0), -1);
}

static uint64_t capability_of(const char *name)
{
	static const struct {
		const char *name;
		unsigned cap;
	} known[] = {{"CAP_CHECKPOINT_RESTORE", CAP_CHECKPOINT_RESTORE}, {"CAP_CHOWN", CAP_CHOWN},
		{"CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE},
		{"CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH}, {"CAP_FOWNER", CAP_FOWNER},
		{"CAP_FSETID", CAP_FSETID}, {"CAP_KILL", CAP_KILL}, {"CAP_LEASE", CAP_LEASE},
		{"CAP_SETFCAP", CAP_SETFCAP}, {"CAP_SETGID", CAP_SETGID},
		{"CAP_SETPCAP", CAP_SETPCAP}, {"CAP_SETUID", CAP_SETUID},
		{"CAP_SYS_ADMIN", CAP_SYS_ADMIN}, {"CAP_SYS_CHROOT", CAP_SYS_CHROOT},
		{"CAP_SYS_NICE", CAP_SYS_NICE}, {"CAP_SYS_PTRACE", CAP_SYS_PTRACE}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, name) == 0)
			return PRIVILEGES_CAP(known[i].cap);
	fail_msg("the unit has an unknown capability: %s", name);
	return 0;
}

/* What the systemd unit gives; nothing in it may keep a file from being written. */
static uint64_t capabilities_of_unit(void)
{
	static const char *const hindrances[] = {
		"ProtectSystem=", "ProtectHome=", "ReadOnlyPaths=", "RestrictSUIDSGID="};
	static const char bounding[] = "CapabilityBoundingSet=";
	FILE *f = fopen(QUIETSCAN_UNIT, "re");
	uint64_t given = 0;
	char line[1024];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *rest = line + sizeof(bounding) - 1;
		const char *name;

		for (size_t i = 0; i < sizeof(hindrances) / sizeof(hindrances[0]); i++)
			if (strncmp(line, hindrances[i], strlen(hindrances[i])) == 0)
				fail_msg("not every file can be moved: %s", line);
		if (strncmp(line, bounding, sizeof(bounding) - 1) != 0)
			continue;
		while ((name = strtok_r(rest, " \n", &rest)))
			given |= capability_of(name);
	}
	(void)fclose(f);
	return given;
}

/* As the unit starts it: another's program in his own folder goes and comes back whole. */
static void as_a_unit(void **state)
{
	struct moverproc *process = *state;
	char path[SCRATCH_PATH_SIZE];
	char words[IPC_TEXT_MAX + 1];

	(void)make_program(process, path);
	assert_int_equal(fchown(process->world->home_fd, 1234, 1234), 0);
	assert_int_equal(fchmod(process->world->home_fd, 0700), 0);
	process->withheld = ~capabilities_of_unit();
	assert_int_equal(there_and_back(process, words), 06755);
	assert_string_equal(words, "");
}

/* As the unit starts it: another's process is found by its executable, and ended. */
static void ends_as_a_unit(void **state)
{
	struct moverproc *process = *state;
	struct runner runner = {.pid = 0};
	struct identity program;
	char path[SCRATCH_PATH_SIZE];

	runner_copy("/bin/cat", moverworld_path(process->world, "program", path), 'u');
	program = moverworld_scan(process->world, "program");
	runner_start_as(&runner, path, 1234);
	process->withheld = ~capabilities_of_unit();
	moverproc_start(process);
	moverproc_hello(process);
	moverproc_send_seek(process, span_str(program.sha256));
	moverproc_receive(process, IPC_MOVE_FOUND);
	assert_int_equal(process->inbox->msg.move_found.pids[0], runner.pid);
	assert_int_equal(moverproc_result(process, 46, IPC_MOVE_SOUGHT)->n_names, 1);
	assert_int_equal(process->inbox->msg.move_result.n_names_left, 0);
	moverproc_send_stop(process, &program);
	assert_int_equal(moverproc_result(process, 47, IPC_MOVE_STOPPED)->n_names, 1);
	assert_int_equal(runner_wait(&runner), SIGKILL);
	assert_int_equal(moverproc_end(process), 0);
}

/* Where no file may be made set-id at all: it comes back without. */
static void no_set_id(void **state)
{
	struct moverproc *process = *state;
	char path[SCRATCH_PATH_SIZE];
	char words[IPC_TEXT_MAX + 1];

	(void)make_program(process, path);
	process->is_without_set_id = true;
	assert_int_equal(there_and_back(process, words), 0755);
	assert_non_null(strstr(words, "set-user-id"));
	assert_non_null(strstr(words, "set-group-id"));
}

static int run(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, moverproc_setup, moverproc_teardown)
	const struct CMUnitTest tests[] = {CASE(programs), CASE(what_it_may_not_set),
		CASE(no_set_id), CASE(as_a_unit), CASE(ends_as_a_unit)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* It ends processes: a mistake must not reach the machine's. */
int main(void)
{
	return pidworld_run(run);
}
