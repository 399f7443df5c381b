/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * By device and inode, and each time anew: a path that somebody tells proves nothing,
 * and an upgrade exchanges the files while the service runs. The folders are those the
 * installation was configured with, and the daemon's own, which differs in a build
 * tree; nobody but an administrator puts a file there under one of these names.
 */
#include "own_programs.h"

#include <stdio.h>
#include <sys/stat.h>

static const char *const own_programs_names[] = {"quietscan", "quietscan-console",
	"quietscan-engine", "quietscan-remediate", "quietscan-scanner", "quietscand"};

static bool own_programs_is(const char *path, uint64_t dev, uint64_t ino)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_dev == dev && status.st_ino == ino;
}

static bool own_programs_are_in(const char *folder, uint64_t dev, uint64_t ino)
{
	char path[SERVICE_PATHS_MAX + 32];

	if (!folder || !folder[0])
		return false;
	for (size_t i = 0; i < sizeof(own_programs_names) / sizeof(own_programs_names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, own_programs_names[i]);
		if (own_programs_is(path, dev, ino))
			return true;
	}
	return false;
}

bool own_programs_has(const struct service_paths *paths, uint64_t dev, uint64_t ino)
{
	return own_programs_is("/proc/self/exe", dev, ino) ||
	       own_programs_are_in(paths->program_dir, dev, ino) ||
	       own_programs_are_in(paths->libexec_dir, dev, ino) ||
	       own_programs_are_in(paths->bin_dir, dev, ino) ||
	       own_programs_are_in(paths->sbin_dir, dev, ino);
}
