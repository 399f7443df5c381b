/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields by which a list can be filtered and ordered: their names as in
 * JSON (record_json.h), and what each is in the store's tables. Only what is
 * here ever becomes SQL.
 *
 * Pure: tables. Any thread.
 */
#ifndef QS_STORE_FIELD_H
#define QS_STORE_FIELD_H

#include <stddef.h>

/** What the store has lists of; also what its revisions are counted for. */
enum store_kind {
	STORE_KIND_ACTION,
	STORE_KIND_SCAN,
	STORE_KIND_DETECTION,
	STORE_KIND_ALERT,
	STORE_KIND_EVENT,
	STORE_KIND_QUARANTINE,
	STORE_KIND_N,
};

/** Of which type a field is, in the store and in JSON. */
enum store_field_type {
	STORE_FIELD_TEXT,     /**< Never null. */
	STORE_FIELD_OPTIONAL, /**< A text; "" and SQL's NULL are null in JSON. */
	STORE_FIELD_BYTES,    /**< A blob: a file's name; JSON's text is compared by bytes. */
	STORE_FIELD_INTEGER,
	STORE_FIELD_REAL,
	STORE_FIELD_BOOL,
	STORE_FIELD_TIME,    /**< Milliseconds since 1970; 0 is null in JSON. */
	STORE_FIELD_MACHINE, /**< The text is the machine's id, for all rows alike. */
	STORE_FIELD_DNS,     /**< The text is the machine's name, likewise. */
};

struct store_field {
	const char *name; /**< As in JSON; of a member of a member "results.clean". */
	enum store_field_type type;
	const char *column; /**< A column or expression; NULL for MACHINE and DNS. */
};

/** The fields of a kind, *np of them. Static. */
const struct store_field *store_field_table(enum store_kind kind, size_t *np);

/** The field with this name, exactly; NULL. */
const struct store_field *store_field_find(enum store_kind kind, const char *name);

/** The field with the most similar name, for a message; NULL. */
const char *store_field_nearest(enum store_kind kind, const char *name);

#endif
