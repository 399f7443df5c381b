/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file of ours is a head with our methods, and the real file behind it in
 * the same allocation. Version 2 of the methods: shared memory (WAL needs it)
 * but no memory-mapped reading.
 */
#include "faultdisk.h"

#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

struct faultdisk_file {
	sqlite3_file head;
	sqlite3_file *real;
};

static sqlite3_vfs faultdisk_vfs;
static sqlite3_vfs *faultdisk_below;
static unsigned long faultdisk_left;
static int faultdisk_code;
static bool faultdisk_is_armed;
static bool faultdisk_is_lasting;
static bool faultdisk_has_failed;

static sqlite3_file *faultdisk_real(sqlite3_file *file)
{
	return ((struct faultdisk_file *)(void *)file)->real;
}

static bool faultdisk_fails(void)
{
	if (!faultdisk_is_armed)
		return false;
	if (faultdisk_left > 0) {
		faultdisk_left--;
		return false;
	}
	if (faultdisk_has_failed && !faultdisk_is_lasting)
		return false;
	faultdisk_has_failed = true;
	return true;
}

static int faultdisk_close(sqlite3_file *file)
{
	return faultdisk_real(file)->pMethods->xClose(faultdisk_real(file));
}

static int faultdisk_read(sqlite3_file *file, void *buf, int n, sqlite3_int64 at)
{
	return faultdisk_real(file)->pMethods->xRead(faultdisk_real(file), buf, n, at);
}

static int faultdisk_write(sqlite3_file *file, const void *buf, int n, sqlite3_int64 at)
{
	if (faultdisk_fails()) {
		/* Half of it gets there, as on a real disk. */
		(void)faultdisk_real(file)->pMethods->xWrite(faultdisk_real(file), buf, n / 2, at);
		return faultdisk_code;
	}
	return faultdisk_real(file)->pMethods->xWrite(faultdisk_real(file), buf, n, at);
}

static int faultdisk_truncate(sqlite3_file *file, sqlite3_int64 n)
{
	if (faultdisk_fails())
		return faultdisk_code;
	return faultdisk_real(file)->pMethods->xTruncate(faultdisk_real(file), n);
}

static int faultdisk_sync(sqlite3_file *file, int flags)
{
	if (faultdisk_fails())
		return faultdisk_code;
	return faultdisk_real(file)->pMethods->xSync(faultdisk_real(file), flags);
}

static int faultdisk_size(sqlite3_file *file, sqlite3_int64 *np)
{
	return faultdisk_real(file)->pMethods->xFileSize(faultdisk_real(file), np);
}

static int faultdisk_lock(sqlite3_file *file, int kind)
{
	return faultdisk_real(file)->pMethods->xLock(faultdisk_real(file), kind);
}

static int faultdisk_unlock(sqlite3_file *file, int kind)
{
	return faultdisk_real(file)->pMethods->xUnlock(faultdisk_real(file), kind);
}

static int faultdisk_reserved(sqlite3_file *file, int *isp)
{
	return faultdisk_real(file)->pMethods->xCheckReservedLock(faultdisk_real(file), isp);
}

static int faultdisk_control(sqlite3_file *file, int op, void *arg)
{
	return faultdisk_real(file)->pMethods->xFileControl(faultdisk_real(file), op, arg);
}

static int faultdisk_sector(sqlite3_file *file)
{
	return faultdisk_real(file)->pMethods->xSectorSize(faultdisk_real(file));
}

static int faultdisk_device(sqlite3_file *file)
{
	return faultdisk_real(file)->pMethods->xDeviceCharacteristics(faultdisk_real(file));
}

static int faultdisk_shm_map(
	sqlite3_file *file, int page, int n_page, int extend, void volatile **mapp)
{
	return faultdisk_real(file)->pMethods->xShmMap(
		faultdisk_real(file), page, n_page, extend, mapp);
}

static int faultdisk_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return faultdisk_real(file)->pMethods->xShmLock(faultdisk_real(file), offset, n, flags);
}

static void faultdisk_shm_barrier(sqlite3_file *file)
{
	faultdisk_real(file)->pMethods->xShmBarrier(faultdisk_real(file));
}

static int faultdisk_shm_unmap(sqlite3_file *file, int is_delete)
{
	return faultdisk_real(file)->pMethods->xShmUnmap(faultdisk_real(file), is_delete);
}

static const sqlite3_io_methods faultdisk_methods = {
	.iVersion = 2,
	.xClose = faultdisk_close,
	.xRead = faultdisk_read,
	.xWrite = faultdisk_write,
	.xTruncate = faultdisk_truncate,
	.xSync = faultdisk_sync,
	.xFileSize = faultdisk_size,
	.xLock = faultdisk_lock,
	.xUnlock = faultdisk_unlock,
	.xCheckReservedLock = faultdisk_reserved,
	.xFileControl = faultdisk_control,
	.xSectorSize = faultdisk_sector,
	.xDeviceCharacteristics = faultdisk_device,
	.xShmMap = faultdisk_shm_map,
	.xShmLock = faultdisk_shm_lock,
	.xShmBarrier = faultdisk_shm_barrier,
	.xShmUnmap = faultdisk_shm_unmap,
};

static int faultdisk_open(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flagsp)
{
	struct faultdisk_file *own = (struct faultdisk_file *)(void *)file;
	int rc;

	(void)vfs;
	own->head.pMethods = NULL;
	own->real = (sqlite3_file *)(void *)(own + 1);
	rc = faultdisk_below->xOpen(faultdisk_below, name, own->real, flags, flagsp);
	if (rc == SQLITE_OK)
		own->head.pMethods = &faultdisk_methods;
	return rc;
}

void faultdisk_install(void)
{
	faultdisk_below = sqlite3_vfs_find(NULL);
	memcpy(&faultdisk_vfs, faultdisk_below, sizeof(faultdisk_vfs));
	faultdisk_vfs.zName = "faultdisk";
	faultdisk_vfs.szOsFile = (int)sizeof(struct faultdisk_file) + faultdisk_below->szOsFile;
	faultdisk_vfs.xOpen = faultdisk_open;
	(void)sqlite3_vfs_register(&faultdisk_vfs, 1);
}

void faultdisk_arm(unsigned long n, int code, bool is_lasting)
{
	faultdisk_left = n;
	faultdisk_code = code;
	faultdisk_is_lasting = is_lasting;
	faultdisk_has_failed = false;
	faultdisk_is_armed = true;
}

bool faultdisk_disarm(void)
{
	faultdisk_is_armed = false;
	return faultdisk_has_failed;
}
