/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scope-bound ownership (gcc and clang). A local that owns something is
 * declared with one of these and initialised at once; it is handed over with
 * "*xp = x; x = NULL;" (or -1). Inline only, any thread.
 */
#ifndef QS_CLEANUP_H
#define QS_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/** Run @fn on the address of the local when its scope ends. */
#define _cleanup_(fn) __attribute__((cleanup(fn)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static inline void cleanup_closedir(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

/** Take the fd out of a local that would close it. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
