/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything vertical is counted in eighths of a row, which is what block
 * characters show: bar and line are rounded once, by the same rule, so that a
 * load that was kept never seems to be beside its line.   (pure)
 *
 * The scale is chosen for the line first: a step that puts it on the edge
 * between two rows, so that bars end where it begins. 50 % asked gives rows of
 * 10 %, 20 % rows of 5 %. Only where no such step exists does the line run
 * through a row.
 */
#include "cli_chart.h"

#include "cli_format.h"

#include <math.h>
#include <string.h>

enum {
	CLI_CHART_LABELS = 5,  /* columns: "100 %" */
	CLI_CHART_MARGIN = 6,  /* labels and axis */
	CLI_CHART_EIGHTHS = 8, /* what a row is divided into */
	CLI_CHART_TICK = 12,   /* columns from tick to tick at least: "12 h 30 min" */
	CLI_CHART_ROWS = 5,    /* rows that a scale for the line needs to be worth it */
	CLI_CHART_TOP_PCT = 5, /* the least load factor: a scale for less is a magnifier */
};

/* Cells 0 to 8 are so many eighths of a bar. */
enum cli_chart_cell {
	CLI_CHART_CELL_FULL = CLI_CHART_EIGHTHS,
	CLI_CHART_CELL_LOW, /* the line: at the lower edge, in the middle, at the upper edge */
	CLI_CHART_CELL_MIDDLE,
	CLI_CHART_CELL_HIGH,
	CLI_CHART_CELL_N,
};

struct cli_chart_glyphs {
	const char *cells[CLI_CHART_CELL_N];
	const char *axis;
	const char *corner;
	const char *base;
	const char *tick;
};

static const struct cli_chart_glyphs cli_chart_ascii = {
	.cells = {" ", ".", ".", ".", ":", ":", ":", "#", "#", "_", "-", "-"},
	.axis = "|",
	.corner = "+",
	.base = "-",
	.tick = "+",
};

/* The line at the lower edge is no block: one eighth of a bar looks like that. */
static const struct cli_chart_glyphs cli_chart_utf8 = {
	.cells = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█", "_", "─", "▔"},
	.axis = "│",
	.corner = "└",
	.base = "─",
	.tick = "┬",
};

#define CLI_CHART_SGR_NONE "\x1b[0m"
#define CLI_CHART_SGR_BAR "\x1b[36m"  /* cyan */
#define CLI_CHART_SGR_LINE "\x1b[33m" /* yellow */

struct cli_chart {
	const struct cli_chart_config *config;
	const struct cli_chart_glyphs *glyphs;
	size_t width; /* of the whole */
	size_t n_columns;
	size_t n_rows;
	double step_pct; /* a row's */
	bool is_asked;   /* there is a line */
	double total_s;
	double achieved[CLI_CHART_WIDTH_MAX]; /* first sums, then means, per cent */
	double weight[CLI_CHART_WIDTH_MAX];   /* seconds */
	double asked[CLI_CHART_WIDTH_MAX];    /* per cent, 0 = none */
};

/* Time. */

/* A point as it counts. False: it does not. Comparisons are false with NaN. */
static bool cli_chart_take(const struct cli_chart_point *from, struct cli_chart_point *pointp)
{
	if (!(from->duration_s >= CLI_CHART_DURATION_MIN_S) || !(from->asked_pct >= 0) ||
		!(from->achieved_pct >= 0))
		return false;
	pointp->duration_s = fmin(from->duration_s, CLI_CHART_DURATION_MAX_S);
	pointp->asked_pct = fmin(from->asked_pct, CLI_CHART_LOAD_MAX);
	pointp->achieved_pct = fmin(from->achieved_pct, CLI_CHART_LOAD_MAX);
	return true;
}

static double cli_chart_total(const struct cli_chart_point points[], size_t n_points)
{
	struct cli_chart_point p;
	double total = 0;

	for (size_t i = 0; i < n_points; i++)
		if (cli_chart_take(&points[i], &p))
			total += p.duration_s;
	return total;
}

