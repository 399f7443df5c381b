/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list as a table with titles, for terminals.
 *
 * Writes to a stream; a failed write is left in its error flag.
 */
#ifndef QS_CLI_TABLE_H
#define QS_CLI_TABLE_H

#include "json.h"

#include <stdio.h>

enum { CLI_TABLE_COLUMNS_MAX = 10 };

/** One column. */
struct cli_table_column {
	const char *title;
	char *(*get)(
		const cJSON *item, const char *field); /**< Heap text; NULL: cli_print_cell(). */
	const char *field;                             /**< For @get. */
	size_t width_max;                              /**< Longer cells are cut; 0 = never. */
	bool is_right;                                 /**< Aligned to the right. */
};

/**
 * Print an array of objects.
 *
 * @empty   What to say when there is none.
 * @return  0 or -ENOMEM.
 */
int cli_table_print(FILE *out, const cJSON *array, const struct cli_table_column columns[],
	size_t n_columns, const char *empty);

#endif
