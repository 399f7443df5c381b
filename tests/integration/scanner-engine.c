/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an engine may do to a scan: nothing but cost the file it had. Workers
 * that crash, hang, lie, run on and are killed; zygotes that die; pause,
 * cancel and lanes that come and go; and the real engine at the end.
 */
#include "clock.h"
#include "exitcode.h"
#include "samples.h"
#include "scannerproc.h"
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct engine_tree {
	char dir[SAMPLES_PATH_SIZE];
	size_t n;
};

static void tree_add(struct engine_tree *tree, const char *name, const char *text)
{
	char path[SAMPLES_PATH_SIZE];

	samples_path(path, tree->dir, name);
	samples_write(path, text, strlen(text));
	tree->n++;
}

/* @n files called as their word and a number. */
static void tree_add_many(struct engine_tree *tree, const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%s-%zu", word, i);
		tree_add(tree, name, word);
	}
}

static void expect_word(const struct scannerproc *proc, const struct engine_tree *tree,
	const char *name, enum file_result result, enum reason reason)
{
	char path[SAMPLES_PATH_SIZE];

	samples_path(path, tree->dir, name);
	scannerproc_expect(proc, path, result, reason);
}

static void engine_begin(struct engine_tree *tree, struct scannerproc *proc)
{
	tree->n = 0;
	samples_dir(tree->dir);
	proc->type = SCAN_TYPE_CUSTOM;
	scannerproc_add(proc, IPC_PATH_TARGET, tree->dir);
}

static void engine_end(struct engine_tree *tree, struct scannerproc *proc)
{
	scannerproc_close(proc);
	samples_dir_remove(tree->dir);
}

/* Each verdict becomes its result; each way to fail costs one file. */
static void every_word(void **state)
{
	static const struct {
		const char *word;
		enum file_result result;
		enum reason reason;
	} words[] = {
		{"CLEAN", FILE_RESULT_CLEAN, REASON_NONE},
		{"VIRUS", FILE_RESULT_INFECTED, REASON_NONE},
		{"LIMIT", FILE_RESULT_INCOMPLETE, REASON_LIMIT},
		{"READERROR", FILE_RESULT_INCOMPLETE, REASON_READ_ERROR},
		{"DENIED", FILE_RESULT_BLOCKED, REASON_DENIED},
		{"ENGINEERROR", FILE_RESULT_INCOMPLETE, REASON_ENGINE_ERROR},
		{"SEGV", FILE_RESULT_CRASHED, REASON_CRASHED},
		{"ABORT", FILE_RESULT_CRASHED, REASON_CRASHED},
		{"SYS", FILE_RESULT_CRASHED, REASON_CRASHED},
		{"EXIT", FILE_RESULT_CRASHED, REASON_CRASHED},
		{"SUICIDE", FILE_RESULT_CRASHED, REASON_CRASHED},
		{"ONCE", FILE_RESULT_CLEAN, REASON_NONE},
		{"LIE", FILE_RESULT_CRASHED, REASON_CRASHED},
		{"BADCODE", FILE_RESULT_CRASHED, REASON_CRASHED},
		{"NAMELESS", FILE_RESULT_CRASHED, REASON_CRASHED},
		{"MUTE", FILE_RESULT_CRASHED, REASON_CRASHED},
		{"SPIN", FILE_RESULT_INCOMPLETE, REASON_CPU_TIME},
		{"HANG", FILE_RESULT_INCOMPLETE, REASON_STALLED},
		{"SLOW", FILE_RESULT_CLEAN, REASON_NONE},
	};
	struct scannerproc proc = {.n_lanes = 3,
		.file_cpu_max_ns = 300 * UINT64_C(1000000),
		.stall_ns = 1500 * UINT64_C(1000000)};
	struct engine_tree tree;

	(void)state;
	engine_begin(&tree, &proc);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		tree_add(&tree, words[i].word, words[i].word);
	tree_add_many(&tree, "GOOD", 50);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	scannerproc_expect_find(&proc, tree.dir, "");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		expect_word(&proc, &tree, words[i].word, words[i].result, words[i].reason);
	assert_non_null(scannerproc_notice(&proc, IPC_NOTICE_CRASHED));
	assert_non_null(scannerproc_notice(&proc, IPC_NOTICE_OVERRUN));
	assert_non_null(scannerproc_notice(&proc, IPC_NOTICE_STALLED));
	engine_end(&tree, &proc);
}

