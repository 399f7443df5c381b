/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two passes: widths first. A list is held whole anyway, because it came in
 * pages of JSON.
 */
#include "cli_table.h"

#include "check.h"
#include "cleanup.h"
#include "cli_print.h"
#include "utf8.h"

/* Cut a safe text to a width, marking the cut; ASCII dots, any terminal has them. */
static void cli_table_cut(char *safe, size_t width_max)
{
	uint32_t code = 0;
	size_t at = 0;
	size_t width = 0;

	if (width_max < 4 || cli_print_width(safe) <= width_max)
		return;
	while (safe[at] && width < width_max - 3) {
		size_t n = utf8_next((const uint8_t *)safe + at, strlen(safe + at), &code);

		at += n ? n : 1;
		width++;
	}
	memcpy(safe + at, "...", 4);
}

struct cli_table {
	char **cells; /* rows of n_columns */
	size_t n;
	size_t widths[CLI_TABLE_COLUMNS_MAX];
};

static void cli_table_deinit(struct cli_table *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->cells[i]);
	free(c->cells);
}

static int cli_table_fill(struct cli_table *c, const cJSON *array,
	const struct cli_table_column columns[], size_t n_columns)
{
	const cJSON *item;

	c->cells = calloc((size_t)cJSON_GetArraySize(array) * n_columns + 1, sizeof(char *));
	if (!c->cells)
		return err_origin(-ENOMEM);
	for (size_t i = 0; i < n_columns; i++)
		c->widths[i] = strlen(columns[i].title);
	cJSON_ArrayForEach(item, array)
	{
		for (size_t i = 0; i < n_columns; i++) {
			char *cell = columns[i].get ? columns[i].get(item, columns[i].field)
						    : cli_print_cell(item, columns[i].field);
			size_t width;

			if (!cell)
				return err_origin(-ENOMEM);
			cli_table_cut(cell, columns[i].width_max);
			c->cells[c->n++] = cell;
			width = cli_print_width(cell);
			c->widths[i] = width > c->widths[i] ? width : c->widths[i];
		}
	}
	return 0;
}

static void cli_table_row(FILE *out, const struct cli_table *c,
	const struct cli_table_column columns[], size_t n_columns, char *const *row)
{
	for (size_t i = 0; i < n_columns; i++) {
		const char *cell = row ? row[i] : columns[i].title;
		size_t pad = c->widths[i] - cli_print_width(cell);
		bool is_last = i + 1 == n_columns;

		(void)fprintf(out, "%*s%s%*s", (int)(columns[i].is_right ? pad : 0), "", cell,
			(int)(columns[i].is_right || is_last ? 0 : pad), "");
		(void)fputs(is_last ? "\n" : "  ", out);
	}
}

int cli_table_print(FILE *out, const cJSON *array, const struct cli_table_column columns[],
	size_t n_columns, const char *empty)
{
	_cleanup_(cli_table_deinit) struct cli_table c = {.n = 0};
	int r;

	if (cJSON_GetArraySize(array) == 0) {
		(void)fprintf(out, "%s\n", empty);
		return 0;
	}
	r = cli_table_fill(&c, array, columns, n_columns);
	if (r < 0)
		return r;
	cli_table_row(out, &c, columns, n_columns, NULL);
	for (size_t i = 0; i < c.n; i += n_columns)
		cli_table_row(out, &c, columns, n_columns, c.cells + i);
	return 0;
}