static size_t cli_chart_column(const struct cli_chart *chart, double at_s)
{
	double column = floor(at_s / chart->total_s * (double)chart->n_columns);

	return column < (double)chart->n_columns ? (size_t)column : chart->n_columns;
}

/* Share a point out to the columns it lies in. */
static void cli_chart_add(struct cli_chart *chart, double from_s, const struct cli_chart_point *p)
{
	double column_s = chart->total_s / (double)chart->n_columns;
	double to_s = from_s + p->duration_s;

	for (size_t i = cli_chart_column(chart, from_s); i < chart->n_columns; i++) {
		double begin_s = fmax(from_s, (double)i * column_s);
		double end_s = fmin(to_s, (double)(i + 1) * column_s);

		if ((double)i * column_s >= to_s)
			break;
		if (!(end_s > begin_s))
			continue;
		chart->achieved[i] += (end_s - begin_s) * p->achieved_pct;
		chart->weight[i] += end_s - begin_s;
		chart->asked[i] = p->asked_pct;
	}
}

static void cli_chart_fill(
	struct cli_chart *chart, const struct cli_chart_point points[], size_t n_points)
{
	struct cli_chart_point p;
	double at_s = 0;

	for (size_t i = 0; i < n_points; i++) {
		if (!cli_chart_take(&points[i], &p))
			continue;
		cli_chart_add(chart, at_s, &p);
		at_s += p.duration_s;
	}
	/* UNTESTED: a column without weight. The points leave no gap, but sums are rounded. */
	for (size_t i = 0; i < chart->n_columns; i++)
		if (chart->weight[i] > 0)
			chart->achieved[i] /= chart->weight[i];
}

/* Scale. */

static size_t cli_chart_eighths(double pct, double step_pct)
{
	size_t n = (size_t)lround(pct / step_pct * CLI_CHART_EIGHTHS);

	return n == 0 && pct > 0 ? 1 : n;
}

/* Rows that bars of @achieved and a line at @asked take. */
static size_t cli_chart_rows(double step_pct, double achieved, double asked)
{
	size_t bar = cli_chart_eighths(achieved, step_pct);
	size_t line = cli_chart_eighths(asked, step_pct);
	size_t n = (bar + CLI_CHART_EIGHTHS - 1) / CLI_CHART_EIGHTHS;

	if (asked > 0 && line / CLI_CHART_EIGHTHS + 1 > n)
		n = line / CLI_CHART_EIGHTHS + 1;
	return n;
}

/* Whether a line at @asked runs between rows, and there are enough of them. */
static bool cli_chart_is_edge(size_t n_rows, double step_pct, double asked)
{
	return n_rows >= CLI_CHART_ROWS && fmod(asked, step_pct) == 0;
}

/*
 * The smallest step whose rows there is room for; but a step for the line is not
 * given up for one that is not. The largest always fits: CLI_CHART_LOAD_MAX takes
 * two rows of it.
 */
static void cli_chart_scale(struct cli_chart *chart, double achieved, double asked)
{
	static const double steps[] = {500, 250, 200, 100, 50, 25, 20, 10, 5, 2.5, 2, 1};
	size_t n_max = chart->config->height;

	n_max = n_max > CLI_CHART_HEIGHT_MAX ? CLI_CHART_HEIGHT_MAX : n_max;
	n_max = n_max < CLI_CHART_HEIGHT_MIN ? CLI_CHART_HEIGHT_MIN : n_max;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		size_t n = cli_chart_rows(steps[i], achieved, asked);

		if (n > n_max)
			break;
		if (chart->n_rows > 0 && !cli_chart_is_edge(n, steps[i], asked) &&
			cli_chart_is_edge(chart->n_rows, chart->step_pct, asked))
			break;
		chart->step_pct = steps[i];
		chart->n_rows = n;
	}
}