/* Verdicts given before they are asked for count for nothing, nor do they hold the lane. */
static void judged_ahead(void **state)
{
	struct scannerproc proc = {.n_lanes = 1};
	struct engine_tree tree;
	uint64_t n_crashed;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "AHEAD", 5);
	tree_add_many(&tree, "VIRUS", 50);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	/* Whoever comes after a liar pays for it, at least after the first. */
	n_crashed = proc.progress.results[FILE_RESULT_CRASHED];
	assert_in_range(n_crashed, 1, 5);
	assert_in_range(proc.progress.results[FILE_RESULT_CLEAN], 1, 5);
	assert_int_equal(proc.progress.results[FILE_RESULT_INFECTED] + n_crashed +
				 proc.progress.results[FILE_RESULT_CLEAN],
		55);
	engine_end(&tree, &proc);
}

/* What was found stays found, however the search for its names ends. */
static void found_is_found(void **state)
{
	static const char *const words[] = {"FOUNDVIRUS", "FOUNDSEGV", "FOUNDSUICIDE", "FOUNDSPIN",
		"FOUNDHANG", "FOUNDMUTE", "FOUNDLIE", "FOUNDNAMELESS", "FOUNDCLEAN", "FOUNDLIMIT",
		"FOUNDFOUNDVIRUS"};
	const size_t n = sizeof(words) / sizeof(words[0]);
	struct scannerproc proc = {.n_lanes = 3,
		.file_cpu_max_ns = 300 * UINT64_C(1000000),
		.stall_ns = 1500 * UINT64_C(1000000)};
	struct engine_tree tree;

	(void)state;
	engine_begin(&tree, &proc);
	for (size_t i = 0; i < n; i++)
		tree_add(&tree, words[i], words[i]);
	tree_add_many(&tree, "GOOD", 20);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	for (size_t i = 0; i < n; i++)
		expect_word(&proc, &tree, words[i], FILE_RESULT_INFECTED, REASON_NONE);
	assert_int_equal(proc.n_detections, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(proc.detections[i].fields.has_hashes, 1);
	assert_null(scannerproc_notice(&proc, IPC_NOTICE_OVERRUN));
	engine_end(&tree, &proc);
}

/* A worker is replaced after its files, after a detection, after an error. */
static void workers_are_replaced(void **state)
{
	struct scannerproc proc = {.n_lanes = 1, .worker_files_max = 10};
	struct engine_tree tree;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "GOOD", 100);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_int_equal(proc.n_workers, 10);
	engine_end(&tree, &proc);

	memset(&proc, 0, sizeof(proc));
	proc.n_lanes = 1;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "VIRUS", 5);
	tree_add_many(&tree, "ENGINEERROR", 5);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_int_equal(proc.n_workers, 10);
	engine_end(&tree, &proc);
}

/* What a detection tells about its file. */
static void detection_fields(void **state)
{
	struct scannerproc proc = {.n_lanes = 1};
	/* of "VIRUS", by another program */
	static const uint8_t sha256[] = {0x24, 0xb6, 0xe8, 0x64, 0x04, 0x9e, 0x4b, 0x2e, 0xda, 0x25,
		0x1a, 0x72, 0x3e, 0x08, 0xaa, 0x54, 0x52, 0xfa, 0xa2, 0xe6, 0xee, 0x2c, 0x11, 0x4a,
		0x18, 0x96, 0x7e, 0xfb, 0x15, 0x8f, 0x30, 0x0f};
	static const uint8_t sha1[] = {0x2b, 0xb8, 0xd1, 0xf8, 0x8d, 0x4b, 0x6c, 0x11, 0xef, 0xa6,
		0x9f, 0xd3, 0x2e, 0xa7, 0x1a, 0x22, 0x52, 0x7d, 0xe8, 0x2b};
	struct engine_tree tree;
	struct stat st;
	const struct ipc_scan_detection *fields;
	char path[SAMPLES_PATH_SIZE];

	(void)state;
	engine_begin(&tree, &proc);
	tree_add(&tree, "bad", "VIRUS");
	samples_path(path, tree.dir, "bad");
	assert_int_equal(chmod(path, 0640), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(path, 12, 34), 0);
	assert_int_equal(stat(path, &st), 0);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_int_equal(proc.n_detections, 1);
	fields = &proc.detections[0].fields;
	assert_string_equal(proc.detections[0].path, path);
	assert_int_equal(fields->size, 5);
	assert_int_equal(fields->uid, st.st_uid);
	assert_int_equal(fields->gid, st.st_gid);
	assert_int_equal(fields->mode, st.st_mode);
	assert_int_equal(fields->ino, st.st_ino);
	assert_int_equal(fields->dev, st.st_dev);
	assert_int_equal(fields->nlink, 1);
	assert_int_equal(fields->has_hashes, 1);
	assert_memory_equal(fields->sha256, sha256, sizeof(sha256));
	assert_memory_equal(fields->sha1, sha1, sizeof(sha1));
	engine_end(&tree, &proc);
}

