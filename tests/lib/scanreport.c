/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of scannerproc.h that read the report: an independent reader of
 * the lines, and an independent listing by find(1).
 */
#include "scannerproc.h"

#include "base64.h"
#include "display.h"
#include "json.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int scanreport_compare_spans(struct span a, struct span b)
{
	int r = memcmp(a.data, b.data, a.n < b.n ? a.n : b.n);

	return r != 0 ? r : (a.n > b.n) - (a.n < b.n);
}

static int scanreport_compare(const void *a, const void *b)
{
	return scanreport_compare_spans(((const struct scannerproc_line *)a)->path,
		((const struct scannerproc_line *)b)->path);
}

static struct span scanreport_path(const cJSON *line)
{
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(line, "path");
	const cJSON *bytes = cJSON_GetObjectItemCaseSensitive(line, "pathBytes");
	struct span text = span_str(bytes ? bytes->valuestring : path->valuestring);
	char *raw = malloc(text.n + 1);
	size_t n;

	assert_non_null(raw);
	if (bytes)
		assert_int_equal(base64_decode(text, raw, text.n + 1, &n), 0);
	else
		memcpy(raw, text.data, n = text.n);
	raw[n] = '\0';
	return (struct span){.data = raw, .n = n};
}

static void scanreport_add(struct scannerproc *proc, const char *text, size_t n)
{
	struct errmsg msg = ERRMSG_NULL;
	cJSON *json = NULL;
	struct scannerproc_line *line = &proc->lines[proc->n_lines];
	const cJSON *result;
	const cJSON *reason;

	if (json_parse(text, n, &json, &msg) < 0)
		fail_msg("report line %zu: %s", proc->n_lines, msg.text);
	result = cJSON_GetObjectItemCaseSensitive(json, "result");
	reason = cJSON_GetObjectItemCaseSensitive(json, "reason");
	line->path = scanreport_path(json);
	line->result = FILE_RESULT_N;
	line->reason = reason ? REASON_N : REASON_NONE;
	for (int i = 0; i < FILE_RESULT_N; i++)
		if (strcmp(result->valuestring, file_result_name((enum file_result)i)) == 0)
			line->result = (enum file_result)i;
	for (int i = 0; reason && i < REASON_N; i++)
		if (strcmp(reason->valuestring, reason_name((enum reason)i)) == 0)
			line->reason = (enum reason)i;
	assert_int_not_equal(line->result, FILE_RESULT_N);
	assert_int_not_equal(line->reason, REASON_N);
	proc->n_lines++;
	cJSON_Delete(json);
}

void scannerproc_read_report(struct scannerproc *proc)
{
	FILE *report = fdopen(dup(proc->report_fd), "r");
	size_t n_room = 0;
	char *text = NULL;
	size_t n_text = 0;
	ssize_t n;

	assert_non_null(report);
	rewind(report);
	while ((n = getline(&text, &n_text, report)) > 0) {
		if (proc->n_lines == n_room) {
			n_room = n_room ? 2 * n_room : 1024;
			proc->lines = realloc(proc->lines, n_room * sizeof(*proc->lines));
			assert_non_null(proc->lines);
		}
		if (text[n - 1] == '\n')
			scanreport_add(proc, text, (size_t)n - 1);
	}
	free(text);
	(void)fclose(report);
	if (proc->n_lines)
		qsort(proc->lines, proc->n_lines, sizeof(*proc->lines), scanreport_compare);
}

const struct scannerproc_line *scannerproc_line(const struct scannerproc *proc, const char *path)
{
	struct scannerproc_line key = {.path = span_str(path)};

	return proc->n_lines
		       ? bsearch(&key, proc->lines, proc->n_lines, sizeof(key), scanreport_compare)
		       : NULL;
}

void scannerproc_expect(const struct scannerproc *proc, const char *path, enum file_result result,
	enum reason reason)
{
	const struct scannerproc_line *line = scannerproc_line(proc, path);

	if (!line)
		fail_msg("%s is not in the report", path);
	if (line->result != result || line->reason != reason)
		for (size_t i = 0; i < proc->n_notices; i++)
			print_error("notice %u: %s: %s\n", proc->notices[i].kind,
				proc->notices[i].path, proc->notices[i].text);
	if (line->result != result || line->reason != reason)
		fail_msg("%s is %s (%s), not %s (%s)", path, file_result_name(line->result),
			reason_name(line->reason), file_result_name(result), reason_name(reason));
}

const struct scannerproc_notice *scannerproc_notice(
	const struct scannerproc *proc, enum ipc_notice_kind kind)
{
	for (size_t i = 0; i < proc->n_notices; i++)
		if (proc->notices[i].kind == kind)
			return &proc->notices[i];
	return NULL;
}

