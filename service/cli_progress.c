/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The live line never wraps: a wrapped line cannot be taken back with a
 * carriage return. It is cut to the terminal's width, asked for anew each time
 * since windows change.
 */
#include "cli_progress.h"

#include "cleanup.h"
#include "cli_format.h"
#include "cli_print.h"
#include "cli_terminal.h"
#include "cli_view.h"
#include "utf8.h"

#include <stdlib.h>
#include <stdarg.h>

#define CLI_PROGRESS_ERASE "\r\x1b[K"

static void cli_progress_add(char text[CLI_PROGRESS_SIZE], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void cli_progress_add(char text[CLI_PROGRESS_SIZE], const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text + n, CLI_PROGRESS_SIZE - n, fmt, ap);
	va_end(ap);
}

static void cli_progress_figures(
	const cJSON *scan, const cJSON *progress, char text[CLI_PROGRESS_SIZE])
{
	char a[CLI_FORMAT_SIZE];
	char b[CLI_FORMAT_SIZE];
	uint64_t judged = cli_format_number(progress, "judged");
	uint64_t found = cli_format_number(progress, "found");
	double percent = cli_format_real(progress, "percent");
	double eta = cli_format_real(progress, "etaSeconds");
	uint64_t lanes = cli_format_number(progress, "lanes");

	if (percent >= 0)
		cli_progress_add(text, "%3.0f %%  ", percent);
	cli_progress_add(text, "%s of %s files  ", cli_format_count(judged, a),
		cli_format_count(found > judged ? found : judged, b));
	cli_progress_add(text, "%s  ", cli_format_bytes(cli_format_number(progress, "bytes"), a));
	cli_progress_add(
		text, "%s detected  ", cli_format_count(cli_format_number(scan, "detections"), a));
	cli_progress_add(text, "load %s of %s  ",
		cli_format_load(cli_format_real(progress, "load"), false, a),
		cli_format_load(cli_format_real(scan, "loadFactor"), true, b));
	if (lanes > 0)
		cli_progress_add(text, "%llu lanes  ", (unsigned long long)lanes);
	if (eta >= 0)
		cli_progress_add(text, "%s left  ", cli_format_duration(eta, a));
}

static void cli_progress_cut(char text[CLI_PROGRESS_SIZE], size_t width)
{
	size_t at = 0;
	size_t used = 0;
	uint32_t code = 0;

	while (text[at]) {
		size_t n = utf8_next((const uint8_t *)text + at, strlen(text + at), &code);
		char one[8] = "";

		n = n ? n : 1;
		memcpy(one, text + at, n);
		used += cli_print_width(one);
		if (used > width)
			break;
		at += n;
	}
	text[at] = '\0';
}

/* What the scan is doing, in a word: its phase, or its status outside of one. */
static const char *cli_progress_word(const cJSON *scan)
{
	const cJSON *progress = cJSON_GetObjectItemCaseSensitive(scan, "progress");
	const char *status = cli_format_field(scan, "status");
	const char *phase = cli_format_field(progress, "phase");

	return *phase && strcmp(status, "InProgress") == 0 ? phase : status;
}

void cli_progress_line(const cJSON *scan, size_t width, char text[CLI_PROGRESS_SIZE])
{
	const cJSON *progress = cJSON_GetObjectItemCaseSensitive(scan, "progress");
	_cleanup_(cleanup_free) char *safe = cli_print_dup(cli_progress_word(scan));

	text[0] = '\0';
	cli_progress_add(text, "%.40s  ", safe ? safe : "");
	if (progress)
		cli_progress_figures(scan, progress, text);
	free(safe);
	safe = cli_print_dup(cli_format_field(progress, "path"));
	if (safe && *safe)
		cli_progress_add(text, "%s", safe);
	if (width > 0)
		cli_progress_cut(text, width);
	for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
}

static bool cli_progress_is_due(
	const struct cli_progress *progress, const cJSON *scan, uint64_t now_ns)
{
	return progress->last_at_ns == 0 ||
	       now_ns - progress->last_at_ns >= CLI_PROGRESS_PLAIN_MS * 1000000ull ||
	       strncmp(progress->last_word, cli_progress_word(scan),
		       sizeof(progress->last_word) - 1) != 0;
}

void cli_progress_show(struct cli_progress *progress, const cJSON *scan, uint64_t now_ns)
{
	char text[CLI_PROGRESS_SIZE];

	if (progress->kind == CLI_PROGRESS_LIVE) {
		/* One less: a cursor past the last column is where terminals differ. */
		cli_progress_line(scan, cli_terminal_width(progress->out) - 1, text);
		(void)fprintf(progress->out, CLI_PROGRESS_ERASE "%s", text);
		progress->is_on_screen = true;
	} else if (progress->kind == CLI_PROGRESS_PLAIN &&
		   cli_progress_is_due(progress, scan, now_ns)) {
		cli_progress_line(scan, 0, text);
		(void)fprintf(progress->out, "%s\n", text);
		progress->last_at_ns = now_ns;
		(void)snprintf(progress->last_word, sizeof(progress->last_word), "%s",
			cli_progress_word(scan));
	}
	(void)fflush(progress->out);
}

void cli_progress_clear(struct cli_progress *progress)
{
	if (!progress->is_on_screen)
		return;
	(void)fputs(CLI_PROGRESS_ERASE, progress->out);
	(void)fflush(progress->out);
	progress->is_on_screen = false;
}