struct chaos {
	uint64_t next_ns;
	unsigned n_worker_kills;
	unsigned n_zygote_kills;
	unsigned seed;
};

/* Kill a worker or the zygote now and then. */
static void chaos_on_tick(struct scannerproc *proc)
{
	struct chaos *chaos = proc->data;
	unsigned lane;

	if (clock_mono_ns() < chaos->next_ns)
		return;
	chaos->seed = chaos->seed * 1103515245u + 12345u;
	chaos->next_ns = clock_mono_ns() + (20 + chaos->seed / 65536 % 160) * UINT64_C(1000000);
	if (chaos->seed / 65536 % 5 == 0 && proc->engine_pid > 0 && chaos->n_zygote_kills < 12) {
		(void)kill(proc->engine_pid, SIGKILL);
		chaos->n_zygote_kills++;
		return;
	}
	lane = chaos->seed / 65536 % 4;
	if (proc->workers[lane] > 0 && chaos->n_worker_kills < 60) {
		(void)kill(proc->workers[lane], SIGKILL);
		chaos->n_worker_kills++;
	}
}

/* Killed workers and zygotes cost time, never a file. */
static void kills_lose_nothing(void **state)
{
	struct chaos chaos = {.seed = 7};
	struct scannerproc proc = {.n_lanes = 4, .on_tick = chaos_on_tick, .data = &chaos};
	struct engine_tree tree;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "GOOD", 3000);
	tree_add_many(&tree, "SLOW", 30);
	tree_add_many(&tree, "VIRUS", 10);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	scannerproc_expect_find(&proc, tree.dir, "");
	/* A file may meet three kills; it is not lost then either. */
	print_message("%u workers and %u zygotes killed, %llu crashed\n", chaos.n_worker_kills,
		chaos.n_zygote_kills,
		(unsigned long long)proc.progress.results[FILE_RESULT_CRASHED]);
	assert_int_equal(proc.progress.results[FILE_RESULT_INFECTED], 10);
	assert_int_equal(proc.progress.results[FILE_RESULT_CLEAN] +
				 proc.progress.results[FILE_RESULT_CRASHED],
		3030);
	assert_true(3 * proc.progress.results[FILE_RESULT_CRASHED] <= chaos.n_worker_kills);
	assert_true(chaos.n_zygote_kills > 0);
	engine_end(&tree, &proc);
}

struct stopper {
	uint64_t until_ns;
	bool is_over;
};

/* Stop the worker with SIGSTOP for longer than the stall limit. */
static void stop_on_tick(struct scannerproc *proc)
{
	struct stopper *stopper = proc->data;

	if (stopper->is_over || proc->workers[0] <= 0)
		return;
	if (stopper->until_ns == 0) {
		assert_int_equal(kill(proc->workers[0], SIGSTOP), 0);
		stopper->until_ns = clock_mono_ns() + UINT64_C(1500000000);
	} else if (clock_mono_ns() > stopper->until_ns) {
		assert_int_equal(kill(proc->workers[0], SIGCONT), 0);
		stopper->is_over = true;
	}
}

/* A stopped worker is no standing still: its verdict is waited for. */
static void stopped_worker_is_waited_for(void **state)
{
	struct stopper stopper = {.until_ns = 0};
	struct scannerproc proc = {.n_lanes = 1,
		.stall_ns = 500 * UINT64_C(1000000),
		.on_tick = stop_on_tick,
		.data = &stopper};
	struct engine_tree tree;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add(&tree, "slow", "SLOW");
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_true(stopper.is_over);
	expect_word(&proc, &tree, "slow", FILE_RESULT_CLEAN, REASON_NONE);
	engine_end(&tree, &proc);
}

/* A worker that has no grant left is not standing still either. */
static void grant_on_tick(struct scannerproc *proc)
{
	struct stopper *stopper = proc->data;

	if (proc->workers[0] <= 0)
		return;
	if (stopper->until_ns == 0)
		stopper->until_ns = clock_mono_ns() + UINT64_C(1500000000);
	if (!stopper->is_over && clock_mono_ns() > stopper->until_ns) {
		/* Now it could run and does not: the watch begins. */
		grant_raise(proc->page, GRANT_SLOT_LANE0, GRANT_UNLIMITED);
		stopper->is_over = true;
	}
}

