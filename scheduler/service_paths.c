/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's own user has to pass through STATE_DIR to its signature copy and
 * to its temporary directory, hence 0711 there: enter, but not list. What is
 * secret in it has modes of its own.
 */
#include "service_paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int service_paths_join(char *path, const char *dir, const char *name, struct errmsg *msg)
{
	int n = snprintf(path, SERVICE_PATHS_MAX, "%s/%s", dir, name);

	if (n < 0 || n >= SERVICE_PATHS_MAX) {
		errmsg_set(msg, "%s/%s: the path is too long", dir, name);
		return err_origin(-ENAMETOOLONG);
	}
	return 0;
}

/*
 * Root's daemon keeps its log, its records and its socket in there. Who may
 * rename or replace them would rule it, whatever the modes of the files; a
 * sticky bit does not keep anybody from making names that are not there yet.
 */
static int service_paths_judge(const char *dir, const struct stat *st, struct errmsg *msg)
{
	bool is_foreign_group = st->st_gid != 0 && st->st_gid != getegid();

	if (geteuid() != 0)
		return 0;
	if (st->st_uid != 0) {
		errmsg_set(msg,
			"directory %s belongs to uid %u, who could replace what is kept in it; "
			"give it to root (chown root %s)",
			dir, (unsigned)st->st_uid, dir);
		return err_origin(-EPERM);
	}
	if ((st->st_mode & S_IWOTH) || ((st->st_mode & S_IWGRP) && is_foreign_group)) {
		errmsg_set(msg,
			"directory %s is writable by others (mode %04o), who could replace what "
			"is kept in it; take that away (chmod go-w %s)",
			dir, (unsigned)(st->st_mode & 07777), dir);
		return err_origin(-EPERM);
	}
	return 0;
}

static int service_paths_make(const char *dir, mode_t mode, struct errmsg *msg)
{
	struct stat st;

	if (mkdir(dir, mode) == 0)
		return chmod(dir, mode) < 0 ? err_origin(-errno) : 0; /* whatever the umask */
	if (errno == EEXIST && stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		return service_paths_judge(dir, &st, msg);
	errmsg_set(
		msg, "make directory %s: %s", dir, err_text(errno == EEXIST ? -ENOTDIR : -errno));
	return err_origin(errno == EEXIST ? -ENOTDIR : -errno);
}

/* A build folder has the table beside the programs; an installation has not. */
static int service_paths_join_products(struct service_paths *paths, struct errmsg *msg)
{
	static const char name[] = "known-antivirus.json";
	int r = service_paths_join(paths->products, paths->libexec_dir, name, msg);

	if (r < 0 || access(paths->products, F_OK) == 0)
		return r;
	return service_paths_join(paths->products, paths->data_dir, name, msg);
}

/* It may be the folder of one that was exchanged: the new one is there. */
static void service_paths_find_program(struct service_paths *paths)
{
	ssize_t n = readlink("/proc/self/exe", paths->program_dir, sizeof(paths->program_dir) - 1);
	char *end;

	paths->program_dir[n > 0 ? n : 0] = '\0';
	end = strrchr(paths->program_dir, '/');
	if (end)
		*end = '\0';
}

static int service_paths_join_all(struct service_paths *paths, struct errmsg *msg)
{
	int r = service_paths_join(paths->definitions_dir, paths->state_dir, "definitions", msg);

	if (r == 0)
		r = service_paths_join(paths->temp_dir, paths->state_dir, "temp", msg);
	if (r == 0)
		r = service_paths_join(paths->report_dir, paths->state_dir, "reports", msg);
	if (r == 0)
		r = service_paths_join(paths->socket, paths->run_dir, "quietscan.sock", msg);
	if (r == 0)
		r = service_paths_join(paths->engine, paths->libexec_dir, "quietscan-engine", msg);
	if (r == 0)
		r = service_paths_join(
			paths->scanner, paths->libexec_dir, "quietscan-scanner", msg);
	if (r == 0)
		r = service_paths_join(
			paths->remediate, paths->libexec_dir, "quietscan-remediate", msg);
	if (r == 0)
		r = service_paths_join_products(paths, msg);
	service_paths_find_program(paths);
	return r;
}

static int service_paths_check(const char *dir, struct errmsg *msg)
{
	if (access(dir, R_OK | W_OK | X_OK) < 0) {
		int r = -errno;

		errmsg_set(msg, "directory %s is not writable: %s", dir, err_text(r));
		return err_origin(r);
	}
	return 0;
}

int service_paths_prepare(struct service_paths *paths, struct errmsg *msg)
{
	const struct {
		const char *dir;
		mode_t mode;
	} dirs[] = {
		{paths->state_dir, 0711},
		{paths->run_dir, 0755},
		{paths->log_dir, 0750},
		{paths->definitions_dir, 0711},
		{paths->temp_dir, 0711},
		{paths->report_dir, 0700},
	};
	int r = service_paths_join_all(paths, msg);

	for (size_t i = 0; r == 0 && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		r = service_paths_make(dirs[i].dir, dirs[i].mode, msg);
		if (r == 0)
			r = service_paths_check(dirs[i].dir, msg);
	}
	return r;
}
