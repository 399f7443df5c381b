/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filter trees applied to JSON objects: for the machine, which is one object,
 * and for fields that are the same in every row of a list.
 *
 * Texts are equal in any case; times compare as texts in the protocol's form.
 * Pure but for memory. Any thread.
 */
#ifndef QS_FILTER_H
#define QS_FILTER_H

#include "json.h"

#include <stdbool.h>

/**
 * Whether an object is what a tree asks for. A field that is not there is null;
 * of a list of texts any one may fit.
 *
 * @tree  As odata_query_parse() makes it; NULL: everything fits.
 */
bool filter_match(const cJSON *tree, const cJSON *object);

/**
 * Work out what a tree says about fields that are known, and leave the rest.
 *
 * @known       Object with the values that every row has.
 * @treep       Replaced; NULL afterwards when every row fits.
 * @is_nothing  Set to whether no row can fit; *treep is NULL then.
 */
void filter_fold(cJSON **treep, const cJSON *known, bool *is_nothing);

#endif
