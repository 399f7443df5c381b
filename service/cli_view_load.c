/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chart shows where the load was not what was asked for, the figures under it
 * how far that went and what the scan waited for. All are always there, also
 * the zeros: "0.0 s for disk" is an answer. Only of other antivirus there is no
 * line where none was seen.
 *
 * The numbers are the service's. A service that lies can make the chart wrong,
 * but not long: its size is that of the terminal, however many points there are.
 */
#include "cli_view_load.h"

#include "cleanup.h"
#include "cli_chart.h"
#include "cli_format.h"
#include "cli_print.h"

#include <stdlib.h>

/* "-" for what is no number from 0. */
static const char *cli_view_load_pct(
	const cJSON *load, const char *field, char text[CLI_FORMAT_SIZE])
{
	return cli_format_load(cli_format_real(load, field), false, text);
}

static const char *cli_view_load_seconds(
	const cJSON *object, const char *field, char text[CLI_FORMAT_SIZE])
{
	return cli_format_duration(cli_format_real(object, field), text);
}

/* "2 CPUs", "1.5 CPUs", "1 CPU"; of what is no number of CPUs "all CPUs". */
static const char *cli_view_load_cpus(const cJSON *load, char text[CLI_FORMAT_SIZE])
{
	double n_cpus = cli_format_real(load, "cpus");

	if (n_cpus > 0 && n_cpus < 1e6)
		(void)snprintf(text, CLI_FORMAT_SIZE, "%.4g CPU%s", n_cpus,
			n_cpus > 0.9995 && n_cpus < 1.0005 ? "" : "s");
	else
		(void)snprintf(text, CLI_FORMAT_SIZE, "all CPUs");
	return text;
}

static struct cli_chart_point cli_view_load_point(const cJSON *item)
{
	double asked = cli_format_real(item, "asked");

	return (struct cli_chart_point){
		.duration_s = cli_format_real(item, "duration"),
		.asked_pct = asked > 0 ? asked : 0,
		.achieved_pct = cli_format_real(item, "achieved"),
	};
}

static void cli_view_load_chart(FILE *out, const cJSON *load, const struct cli_terminal *terminal)
{
	const cJSON *series = cJSON_GetObjectItemCaseSensitive(load, "series");
	size_t n = cJSON_IsArray(series) ? (size_t)cJSON_GetArraySize(series) : 0;
	_cleanup_(cleanup_free) struct cli_chart_point *points = calloc(n + 1, sizeof(*points));
	char cpus[CLI_FORMAT_SIZE];
	char title[2 * CLI_FORMAT_SIZE];
	struct cli_chart_config config = {
		.title = title,
		.width = terminal->width < CLI_VIEW_LOAD_WIDTH_MAX ? terminal->width
								   : CLI_VIEW_LOAD_WIDTH_MAX,
		.height = CLI_VIEW_LOAD_HEIGHT,
		.is_utf8 = terminal->is_utf8,
		.is_colour = terminal->is_colour,
	};
	const cJSON *item;
	size_t i = 0;

	if (!points) {
		(void)fputs("(no memory)\n\n", out);
		return;
	}
	if (n > 0)
		cJSON_ArrayForEach(item, series) points[i++] = cli_view_load_point(item);
	(void)snprintf(title, sizeof(title), "Load over time, per cent of %s",
		cli_view_load_cpus(load, cpus));
	if (cli_chart_draw(out, points, n, &config) == 0)
		(void)fputc('\n', out);
}

static void cli_view_load_windows(FILE *out, const cJSON *load)
{
	uint64_t n_windows = cli_format_number(load, "windows");
	const cJSON *seen = n_windows > 0 ? load : NULL; /* none in less than a second */
	char n[CLI_FORMAT_SIZE];
	char mean[CLI_FORMAT_SIZE];
	char p95[CLI_FORMAT_SIZE];
	char p99[CLI_FORMAT_SIZE];
	char max[CLI_FORMAT_SIZE];

	(void)fprintf(out, "%-12sp95 %s, p99 %s, fullest %s (of %s); mean %s\n", "Seconds",
		cli_view_load_pct(seen, "p95", p95), cli_view_load_pct(seen, "p99", p99),
		cli_view_load_pct(seen, "max", max), cli_format_count(n_windows, n),
		cli_view_load_pct(load, "mean", mean));
}

static void cli_view_load_waiting(FILE *out, const cJSON *load)
{
	const cJSON *waiting = cJSON_GetObjectItemCaseSensitive(load, "waiting");
	char budget[CLI_FORMAT_SIZE];
	char disk[CLI_FORMAT_SIZE];
	char backed_off[CLI_FORMAT_SIZE];
	char read_limit[CLI_FORMAT_SIZE];
	char slow_opens[CLI_FORMAT_SIZE];

	(void)fprintf(out,
		"%-12sfor budget %s, disk %s, read limit %s, slow opens %s; backed off %s\n",
		"Waited", cli_view_load_seconds(waiting, "budget", budget),
		cli_view_load_seconds(waiting, "disk", disk),
		cli_view_load_seconds(waiting, "readLimit", read_limit),
		cli_view_load_seconds(waiting, "slowOpens", slow_opens),
		cli_view_load_seconds(waiting, "backedOff", backed_off));
}

static void cli_view_load_others(FILE *out, const cJSON *load)
{
	const cJSON *others = cJSON_GetObjectItemCaseSensitive(load, "otherAntivirus");
	bool is_counted = cli_format_flag(load, "otherAntivirusCounted");
	char cpu[CLI_FORMAT_SIZE];
	const cJSON *item;
	unsigned n = 0;

	if (!cJSON_IsArray(others) || !others->child)
		return;
	(void)fprintf(out, "%-12s", "Others");
	cJSON_ArrayForEach(item, others)
	{
		const char *name = cli_format_field(item, "name");

		if (n++ == CLI_VIEW_LOAD_OTHERS_MAX)
			break;
		(void)fputs(n > 1 ? ", " : "", out);
		cli_print_text(out, *name ? name : "others");
		(void)fprintf(out, " %s", cli_view_load_seconds(item, "cpu", cpu));
	}
	(void)fprintf(out, " of CPU time meanwhile; %s\n",
		is_counted ? "counted against the limit" : "not counted");
}

/* What the promise cost, and with how many lanes: why an aim may be below what was asked. */
static void cli_view_load_lanes(FILE *out, const cJSON *load)
{
	char lanes[CLI_FORMAT_SIZE];
	char cpus[CLI_FORMAT_SIZE];
	char aim[CLI_FORMAT_SIZE];
	char governor[CLI_FORMAT_SIZE];

	(void)fprintf(out, "%-12s%s on %s, aim %s; the governor took %s of CPU time\n", "Lanes",
		cli_format_count(cli_format_number(load, "lanes"), lanes),
		cli_view_load_cpus(load, cpus), cli_view_load_pct(load, "aim", aim),
		cli_view_load_seconds(load, "governorCpu", governor));
}

void cli_view_load(FILE *out, const cJSON *load, const struct cli_terminal *terminal)
{
	if (!cJSON_IsObject(load))
		return;
	cli_view_load_chart(out, load, terminal);
	cli_view_load_windows(out, load);
	cli_view_load_waiting(out, load);
	cli_view_load_others(out, load);
	cli_view_load_lanes(out, load);
}