static void ungranted_worker_is_waited_for(void **state)
{
	struct stopper stopper = {.until_ns = 0};
	struct scannerproc proc = {.n_lanes = 1,
		.stall_ns = 500 * UINT64_C(1000000),
		.is_governed = true,
		.on_tick = grant_on_tick,
		.data = &stopper};
	struct engine_tree tree;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add(&tree, "hang", "HANG");
	scannerproc_start(&proc);
	grant_raise(proc.page, GRANT_SLOT_SCANNER, GRANT_UNLIMITED);
	scannerproc_finish(&proc);
	scannerproc_expect_sound(&proc);
	assert_true(stopper.is_over);
	expect_word(&proc, &tree, "hang", FILE_RESULT_INCOMPLETE, REASON_STALLED);
	engine_end(&tree, &proc);
}

/* Cancel: what lanes hold is incomplete, what waits is found and not judged. */
static void cancel(void **state)
{
	struct scannerproc proc = {.n_lanes = 2};
	struct engine_tree tree;
	uint64_t sum = 0;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "HANG", 600);
	scannerproc_start(&proc);
	while (scannerproc_step(&proc, 10) && proc.progress.n_lanes_busy < 2)
		;
	scannerproc_control(&proc, IPC_SCAN_CANCEL, 0);
	scannerproc_finish(&proc);
	assert_int_equal(proc.done.is_cancelled, 1);
	assert_int_equal(proc.done.error, 0);
	for (int i = 0; i < FILE_RESULT_N; i++)
		sum += proc.progress.results[i];
	assert_true(sum < proc.progress.n_found);
	assert_true(sum >= 2 && proc.progress.results[FILE_RESULT_INCOMPLETE] == sum);
	for (size_t i = 0; i < proc.n_lines; i++)
		assert_int_equal(proc.lines[i].reason, REASON_CANCELLED);
	engine_end(&tree, &proc);
}

/* Cancel before there is an engine: nobody waits for one. */
static void cancel_without_engine(void **state)
{
	struct scannerproc proc = {.n_lanes = 2};
	struct engine_tree tree;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "GOOD", 600);
	scannerproc_start(&proc);
	/* Stopped, it takes the channel but answers nothing. */
	assert_int_equal(kill(proc.engine_pid, SIGSTOP), 0);
	scannerproc_control(&proc, IPC_SCAN_CANCEL, 0);
	scannerproc_finish(&proc);
	assert_int_equal(proc.done.is_cancelled, 1);
	engine_end(&tree, &proc);
}

/* Pause holds everything; resume goes on to the whole end. */
static void pause_and_resume(void **state)
{
	struct scannerproc proc = {.n_lanes = 2, .stall_ns = 300 * UINT64_C(1000000)};
	struct engine_tree tree;
	uint64_t until_ns;
	uint64_t n_before;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "GOOD", 4000);
	tree_add_many(&tree, "SLOW", 4);
	scannerproc_start(&proc);
	while (scannerproc_step(&proc, 10) && proc.progress.results[FILE_RESULT_CLEAN] == 0)
		;
	scannerproc_control(&proc, IPC_SCAN_PAUSE, 0);
	until_ns = clock_mono_ns() + UINT64_C(1000000000);
	while (clock_mono_ns() < until_ns)
		(void)scannerproc_step(&proc, 10);
	n_before = proc.progress.results[FILE_RESULT_CLEAN];
	until_ns = clock_mono_ns() + UINT64_C(700000000);
	while (clock_mono_ns() < until_ns)
		(void)scannerproc_step(&proc, 10);
	assert_int_equal(proc.progress.results[FILE_RESULT_CLEAN], n_before);
	assert_true(n_before < tree.n);
	scannerproc_control(&proc, IPC_SCAN_RESUME, 0);
	scannerproc_finish(&proc);
	scannerproc_expect_sound(&proc);
	assert_int_equal(proc.progress.results[FILE_RESULT_CLEAN], tree.n);
	engine_end(&tree, &proc);
}

static void lanes_on_tick(struct scannerproc *proc)
{
	static const unsigned lanes[] = {8, 1, 64, 2, 5, 1, 3};
	unsigned *nextp = proc->data;

	if (*nextp < 400 && proc->n_progress < 40)
		scannerproc_control(proc, IPC_SCAN_LANES, lanes[(*nextp)++ % 7]);
}

/* Lanes come and go all the time; nothing is lost or done twice. */
static void lanes_change(void **state)
{
	unsigned next = 0;
	struct scannerproc proc = {.n_lanes = 2, .on_tick = lanes_on_tick, .data = &next};
	struct engine_tree tree;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "GOOD", 3000);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_int_equal(proc.progress.results[FILE_RESULT_CLEAN], 3000);
	engine_end(&tree, &proc);
}

