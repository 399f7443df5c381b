/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules that keep verdicts true, where each is kept (evidence and tests:
 * docs/engine.md):
 *
 *   1  no clock inside the library: MAX_SCANTIME 0, and bytecode's own timeout,
 *      which is wall time too, as far away as it goes
 *   2  cl_scandesc_callback() on the descriptor, never cl_fmap_open_handle()
 *   3  HEURISTIC_EXCEEDS_MAX on; "Heuristics.Limits.Exceeded.*" is a limit
 *   4  read_guard and engine_guard see what libclamav swallows
 *   5  no clean cache
 *   7  unsigned bytecode is not loaded
 *
 * All other options are clamscan's defaults, so that verdicts are comparable.
 */
#include "engine.h"

#include "check.h"
#include "cleanup.h"
#include "engine_charsets.h"
#include "engine_guard.h"
#include "engine_path.h"
#include "log.h"
#include "read_guard.h"

#include <clamav.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ENGINE_LIMIT_PREFIX "Heuristics.Limits.Exceeded"

enum {
	/* Milliseconds, 11 days: larger overflows the sum of seconds in 32 bits. */
	ENGINE_BYTECODE_TIMEOUT_MAX = 1000000000,
	/* libclamav says file, line and consequence in up to three error lines. */
	ENGINE_COMPLAINTS_MAX = 3,
};

struct engine {
	struct cl_engine *cl;
	struct cl_scan_options options;
	uint64_t max_file_size;
	struct engine_info info;
	char set_version[IPC_TEXT_MAX];
	struct engine_path path; /* Of the naming scan. */
};

/*
 * libclamav's message call-back has no context of the engine. What it says
 * while it loads is about the operator's signatures and worth a line; what it
 * says about scanned files is a hostile file's choice, and is not listened to.
 */
static struct {
	bool is_loading;
	char text[sizeof(((struct errmsg *)0)->text)];
	int n;
} engine_complaints;

static void engine_on_message(
	enum cl_msg severity, const char *full, const char *text, void *context)
{
	size_t n = strlen(engine_complaints.text);
	size_t n_text = strcspn(text, "\n");

