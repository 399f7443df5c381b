/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Make harmless files to scan: corpus-filler OUTPUT_DIR N_FILES N_BYTES
 *
 * Load and progress can only be seen on a scan that lasts, and a checkout
 * should not carry megabytes of padding. So the padding is computed: N_FILES
 * files of about N_BYTES each, in directories of 100, alternately plain text,
 * HTML with a script, C source and bytes without a pattern; those are the kinds
 * on which the engine spends its time differently. The same arguments give the
 * same bytes on every machine (no clock, no random device), so that two runs of
 * a test or a measurement scan the same.
 *
 * Hands (files). Exit: 0, 1 on an error that is named on stderr, 64 usage.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	CORPUS_FILLER_IN_DIRECTORY = 100,
	CORPUS_FILLER_MAX = 10000000, /**< Of each number; more is a typing error. */
	CORPUS_FILLER_USAGE = 64,
};

static const char *const corpus_filler_words[] = {
	"alpha",
	"river",
	"stone",
	"cloud",
	"window",
	"paper",
	"garden",
	"number",
	"signal",
	"quiet",
	"morning",
	"engine",
	"bridge",
	"silver",
	"copper",
	"letter",
	"market",
	"island",
	"summer",
	"winter",
	"account",
	"machine",
	"report",
	"folder",
	"result",
	"reader",
};

static const char *const corpus_filler_suffixes[] = {"txt", "html", "c", "bin"};

/** xorshift64*: enough to have no two files alike, and the same everywhere. */
static uint64_t corpus_filler_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545F4914F6CDD1DULL;
}

static const char *corpus_filler_word(uint64_t *state)
{
	size_t n = sizeof corpus_filler_words / sizeof corpus_filler_words[0];

	return corpus_filler_words[(corpus_filler_next(state) >> 33) % n];
}

/** One piece of a file of this kind; returns its length. */
static long corpus_filler_piece(FILE *out, size_t kind, uint64_t *state)
{
	uint64_t noise;

	switch (kind) {
	case 0:
		return fprintf(out, "%s %s %s.\n", corpus_filler_word(state),
			corpus_filler_word(state), corpus_filler_word(state));
	case 1:
		return fprintf(out,
			"<p class=\"%s\">%s <b>%s</b></p><script>var %s = %u;</script>\n",
			corpus_filler_word(state), corpus_filler_word(state),
			corpus_filler_word(state), corpus_filler_word(state),
			(unsigned)(corpus_filler_next(state) >> 40));
	case 2:
		return fprintf(out, "static int %s_%s(void)\n{\n\treturn %u;\n}\n",
			corpus_filler_word(state), corpus_filler_word(state),
			(unsigned)(corpus_filler_next(state) >> 40));
	default:
		noise = corpus_filler_next(state);
		return (long)fwrite(&noise, 1, sizeof noise, out);
	}
}

/** File number @index. @return 0 or -errno. */
static int corpus_filler_file(const char *output, long index, long n_bytes)
{
	size_t kind = (size_t)index % 4;
	uint64_t state = ((uint64_t)index + 1) * 0x9E3779B97F4A7C15ULL;
	char path[PATH_MAX];
	FILE *out;

	snprintf(path, sizeof path, "%s/%05ld", output, index / CORPUS_FILLER_IN_DIRECTORY);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof path, "%s/%05ld/%07ld.%s", output, index / CORPUS_FILLER_IN_DIRECTORY,
		index, corpus_filler_suffixes[kind]);
	out = fopen(path, "wbe");
	if (!out)
		return -errno;
	if (kind == 1)
		fputs("<!DOCTYPE html><html><head><title>filler</title></head><body>\n", out);
	for (long n = 0; n < n_bytes;)
		n += corpus_filler_piece(out, kind, &state);
	if (ferror(out)) {
		fclose(out);
		return -EIO;
	}
	return fclose(out) == 0 ? 0 : -errno;
}

/** A number of the command line, 0 when it is none. */
static long corpus_filler_number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	return *end || value > CORPUS_FILLER_MAX || value < 0 ? 0 : value;
}

int main(int argc, char **argv)
{
	long n_files = argc == 4 ? corpus_filler_number(argv[2]) : 0;
	long n_bytes = argc == 4 ? corpus_filler_number(argv[3]) : 0;

	if (n_files == 0 || n_bytes == 0) {
		fprintf(stderr, "usage: corpus-filler OUTPUT_DIR N_FILES N_BYTES\n");
		return CORPUS_FILLER_USAGE;
	}
	if (mkdir(argv[1], 0755) < 0 && errno != EEXIST) {
		fprintf(stderr, "corpus-filler: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	for (long i = 0; i < n_files; i++) {
		int r = corpus_filler_file(argv[1], i, n_bytes);

		if (r < 0) {
			fprintf(stderr, "corpus-filler: file %ld: %s\n", i, strerror(-r));
			return 1;
		}
	}
	return 0;
}
