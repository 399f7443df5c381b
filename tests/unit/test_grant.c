/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grant page: what the kernel promises of a sealed memfd, and what readers
 * are promised of generations.
 */
#include "unit.h"

#include "grant.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct fixture {
	struct grant_page *page;       /**< The daemon's. */
	const struct grant_page *read; /**< A reader's. */
	int fd;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || grant_page_new(&f->page, &f->fd) != 0 || grant_page_map(f->fd, &f->read) != 0)
		return -1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	grant_page_close(f->page);
	grant_page_close(f->read);
	close(f->fd);
	free(f);
	return 0;
}

/* A reader may not write: not by the mapping, not by mprotect, not by write(2). */
static void reader_cannot_write(void **state)
{
	struct fixture *f = *state;
	uint64_t forged = GRANT_UNLIMITED;
	char path[64];
	int fd;

	assert_int_equal(mprotect((void *)(uintptr_t)f->read, 4096, PROT_READ | PROT_WRITE), -1);
	assert_int_equal(errno, EACCES);
	assert_ptr_equal(
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0), MAP_FAILED);
	assert_int_equal(errno, EPERM);
	assert_int_equal(pwrite(f->fd, &forged, sizeof(forged), 128), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(f->fd, 0), -1);
	assert_int_equal(errno, EPERM);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		assert_ptr_equal(
			mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
		assert_int_equal(pwrite(fd, &forged, sizeof(forged), 128), -1);
		close(fd);
	}
	/* The daemon still can. */
	grant_assign(f->page, GRANT_SLOT_ZYGOTE, 1);
	grant_raise(f->page, GRANT_SLOT_ZYGOTE, 5);
	assert_int_equal(grant_read(f->read, GRANT_SLOT_ZYGOTE, 1), 5);
}

/* A stranger's fd is refused before it is believed. */
static void map_refuses_strangers(void **state)
{
	const struct grant_page *page = NULL;
	int fd = memfd_create("stranger", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int seals = F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	off_t size;

	assert_int_equal(grant_page_map(-1, &page), -EBADF);
	assert_int_equal(grant_page_map(fd, &page), -EPROTO); /* empty */
	size = lseek(((struct fixture *)*state)->fd, 0, SEEK_END);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(grant_page_map(fd, &page), -EPROTO); /* not sealed */
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	assert_int_equal(grant_page_map(fd, &page), -EPROTO); /* no magic */
	assert_null(page);
	close(fd);
}

/* Grants only rise, and only the slot's generation sees them. */
static void read_by_generation(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(grant_read(f->read, 3, 7), 0);
	grant_assign(f->page, 3, 7);
	assert_int_equal(grant_read(f->read, 3, 7), 0);
	grant_raise(f->page, 3, 1000);
	grant_raise(f->page, 3, 500);
	assert_int_equal(grant_read(f->read, 3, 7), 1000);
	assert_int_equal(grant_read(f->read, 3, 6), 0);
	grant_assign(f->page, 3, 8);
	assert_int_equal(grant_read(f->read, 3, 7), 0);
	assert_int_equal(grant_read(f->read, 3, 8), 0);
}

struct changer {
	struct grant_page *page;
	_Atomic bool is_done;
};

/* Give one slot to generation after generation, each with its own number. */
static void *changer_run(void *arg)
{
	struct changer *c = arg;

	for (uint32_t generation = 1; generation < 200000; generation++) {
		grant_assign(c->page, 5, generation);
		grant_raise(c->page, 5, (uint64_t)generation * 10);
	}
	c->is_done = true;
	return NULL;
}

/* Whatever the interleaving, a generation reads 0 or its own number. */
static void read_while_slot_changes_hands(void **state)
{
	struct fixture *f = *state;
	struct changer c = {.page = f->page};
	uint32_t guess = 1;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, changer_run, &c), 0);
	while (!c.is_done) {
		uint64_t got = grant_read(f->read, 5, guess);

		if (got != 0 && got != (uint64_t)guess * 10)
			fail_msg("generation %u read %llu", guess, (unsigned long long)got);
		guess++;
		if (guess >= 200000)
			guess = 1;
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
}

#define GRANT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GRANT_TEST(reader_cannot_write),
		GRANT_TEST(map_refuses_strangers),
		GRANT_TEST(read_by_generation),
		GRANT_TEST(read_while_slot_changes_hands),
	};

	return cmocka_run_group_tests_name("grant", tests, NULL, NULL);
}
