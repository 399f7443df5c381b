/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format is PKWARE's APPNOTE 4.3.7 (local header), 4.3.12 (central
 * directory) and 4.3.16 (end), without the 64-bit and the streaming parts.
 */
#include "zipfile.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { ZIPFILE_MEMBERS_MAX = 20000, ZIPFILE_LOCAL = 30, ZIPFILE_CENTRAL = 46, ZIPFILE_END = 22 };

struct zipfile {
	FILE *file;
	unsigned char *central; /* Grows. */
	size_t n_central;
	unsigned n_members;
	uint32_t at;
};

static void zipfile_put(unsigned char *at, uint32_t value, int n)
{
	for (int i = 0; i < n; i++)
		at[i] = (unsigned char)(value >> (8 * i));
}

struct zipfile *zipfile_new(const char *path)
{
	struct zipfile *zip = calloc(1, sizeof(*zip));

	assert_non_null(zip);
	zip->file = fopen(path, "wbe");
	assert_non_null(zip->file);
	return zip;
}

static void zipfile_write(struct zipfile *zip, const void *bytes, size_t n)
{
	assert_int_equal(fwrite(bytes, 1, n, zip->file), n);
	zip->at += (uint32_t)n;
}

/* Raw deflate into a new buffer. */
static unsigned char *zipfile_deflate(const void *bytes, size_t n, size_t *n_packedp)
{
	z_stream z = {0};
	unsigned char *packed;

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	*n_packedp = deflateBound(&z, n);
	packed = malloc(*n_packedp);
	assert_non_null(packed);
	z.next_in = (unsigned char *)(uintptr_t)bytes;
	z.avail_in = (unsigned)n;
	z.next_out = packed;
	z.avail_out = (unsigned)*n_packedp;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	*n_packedp = z.total_out;
	assert_int_equal(deflateEnd(&z), Z_OK);
	return packed;
}

/* The fields both headers share, from "version needed" to "extra length". */
static void zipfile_common(unsigned char *at, const char *name, uint32_t crc, size_t n,
	size_t n_packed, bool is_deflated)
{
	zipfile_put(at, 20, 2);
	zipfile_put(at + 4, is_deflated ? 8 : 0, 2);
	zipfile_put(at + 8, 0x5c78, 2); /* A day in 2026; any will do. */
	zipfile_put(at + 10, crc, 4);
	zipfile_put(at + 14, (uint32_t)n_packed, 4);
	zipfile_put(at + 18, (uint32_t)n, 4);
	zipfile_put(at + 22, (uint32_t)strlen(name), 2);
}

void zipfile_add(
	struct zipfile *zip, const char *name, const void *bytes, size_t n, bool is_deflated)
{
	unsigned char local[ZIPFILE_LOCAL] = "PK\3\4";
	unsigned char central[ZIPFILE_CENTRAL] = "PK\1\2";
	uint32_t crc = (uint32_t)crc32(0, bytes, (unsigned)n);
	size_t n_packed = n;
	unsigned char *packed = is_deflated ? zipfile_deflate(bytes, n, &n_packed) : NULL;
	size_t n_name = strlen(name);

	assert_true(zip->n_members++ < ZIPFILE_MEMBERS_MAX);
	zipfile_common(local + 4, name, crc, n, n_packed, is_deflated);
	zipfile_common(central + 6, name, crc, n, n_packed, is_deflated);
	zipfile_put(central + 42, zip->at, 4);
	zip->central = realloc(zip->central, zip->n_central + sizeof(central) + n_name);
	assert_non_null(zip->central);
	memcpy(zip->central + zip->n_central, central, sizeof(central));
	memcpy(zip->central + zip->n_central + sizeof(central), name, n_name);
	zip->n_central += sizeof(central) + n_name;
	zipfile_write(zip, local, sizeof(local));
	zipfile_write(zip, name, n_name);
	zipfile_write(zip, packed ? packed : bytes, n_packed);
	free(packed);
}

void zipfile_add_file(struct zipfile *zip, const char *name, const char *path, bool is_deflated)
{
	FILE *file = fopen(path, "rbe");
	unsigned char *bytes;
	long n;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	n = ftell(file);
	assert_true(n >= 0);
	rewind(file);
	bytes = malloc((size_t)n + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)n, file), (size_t)n);
	(void)fclose(file);
	zipfile_add(zip, name, bytes, (size_t)n, is_deflated);
	free(bytes);
}

void zipfile_end(struct zipfile *zip)
{
	unsigned char end[ZIPFILE_END] = "PK\5\6";

	zipfile_put(end + 8, zip->n_members, 2);
	zipfile_put(end + 10, zip->n_members, 2);
	zipfile_put(end + 12, (uint32_t)zip->n_central, 4);
	zipfile_put(end + 16, zip->at, 4);
	zipfile_write(zip, zip->central, zip->n_central);
	zipfile_write(zip, end, sizeof(end));
	assert_int_equal(fclose(zip->file), 0);
	free(zip->central);
	free(zip);
}