	(void)full;
	(void)context;
	if (!engine_complaints.is_loading)
		return;
	if (severity == CL_MSG_ERROR && engine_complaints.n++ < ENGINE_COMPLAINTS_MAX)
		(void)snprintf(engine_complaints.text + n, sizeof(engine_complaints.text) - n,
			"%s%.*s", n > 0 ? "; " : "", (int)n_text, text);
	log_line(severity == CL_MSG_INFO_VERBOSE ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "libclamav",
		"%.*s", (int)n_text, text);
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libclamav's. */
static cl_error_t engine_on_layer(int fd, const char *type, const char **ancestors,
	size_t parent_size, const char *name, size_t size, const char *buffer, uint32_t level,
	uint32_t attributes, void *context)
{
	struct engine *engine = context;

	(void)fd;
	(void)type;
	(void)ancestors;
	(void)parent_size;
	(void)size;
	(void)buffer;
	engine_path_enter(
		&engine->path, level, attributes & LAYER_ATTRIBUTES_NORMALIZED ? NULL : name);
	return CL_CLEAN;
}

static cl_error_t engine_on_layer_end(int fd, int result, const char *virus, void *context)
{
	struct engine *engine = context;

	(void)fd;
	(void)result;
	(void)virus;
	engine_path_leave(&engine->path);
	return CL_CLEAN;
}

static void engine_on_virus(int fd, const char *virus, void *context)
{
	struct engine *engine = context;

	(void)fd;
	(void)virus;
	engine_path_keep(&engine->path);
}

static void engine_set_options(struct engine *engine)
{
	engine->options.general = CL_SCAN_GENERAL_HEURISTICS;
	engine->options.parse = CL_SCAN_PARSE_ARCHIVE | CL_SCAN_PARSE_ELF | CL_SCAN_PARSE_PDF |
				CL_SCAN_PARSE_SWF | CL_SCAN_PARSE_HWP3 | CL_SCAN_PARSE_XMLDOCS |
				CL_SCAN_PARSE_MAIL | CL_SCAN_PARSE_OLE2 | CL_SCAN_PARSE_HTML |
				CL_SCAN_PARSE_PE | CL_SCAN_PARSE_ONENOTE | CL_SCAN_PARSE_IMAGE |
				CL_SCAN_PARSE_IMAGE_FUZZY_HASH;
	engine->options.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX;
}

static int engine_set_limits(struct engine *engine, const struct engine_config *config)
{
	const struct {
		enum cl_engine_field field;
		uint64_t value;
	} settings[] = {
		{CL_ENGINE_MAX_SCANTIME, 0},
		{CL_ENGINE_BYTECODE_TIMEOUT, ENGINE_BYTECODE_TIMEOUT_MAX},
		{CL_ENGINE_DISABLE_CACHE, 1},
		{CL_ENGINE_MAX_FILESIZE, config->max_file_size},
		{CL_ENGINE_MAX_SCANSIZE, config->max_scan_size},
		{CL_ENGINE_MAX_RECURSION, config->max_recursion},
		{CL_ENGINE_MAX_FILES, config->max_files},
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		cl_error_t r = cl_engine_set_num(
			engine->cl, settings[i].field, (long long)settings[i].value);

		if (r != CL_SUCCESS)
			return err_origin(r == CL_EMEM ? -ENOMEM : -EINVAL);
	}
	return engine_set_temp_dir(engine, config->temp_dir);
}

/* "daily 27000 24 Nov 2026 07-24 -0400" of each file with a header, newest time of all. */
static void engine_read_header(struct engine *engine, const char *dir, const char *name)
{
	const char *suffix = strrchr(name, '.');
	size_t n = strlen(engine->set_version);
	struct cl_cvd *head;
	char path[4096];

	if (!suffix || (strcasecmp(suffix, ".cvd") != 0 && strcasecmp(suffix, ".cld") != 0 &&
			       strcasecmp(suffix, ".cud") != 0))
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	head = cl_cvdhead(path);
	if (!head)
		return;
	(void)snprintf(engine->set_version + n, sizeof(engine->set_version) - n, "%s%.*s %u %.32s",
		n > 0 ? ", " : "", (int)(suffix - name), name, head->version,
		head->time ? head->time : "");
	if ((int64_t)head->stime * 1000 > engine->info.set_time_unix_ms)
		engine->info.set_time_unix_ms = (int64_t)head->stime * 1000;
	cl_cvdfree(head);
}

static void engine_read_headers(struct engine *engine, const char *dir)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		engine_read_header(engine, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

static int engine_load_set(struct engine *engine, const char *dir, struct errmsg *msg)
{
	unsigned int n_signatures = 0;
	cl_error_t r = cl_load(dir, engine->cl, &n_signatures, CL_DB_STDOPT);

	if (r == CL_SUCCESS && n_signatures > 0)
		r = cl_engine_compile(engine->cl);
	engine_complaints.is_loading = false;
	if (r == CL_EMEM)
		return err_origin(-ENOMEM);
	if (r == CL_EOPEN || (r == CL_SUCCESS && n_signatures == 0)) {
		errmsg_set(msg, "no signature database in %s", dir);
		return ENGINE_E_SIGNATURES;
	}
	if (r != CL_SUCCESS) {
		errmsg_set(msg, "%s",
			engine_complaints.text[0] ? engine_complaints.text : cl_strerror(r));
		return ENGINE_E_SIGNATURES;
	}
	engine->info.n_signatures = n_signatures;
	return 0;
}

static void engine_cleanup(struct engine **engine)
{
	engine_free(*engine);
}

int engine_load(const struct engine_config *config, struct engine **enginep, struct errmsg *msg)
{
	_cleanup_(engine_cleanup) struct engine *engine = calloc(1, sizeof(*engine));
	int r;

	if (!engine)
		return err_origin(-ENOMEM);
	memset(&engine_complaints, 0, sizeof(engine_complaints));
	engine_complaints.is_loading = true;
	cl_set_clcb_msg(engine_on_message);
	if (cl_init(CL_INIT_DEFAULT) != CL_SUCCESS || !(engine->cl = cl_engine_new()))
		return err_origin(-ENOMEM);
	engine->max_file_size = config->max_file_size;
	engine_set_options(engine);
	r = engine_set_limits(engine, config);
	if (r < 0)
		return err_trace(r);
	r = engine_load_set(engine, config->signatures, msg);
	if (r != 0)
		return r;
	engine_read_headers(engine, config->signatures);
	engine->info.version = cl_retver();
	engine->info.set_version = engine->set_version;
	*enginep = engine;
	engine = NULL;
	return 0;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	if (engine->cl)
		(void)cl_engine_free(engine->cl);
	free(engine);
}

void engine_describe(const struct engine *engine, struct engine_info *infop)
{
	*infop = engine->info;
}

static uint64_t engine_get_num(const struct engine *engine, enum cl_engine_field field)
{
	return (uint64_t)cl_engine_get_num(engine->cl, field, NULL);
}

void engine_settings_read(const struct engine *engine, struct engine_settings *settingsp)
{
	settingsp->max_scan_time_ms = engine_get_num(engine, CL_ENGINE_MAX_SCANTIME);
	settingsp->bytecode_timeout_ms = engine_get_num(engine, CL_ENGINE_BYTECODE_TIMEOUT);
	settingsp->is_cache_off = engine_get_num(engine, CL_ENGINE_DISABLE_CACHE) != 0;
	settingsp->has_unsigned_bytecode =
		(engine_get_num(engine, CL_ENGINE_DB_OPTIONS) & CL_DB_BYTECODE_UNSIGNED) != 0;
}

int engine_set_temp_dir(struct engine *engine, const char *dir)
{
	cl_error_t r = cl_engine_set_str(engine->cl, CL_ENGINE_TMPDIR, dir);

	return r == CL_SUCCESS ? 0 : err_origin(-ENOMEM);
}

int engine_warm_up(struct engine *engine, struct errmsg *msg)
{
	static const char text[] = "<html><meta charset=\"utf-8\"><p>quietscan</html>\n";
	_cleanup_(cleanup_close) int fd = memfd_create("quietscan-warm-up", MFD_CLOEXEC);
	struct engine_verdict *verdict;
	int r = 0;

	if (fd < 0)
		return err_origin(-errno);
	if (pwrite(fd, text, sizeof(text) - 1, 0) != (ssize_t)sizeof(text) - 1)
		return err_origin(-EIO);
	verdict = calloc(1, sizeof(*verdict));
	if (!verdict)
		return err_origin(-ENOMEM);
	tzset();
	(void)engine_charsets_load();
	engine_scan(engine, fd, sizeof(text) - 1, verdict);
	if (verdict->code != IPC_WORK_CLEAN) {
		errmsg_set(msg, "first scan: %s", verdict->text);
		r = err_origin(-EIO);
	}
	free(verdict);
	return r;
}

static void engine_say(struct engine_verdict *verdict, enum ipc_work_code code, int error,
	const char *what, const char *why)
{
	verdict->code = code;
	verdict->error = error;
	(void)snprintf(
		verdict->text, sizeof(verdict->text), "%s%s%s", what, *what ? ": " : "", why);
}

static void engine_name(struct engine_verdict *verdict, const char *name)
{
	verdict->n_signature = strnlen(name, sizeof(verdict->signature));
	memcpy(verdict->signature, name, verdict->n_signature);
}

static void engine_judge(
	struct engine_verdict *verdict, cl_error_t r, const char *virus, int read_error)
{
	bool is_limit =
		virus && strncmp(virus, ENGINE_LIMIT_PREFIX, strlen(ENGINE_LIMIT_PREFIX)) == 0;
	const char *what;
	int lack = engine_guard_end(&what);

	if (r == CL_VIRUS && virus && !is_limit) {
		verdict->code = IPC_WORK_INFECTED;
		engine_name(verdict, virus);
	} else if (read_error == -EPERM) {
		engine_say(verdict, IPC_WORK_DENIED, EPERM, "read", err_text(read_error));
	} else if (read_error == -ENODATA) {
		engine_say(
			verdict, IPC_WORK_READ_ERROR, ENODATA, "read", "less than the file's size");
	} else if (read_error < 0) {
		engine_say(verdict, IPC_WORK_READ_ERROR, -read_error, "read", err_text(read_error));
	} else if (lack < 0) {
		engine_say(verdict, IPC_WORK_ENGINE_ERROR, -lack, what, err_text(lack));
	} else if (engine_guard_was_cut()) {
		engine_say(
			verdict, IPC_WORK_LIMIT, 0, "", "a member was cut at the file size limit");
		engine_name(verdict, ENGINE_LIMIT_PREFIX ".MaxFileSize");
	} else if (is_limit) {
		engine_say(verdict, IPC_WORK_LIMIT, 0, "", virus);
		engine_name(verdict, virus);
	} else if (r != CL_CLEAN) {
		engine_say(verdict, IPC_WORK_ENGINE_ERROR, 0, "", cl_strerror(r));
	} else {
		verdict->code = IPC_WORK_CLEAN;
	}
}

void engine_scan(struct engine *engine, int fd, uint64_t size, struct engine_verdict *verdict)
{
	const char *virus = NULL;
	unsigned long n_scanned = 0;
	cl_error_t r;
	int read_error;

	verdict->error = 0;
	verdict->n_signature = 0;
	verdict->n_container = 0;
	verdict->text[0] = '\0';
	if (engine->max_file_size > 0 && size > engine->max_file_size) {
		engine_say(verdict, IPC_WORK_LIMIT, 0, "", ENGINE_LIMIT_PREFIX ".MaxFileSize");
		engine_name(verdict, ENGINE_LIMIT_PREFIX ".MaxFileSize");
		return;
	}
	read_guard_begin(fd, size);
	engine_guard_begin(engine->max_file_size);
	r = cl_scandesc_callback(fd, NULL, &virus, &n_scanned, engine->cl, &engine->options, NULL);
	read_error = read_guard_end();
	engine_judge(verdict, r, virus, read_error);
	if (verdict->code == IPC_WORK_CLEAN && read_guard_has_more(fd, size))
		engine_say(verdict, IPC_WORK_READ_ERROR, EOVERFLOW, "read",
			"more than the file's size");
}

void engine_find_container(struct engine *engine, int fd, struct engine_verdict *verdict)
{
	const char *virus = NULL;
	unsigned long n_scanned = 0;

	engine_path_reset(&engine->path);
	cl_engine_set_clcb_file_inspection(engine->cl, engine_on_layer);
	cl_engine_set_clcb_post_scan(engine->cl, engine_on_layer_end);
	cl_engine_set_clcb_virus_found(engine->cl, engine_on_virus);
	(void)cl_scandesc_callback(
		fd, NULL, &virus, &n_scanned, engine->cl, &engine->options, engine);
	cl_engine_set_clcb_file_inspection(engine->cl, NULL);
	cl_engine_set_clcb_post_scan(engine->cl, NULL);
	cl_engine_set_clcb_virus_found(engine->cl, NULL);
	verdict->n_container = engine->path.n_text;
	memcpy(verdict->container, engine->path.text, engine->path.n_text);
}
