/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decode the corpus: corpus-decode CORPUS_DIR OUTPUT_DIR
 *
 * The samples are stored with every byte XORed, so that a checkout, a source
 * package or a backup of it never holds anything a scanner reports. They come
 * to life only here, in the build tree. The program is C and not a script so
 * that building needs nothing but a compiler.
 *
 * MANIFEST says what becomes of each stored file. Names in it are bytes in an
 * escaped form (\n, \t, \\, \xHH): some samples exist for their names alone,
 * and no version control stores those safely on every system.
 *
 * Its input is ours, reviewed and in the tree; still nothing is written outside
 * OUTPUT_DIR (".." and absolute paths are refused).
 *
 * Hands (files). Exit: 0, 1 on an error that is named on stderr, 64 usage.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	CORPUS_DECODE_KEY = 0xA5,      /**< make_samples.py has the same. */
	CORPUS_DECODE_LINE_MAX = 4096, /**< Of the manifest; the longest has about 400. */
	CORPUS_DECODE_USAGE = 64,
};

/** Turn \n, \t, \\ and \xHH into bytes, in place. @return whether all were known. */
static bool corpus_decode_unescape(char *text)
{
	char *to = text;
	char hex[3] = "";

	for (const char *from = text; *from; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from == 'n') {
			*to++ = '\n';
		} else if (*from == 't') {
			*to++ = '\t';
		} else if (*from == '\\') {
			*to++ = '\\';
		} else if (*from == 'x' && from[1] && from[2]) {
			memcpy(hex, from + 1, 2);
			*to++ = (char)strtol(hex, NULL, 16);
			from += 2;
		} else {
			return false;
		}
	}
	*to = '\0';
	return true;
}

/** Whether a path stays below the directory it is put under. */
static bool corpus_decode_is_inside(const char *path)
{
	return path[0] && path[0] != '/' && strncmp(path, "../", 3) != 0 && !strstr(path, "/../");
}

/** mkdir -p for the directories of a path. @return 0 or -errno. */
static int corpus_decode_make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int r;

		*slash = '\0';
		r = mkdir(path, 0755);
		*slash = '/';
		if (r < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/** Copy with every byte XORed; @from NULL makes an empty file. @return 0 or -errno. */
static int corpus_decode_copy(const char *from, const char *to)
{
	FILE *in = from ? fopen(from, "rbe") : NULL;
	FILE *out = in || !from ? fopen(to, "wbe") : NULL;
	int r = out ? 0 : -errno;
	int byte;

	while (out && in && (byte = getc(in)) != EOF)
		putc(byte ^ CORPUS_DECODE_KEY, out);
	if (in && (ferror(in) || fclose(in) != 0))
		r = -EIO;
	if (out && (ferror(out) || fclose(out) != 0))
		r = -EIO;
	return r;
}

/** One line of the manifest. @return 0, -EINVAL for a malformed one, other -errno. */
static int corpus_decode_line(char *line, const char *corpus, const char *output)
{
	char from[PATH_MAX], to[PATH_MAX];
	char *stored = strchr(line, '\t');
	char *rest = stored ? strchr(stored + 1, '\t') : NULL;
	int r;

	if (!rest)
		return -EINVAL;
	*stored++ = '\0';
	*rest = '\0';
	if (!corpus_decode_unescape(line) || !corpus_decode_is_inside(line) || strchr(stored, '/'))
		return -EINVAL;
	if (snprintf(from, sizeof from, "%s/samples/%s", corpus, stored) >= (int)sizeof from ||
		snprintf(to, sizeof to, "%s/%s", output, line) >= (int)sizeof to)
		return -ENAMETOOLONG;
	r = corpus_decode_make_parents(to);
	return r < 0 ? r : corpus_decode_copy(strcmp(stored, "-") == 0 ? NULL : from, to);
}

/** Every line of an open manifest. @return 0 or 1, after having said why. */
static int corpus_decode_all(FILE *manifest, const char *corpus, const char *output)
{
	char line[CORPUS_DECODE_LINE_MAX];

	for (int number = 1; fgets(line, sizeof line, manifest); number++) {
		int r = line[0] == '#' ? 0 : corpus_decode_line(line, corpus, output);

		if (r < 0) {
			fprintf(stderr, "corpus-decode: MANIFEST, line %d: %s\n", number,
				strerror(-r));
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	char path[PATH_MAX];
	FILE *manifest;
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: corpus-decode CORPUS_DIR OUTPUT_DIR\n");
		return CORPUS_DECODE_USAGE;
	}
	snprintf(path, sizeof path, "%s/MANIFEST", argv[1]);
	manifest = fopen(path, "re");
	if (!manifest) {
		fprintf(stderr, "corpus-decode: %s: %s\n", path, strerror(errno));
		return 1;
	}
	r = corpus_decode_all(manifest, argv[1], argv[2]);
	fclose(manifest);
	return r;
}