static void cli_chart_fit(struct cli_chart *chart)
{
	double achieved = CLI_CHART_TOP_PCT;
	double asked = 0;

	for (size_t i = 0; i < chart->n_columns; i++) {
		achieved = fmax(achieved, chart->achieved[i]);
		asked = fmax(asked, chart->asked[i]);
	}
	chart->is_asked = asked > 0;
	cli_chart_scale(chart, achieved, asked);
}

/* Rows. */

static enum cli_chart_cell cli_chart_cell_at(
	const struct cli_chart *chart, size_t column, size_t row)
{
	size_t bar = cli_chart_eighths(chart->achieved[column], chart->step_pct);
	size_t line = cli_chart_eighths(chart->asked[column], chart->step_pct);
	size_t at = line % CLI_CHART_EIGHTHS;
	size_t base = row * CLI_CHART_EIGHTHS;
	size_t filled = bar > base ? bar - base : 0;

	filled = filled > CLI_CHART_EIGHTHS ? CLI_CHART_EIGHTHS : filled;
	if (!(chart->asked[column] > 0) || line / CLI_CHART_EIGHTHS != row)
		return (enum cli_chart_cell)filled;
	if (filled > at && filled < CLI_CHART_EIGHTHS)
		return (enum cli_chart_cell)filled;
	if (at < 3)
		return CLI_CHART_CELL_LOW;
	return at < 6 ? CLI_CHART_CELL_MIDDLE : CLI_CHART_CELL_HIGH;
}

static const char *cli_chart_sgr(enum cli_chart_cell cell)
{
	return cell <= CLI_CHART_CELL_FULL ? CLI_CHART_SGR_BAR : CLI_CHART_SGR_LINE;
}

/* The cells of a row; blanks are written when something follows. */
static void cli_chart_cells(FILE *out, const struct cli_chart *chart, size_t row)
{
	const char *sgr = NULL;
	int n_blank = 0;

	for (size_t i = 0; i < chart->n_columns; i++) {
		enum cli_chart_cell cell = cli_chart_cell_at(chart, i, row);

		if (cell == 0) {
			n_blank++;
			continue;
		}
		(void)fprintf(out, "%*s", n_blank, "");
		n_blank = 0;
		if (chart->config->is_colour && sgr != cli_chart_sgr(cell)) {
			sgr = cli_chart_sgr(cell);
			(void)fputs(sgr, out);
		}
		(void)fputs(chart->glyphs->cells[cell], out);
	}
	(void)fputs(sgr ? CLI_CHART_SGR_NONE "\n" : "\n", out);
}

/* Every row has its label, or every so many, those with a whole number. */
static bool cli_chart_is_labelled(const struct cli_chart *chart, size_t row)
{
	size_t every = chart->n_rows / 7 + 1;

	if (fmod((double)every * chart->step_pct, 1) != 0)
		every++;
	return row % every == 0;
}

static void cli_chart_plot(FILE *out, const struct cli_chart *chart)
{
	for (size_t row = chart->n_rows; row-- > 0;) {
		if (cli_chart_is_labelled(chart, row))
			(void)fprintf(out, "%*.0f %%", CLI_CHART_LABELS - 2,
				(double)row * chart->step_pct);
		else
			(void)fprintf(out, "%*s", CLI_CHART_LABELS, "");
		(void)fputs(chart->glyphs->axis, out);
		cli_chart_cells(out, chart, row);
	}
}

/* The axis of time. */

/* Shortest nice time that takes CLI_CHART_TICK columns. */
static double cli_chart_tick_s(const struct cli_chart *chart)
{
	static const double steps[] = {0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200,
		1800, 3600, 7200, 10800, 21600, 43200, 86400};
	double least = chart->total_s / (double)chart->n_columns * CLI_CHART_TICK;
	double step = 86400;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i] >= least)
			return steps[i];
	for (int i = 0; step < least; i++)
		step *= i % 3 == 1 ? 2.5 : 2;
	return step;
}

struct cli_chart_axis {
	bool is_tick[CLI_CHART_WIDTH_MAX];
	char labels[CLI_CHART_WIDTH_MAX]; /* blanks between */
	size_t n_labels;                  /* used of it */
};

