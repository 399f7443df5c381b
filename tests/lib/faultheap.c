/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * glibc exports its own allocator as __libc_malloc and so on for this use
 * (glibc manual, "Replacing malloc").
 */
#include "faultheap.h"

#include <errno.h>
#include <stddef.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);

static bool faultheap_is_armed;
static bool faultheap_is_lasting;
static bool faultheap_has_failed;
static unsigned long faultheap_left;

void faultheap_arm(unsigned long n)
{
	faultheap_left = n;
	faultheap_has_failed = false;
	faultheap_is_lasting = false;
	faultheap_is_armed = true;
}

void faultheap_arm_all_from(unsigned long n)
{
	faultheap_arm(n);
	faultheap_is_lasting = true;
}

bool faultheap_disarm(void)
{
	faultheap_is_armed = false;
	return faultheap_has_failed;
}

static bool faultheap_fails(void)
{
	if (!faultheap_is_armed)
		return false;
	if (faultheap_left > 0) {
		faultheap_left--;
		return false;
	}
	if (faultheap_has_failed && !faultheap_is_lasting)
		return false;
	faultheap_has_failed = true;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	return faultheap_fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return faultheap_fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return faultheap_fails() ? NULL : __libc_realloc(p, n);
}