/* A daemon that does not read holds the lanes; nothing is lost. */
static void slow_daemon(void **state)
{
	struct scannerproc proc = {.n_lanes = 4};
	struct engine_tree tree;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "VIRUS", 600);
	scannerproc_start(&proc);
	/* Only the engine is served; the scanner's messages fill the socket. */
	for (int i = 0; i < 200; i++) {
		int control = proc.control_fd;

		proc.control_fd = -1;
		(void)scannerproc_step(&proc, 10);
		proc.control_fd = control;
	}
	assert_int_equal(proc.n_detections, 0);
	scannerproc_finish(&proc);
	scannerproc_expect_sound(&proc);
	assert_int_equal(proc.n_detections, 600);
	engine_end(&tree, &proc);
}

/* When the daemon is gone the scanner goes, too. */
static void daemon_gone(void **state)
{
	struct scannerproc proc = {.n_lanes = 2};
	struct engine_tree tree;
	int status = 0;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "HANG", 10);
	scannerproc_start(&proc);
	(void)close(proc.control_fd);
	proc.control_fd = -1;
	for (int i = 0; i < 500 && proc.pid > 0; i++) {
		if (waitpid(proc.pid, &status, WNOHANG) == proc.pid)
			proc.pid = 0;
		else
			(void)usleep(10000);
	}
	assert_int_equal(proc.pid, 0);
	assert_true(WIFEXITED(status));
	engine_end(&tree, &proc);
}

/* A message that is not allowed ends the scanner. */
static void protocol_violation(void **state)
{
	struct scannerproc proc = {.n_lanes = 2};
	struct engine_tree tree;
	struct ipc_scan_path path = {.kind = IPC_PATH_TARGET, .path = span_str("/tmp")};
	int status = 0;

	(void)state;
	engine_begin(&tree, &proc);
	tree_add_many(&tree, "HANG", 10);
	scannerproc_start(&proc);
	assert_int_equal(channel_send(proc.control_fd, IPC_SCAN_PATH, &path, NULL, 0), 0);
	assert_int_equal(waitpid(proc.pid, &status, 0), proc.pid);
	proc.pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CHILD_EXIT_PROTOCOL);
	engine_end(&tree, &proc);
}

/* The real engine: EICAR under hard links, and kills that lose nothing. */
static void real_engine(void **state)
{
	struct chaos chaos = {.seed = 3};
	struct scannerproc proc = {.n_lanes = 2, .on_tick = chaos_on_tick, .data = &chaos};
	struct engine_tree tree;
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
	char eicar[SAMPLES_EICAR_BYTES + 1];
	char a[SAMPLES_PATH_SIZE];
	char b[SAMPLES_PATH_SIZE];

	(void)state;
	samples_dir(signatures);
	samples_dir(temp);
	samples_signatures(signatures);
	proc.signatures = signatures;
	proc.temp_dir = temp;
	engine_begin(&tree, &proc);
	samples_eicar(eicar);
	tree_add_many(&tree, "GOOD", 500);
	tree_add(&tree, "eicar", eicar);
	samples_path(a, tree.dir, "eicar");
	samples_path(b, tree.dir, "eicar link");
	assert_int_equal(link(a, b), 0);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_int_equal(proc.n_detections, 2);
	assert_string_equal(proc.detections[0].signature, SAMPLES_EICAR_NAME);
	assert_int_equal(proc.progress.results[FILE_RESULT_INFECTED], 2);
	assert_int_equal(proc.progress.results[FILE_RESULT_CLEAN] +
				 proc.progress.results[FILE_RESULT_CRASHED],
		500);
	print_message("real engine: %u workers and %u zygotes killed\n", chaos.n_worker_kills,
		chaos.n_zygote_kills);
	engine_end(&tree, &proc);
	samples_dir_remove(signatures);
	samples_dir_remove(temp);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word),
		cmocka_unit_test(found_is_found),
		cmocka_unit_test(judged_ahead),
		cmocka_unit_test(workers_are_replaced),
		cmocka_unit_test(detection_fields),
		cmocka_unit_test(kills_lose_nothing),
		cmocka_unit_test(stopped_worker_is_waited_for),
		cmocka_unit_test(ungranted_worker_is_waited_for),
		cmocka_unit_test(cancel),
		cmocka_unit_test(cancel_without_engine),
		cmocka_unit_test(pause_and_resume),
		cmocka_unit_test(lanes_change),
		cmocka_unit_test(slow_daemon),
		cmocka_unit_test(daemon_gone),
		cmocka_unit_test(protocol_violation),
		cmocka_unit_test(real_engine),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