/* A label under its tick, moved to stay inside; none where there is no room. */
static void cli_chart_place(
	const struct cli_chart *chart, struct cli_chart_axis *axis, size_t column, double at_s)
{
	char text[CLI_FORMAT_SIZE];
	size_t n = strlen(cli_format_elapsed(at_s, text));
	size_t begin = column > n / 2 ? column - n / 2 : 0;

	axis->is_tick[column] = column > 0;
	if (n > chart->n_columns)
		return;
	if (begin + n > chart->n_columns)
		begin = chart->n_columns - n;
	if (axis->n_labels > 0 && begin < axis->n_labels + 2)
		return;
	memcpy(axis->labels + begin, text, n);
	axis->n_labels = begin + n;
}

static void cli_chart_time(FILE *out, const struct cli_chart *chart)
{
	struct cli_chart_axis axis = {.n_labels = 0};
	double tick_s = cli_chart_tick_s(chart);

	memset(axis.labels, ' ', sizeof(axis.labels));
	for (size_t i = 0; i < chart->n_columns; i++) {
		double at_s = (double)i * tick_s;
		size_t column = cli_chart_column(chart, at_s);

		if (column >= chart->n_columns)
			break;
		cli_chart_place(chart, &axis, column, at_s);
	}
	(void)fprintf(out, "%*s%s", CLI_CHART_LABELS, "", chart->glyphs->corner);
	for (size_t i = 0; i < chart->n_columns; i++)
		(void)fputs(axis.is_tick[i] ? chart->glyphs->tick : chart->glyphs->base, out);
	(void)fprintf(out, "\n%*s%.*s\n", CLI_CHART_MARGIN, "", (int)axis.n_labels, axis.labels);
}

/* The title, and the legend at the right end if there is room. */
static void cli_chart_head(FILE *out, const struct cli_chart *chart)
{
	const char *const *cells = chart->glyphs->cells;
	bool is_colour = chart->config->is_colour;
	const char *none = is_colour ? CLI_CHART_SGR_NONE : "";
	size_t n_title = strnlen(chart->config->title, chart->width);
	size_t n_legend = strlen("# achieved");

	n_legend += chart->is_asked ? strlen("  _ asked") : 0;
	while (n_title > 0 && chart->config->title[n_title - 1] == ' ')
		n_title--;
	(void)fwrite(chart->config->title, 1, n_title, out);
	if (n_title + 2 + n_legend <= chart->width) {
		(void)fprintf(out, "%*s%s%s%s achieved", (int)(chart->width - n_title - n_legend),
			"", is_colour ? CLI_CHART_SGR_BAR : "", cells[CLI_CHART_CELL_FULL], none);
		if (chart->is_asked)
			(void)fprintf(out, "  %s%s%s asked", is_colour ? CLI_CHART_SGR_LINE : "",
				cells[CLI_CHART_CELL_LOW], none);
	}
	(void)fputc('\n', out);
}

int cli_chart_draw(FILE *out, const struct cli_chart_point points[], size_t n_points,
	const struct cli_chart_config *config)
{
	struct cli_chart chart = {
		.config = config,
		.glyphs = config->is_utf8 ? &cli_chart_utf8 : &cli_chart_ascii,
		.width = config->width < CLI_CHART_WIDTH_MAX ? config->width : CLI_CHART_WIDTH_MAX,
	};

	if (config->width < CLI_CHART_WIDTH_MIN)
		return CLI_CHART_E_NARROW;
	chart.n_columns = chart.width - CLI_CHART_MARGIN;
	chart.total_s = cli_chart_total(points, n_points);
	if (!(chart.total_s > 0))
		return CLI_CHART_E_EMPTY;
	cli_chart_fill(&chart, points, n_points);
	cli_chart_fit(&chart);
	cli_chart_head(out, &chart);
	cli_chart_plot(out, &chart);
	cli_chart_time(out, &chart);
	return 0;
}