void scannerproc_expect_sound(const struct scannerproc *proc)
{
	uint64_t sum = 0;
	uint64_t lines[FILE_RESULT_N] = {0};

	assert_true(WIFEXITED(proc->wait_status));
	assert_int_equal(WEXITSTATUS(proc->wait_status), 0);
	if (proc->done.error)
		fail_msg("the scan ended with error %u", proc->done.error);
	assert_int_equal(proc->done.is_cancelled, 0);
	assert_int_equal(proc->progress.is_walk_done, 1);
	for (size_t i = 0; i < proc->n_lines; i++) {
		lines[proc->lines[i].result]++;
		if (i > 0 && scanreport_compare(&proc->lines[i - 1], &proc->lines[i]) == 0)
			fail_msg("two lines for %s", (const char *)proc->lines[i].path.data);
	}
	for (int i = 0; i < FILE_RESULT_N; i++) {
		sum += proc->progress.results[i];
		assert_int_equal(proc->progress.results[i], lines[i]);
	}
	assert_int_equal(sum, proc->progress.n_found);
	assert_int_equal(proc->n_detections, proc->progress.results[FILE_RESULT_INFECTED]);
}

void scannerproc_make_root(const char *root)
{
	char command[8192];

	(void)snprintf(command, sizeof(command),
		"set -e; cd '%s'; mkdir -p etc root; cp '%s' scanner; "
		"ldd scanner | grep -o '/[^ ]*' | while read -r f; do "
		"mkdir -p \".${f%%/*}\"; cp \"$f\" \".$f\"; done; "
		"echo 'root:x:0:0::/root:/bin/sh' >etc/passwd; "
		"echo 'passwd: files' >etc/nsswitch.conf",
		root, QUIETSCAN_SCANNER);
	if (system(command) != 0)
		fail_msg("%s", command);
}

static struct scannerproc_line *scanreport_find(
	const struct scannerproc *proc, const char *root, const char *find_options, size_t *np)
{
	size_t n_strip = proc->root ? strlen(proc->root) : 0;
	struct scannerproc_line *names = NULL;
	char command[8192];
	size_t n_room = 0;
	size_t n = 0;
	char *text = NULL;
	size_t n_text = 0;
	ssize_t got;
	FILE *find;

	(void)snprintf(
		command, sizeof(command), "find '%s' %s ! -type d -print0", root, find_options);
	find = popen(command, "re");
	assert_non_null(find);
	while ((got = getdelim(&text, &n_text, '\0', find)) > 0) {
		char *copy = malloc((size_t)got);

		got -= (ssize_t)n_strip;
		if (n == n_room) {
			n_room = n_room ? 2 * n_room : 1024;
			names = realloc(names, n_room * sizeof(*names));
		}
		assert_true(names && copy);
		memcpy(copy, text + n_strip, (size_t)got);
		names[n++] =
			(struct scannerproc_line){.path = {.data = copy, .n = (size_t)got - 1}};
	}
	free(text);
	/* It ends with 1 when it meets a loop of bind mounts and turns back. */
	assert_true(WEXITSTATUS(pclose(find)) <= 1);
	if (n > 0)
		qsort(names, n, sizeof(*names), scanreport_compare);
	*np = n;
	return names;
}

static bool scanreport_is_compared(const struct scannerproc_line *line)
{
	return line->reason != REASON_FILESYSTEM &&
	       !(line->path.n > 5 && ((const char *)line->path.data)[line->path.n - 1] == ')' &&
		       memmem(line->path.data, line->path.n, " (pid ", 6));
}

void scannerproc_expect_find(
	const struct scannerproc *proc, const char *root, const char *find_options)
{
	size_t n = 0;
	struct scannerproc_line *names = scanreport_find(proc, root, find_options, &n);
	size_t at = 0;

	for (size_t i = 0; i < proc->n_lines || at < n;) {
		int r = i == proc->n_lines ? 1
			: at == n          ? -1
					   : scanreport_compare(&proc->lines[i], &names[at]);
		struct span path = r < 0 ? proc->lines[i].path : names[at < n ? at : 0].path;
		char text[512];

		if (r <= 0 && i < proc->n_lines && !scanreport_is_compared(&proc->lines[i])) {
			i++;
			at += r == 0;
			continue;
		}
		if (r != 0) {
			(void)display_write(DISPLAY_TEXT, path, text, sizeof(text));
			fail_msg("%s: only %s has it", text, r < 0 ? "the scan" : "find");
		}
		i++;
		at++;
	}
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)names[i].path.data);
	free(names);
}
