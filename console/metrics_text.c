/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names as Prometheus wants them: base units, counters end in _total. */
#include "metrics_text.h"

#include <math.h>

void metrics_text_head(
	struct text_buffer *text, const char *name, const char *type, const char *help)
{
	text_buffer_format(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Backslash, quote and newline are escaped (exposition format 0.0.4). */
static void metrics_text_label(struct text_buffer *text, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			text_buffer_str(text, "\\n");
		else if (*value == '"' || *value == '\\')
			text_buffer_format(text, "\\%c", *value);
		else
			text_buffer_add(text, (struct span){value, 1});
	}
}

static void metrics_text_number(struct text_buffer *text, double value)
{
	if (floor(value) == value && fabs(value) < 1e15)
		text_buffer_format(text, " %.0f\n", value);
	else
		text_buffer_format(text, " %.17g\n", value);
}

void metrics_text_sample(struct text_buffer *text, const char *name, const char *label,
	const char *label_value, double value)
{
	text_buffer_str(text, name);
	if (label) {
		text_buffer_format(text, "{%s=\"", label);
		metrics_text_label(text, label_value);
		text_buffer_str(text, "\"}");
	}
	metrics_text_number(text, value);
}

/* A number, also as a string of digits, as large ones come. */
static bool metrics_text_value(const cJSON *item, double *valuep)
{
	int64_t number;

	if (cJSON_IsNumber(item))
		*valuep = item->valuedouble;
	else if (cJSON_IsBool(item))
		*valuep = cJSON_IsTrue(item);
	else if (json_int_of(item, "", INT64_MIN, INT64_MAX, &number, NULL) == 0)
		*valuep = (double)number;
	else
		return false;
	return isfinite(*valuep);
}

/* What a field is: a number; a member a label; of a scan at work; a load in per cent. */
enum metrics_text_kind {
	METRICS_TEXT_NUMBER,
	METRICS_TEXT_RATIO,
	METRICS_TEXT_LABELS,
	METRICS_TEXT_CURRENT,
	METRICS_TEXT_CURRENT_RATIO,
};

static const struct {
	const char *field;
	const char *name;
	const char *type;
	const char *help;
	enum metrics_text_kind kind;
} metrics_text_table[] = {
	{"files", "quietscan_files_total", "counter", "Files by result.", METRICS_TEXT_LABELS},
	{"bytes", "quietscan_scanned_bytes_total", "counter", "Bytes scanned.",
		METRICS_TEXT_NUMBER},
	{"directories", "quietscan_directories_total", "counter", "Directories walked.",
		METRICS_TEXT_NUMBER},
	{"excluded", "quietscan_excluded_total", "counter", "Files and directories left out.",
		METRICS_TEXT_NUMBER},
	{"detections", "quietscan_detections_total", "counter", "Infected files found.",
		METRICS_TEXT_NUMBER},
	{"cpuSeconds", "quietscan_scan_cpu_seconds_total", "counter", "CPU time of scans.",
		METRICS_TEXT_NUMBER},
	{"daemonCpuSeconds", "quietscan_daemon_cpu_seconds_total", "counter",
		"CPU time of the daemon.", METRICS_TEXT_NUMBER},
	{"queueLength", "quietscan_queue_length", "gauge", "Scans that wait.", METRICS_TEXT_NUMBER},
	{"loadFactor", "quietscan_load_factor_ratio", "gauge",
		"Setting ScanAvgCPULoadFactor, 1 = all CPUs, 0 = no limit.", METRICS_TEXT_RATIO},
	{"cpus", "quietscan_cpus", "gauge", "CPUs that are a load of 1.", METRICS_TEXT_NUMBER},
	{"loadFactor", "quietscan_scan_load_asked_ratio", "gauge",
		"Load factor of the scan at work, 0 = no limit.", METRICS_TEXT_CURRENT_RATIO},
	{"load", "quietscan_scan_load_ratio", "gauge",
		"Load of the scan at work in the last second.", METRICS_TEXT_CURRENT_RATIO},
	{"meanLoad", "quietscan_scan_mean_load_ratio", "gauge",
		"Load of the scan at work, over all of it.", METRICS_TEXT_CURRENT_RATIO},
	{"lanes", "quietscan_scan_lanes", "gauge", "Lanes of the scan at work.",
		METRICS_TEXT_CURRENT},
	{"found", "quietscan_scan_found_files", "gauge", "Files found by the scan at work.",
		METRICS_TEXT_CURRENT},
	{"judged", "quietscan_scan_judged_files", "gauge", "Files judged by the scan at work.",
		METRICS_TEXT_CURRENT},
	{"signatures", "quietscan_signatures", "gauge", "Signatures in force.",
		METRICS_TEXT_NUMBER},
	{"signatureAgeSeconds", "quietscan_signature_age_seconds", "gauge",
		"Age of the signatures in force.", METRICS_TEXT_NUMBER},
	{"signatureLoadedSecondsAgo", "quietscan_signature_loaded_seconds", "gauge",
		"Since the signatures in force were loaded.", METRICS_TEXT_NUMBER},
	{"events", "quietscan_timeline_events_total", "counter", "Events of the action log.",
		METRICS_TEXT_NUMBER},
	{"storeFailing", "quietscan_store_failing", "gauge", "1: nothing can be recorded now.",
		METRICS_TEXT_NUMBER},
	{"lostEvents", "quietscan_lost_events", "gauge",
		"Events lost since nothing can be recorded.", METRICS_TEXT_NUMBER},
	{"uptimeSeconds", "quietscan_uptime_seconds", "gauge", "Since the daemon started.",
		METRICS_TEXT_NUMBER},
};

/* {"quick":{"Succeeded":n,…},…} */
static void metrics_text_scans(struct text_buffer *text, const cJSON *scans)
{
	static const char name[] = "quietscan_scans_total";

	if (!cJSON_IsObject(scans))
		return;
	metrics_text_head(text, name, "counter", "Scans that ended, by type and status.");
	for (const cJSON *type = scans->child; type; type = type->next) {
		for (const cJSON *item = type->child; item; item = item->next) {
			double count;

			if (!item->string || !metrics_text_value(item, &count))
				continue;
			text_buffer_format(text, "%s{type=\"", name);
			metrics_text_label(text, type->string);
			text_buffer_str(text, "\",status=\"");
			metrics_text_label(text, item->string);
			text_buffer_str(text, "\"}");
			metrics_text_number(text, count);
		}
	}
}

static void metrics_text_members(
	struct text_buffer *text, const char *name, const char *label, const cJSON *object)
{
	for (const cJSON *item = object->child; item; item = item->next) {
		double value;

		if (item->string && metrics_text_value(item, &value))
			metrics_text_sample(text, name, label, item->string, value);
	}
}

void metrics_text_daemon(struct text_buffer *text, const cJSON *metrics)
{
	const cJSON *current = cJSON_GetObjectItemCaseSensitive(metrics, "current");

	for (size_t i = 0; i < sizeof(metrics_text_table) / sizeof(metrics_text_table[0]); i++) {
		enum metrics_text_kind kind = metrics_text_table[i].kind;
		const char *name = metrics_text_table[i].name;
		bool is_ratio = kind == METRICS_TEXT_RATIO || kind == METRICS_TEXT_CURRENT_RATIO;
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(
			kind >= METRICS_TEXT_CURRENT ? current : metrics,
			metrics_text_table[i].field);
		double value = 0;

		if (kind == METRICS_TEXT_LABELS ? !cJSON_IsObject(item)
						: !metrics_text_value(item, &value))
			continue;
		metrics_text_head(
			text, name, metrics_text_table[i].type, metrics_text_table[i].help);
		if (kind == METRICS_TEXT_LABELS)
			metrics_text_members(text, name, "result", item);
		else
			metrics_text_sample(text, name, NULL, NULL, is_ratio ? value / 100 : value);
	}
	metrics_text_scans(text, cJSON_GetObjectItemCaseSensitive(metrics, "scans"));
}
