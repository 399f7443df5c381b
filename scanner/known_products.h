/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of products that watch or protect a machine, as data
 * (packaging/known-antivirus.json; its format: docs/coexistence.md), and the
 * question which of them a process belongs to.
 *
 * known_products_load() is hands, the rest pure but for the heap. A table does
 * not change once it was made: any thread may read it.
 */
#ifndef QS_KNOWN_PRODUCTS_H
#define QS_KNOWN_PRODUCTS_H

#include "err.h"
#include "span.h"

enum {
	KNOWN_PRODUCTS_MAX = 256,              /**< Products in a table. */
	KNOWN_PRODUCTS_NAME_MAX = 64,          /**< Bytes of a product's name. */
	KNOWN_PRODUCTS_TEXT_MAX = 1024 * 1024, /**< Bytes of a table. */
};

enum known_product_role {
	KNOWN_PRODUCT_ANTIVIRUS, /**< Finds malware and acts on it. */
	KNOWN_PRODUCT_CONTROL,   /**< Decides what may run or be opened; finds no malware. */
	KNOWN_PRODUCT_WATCHER,   /**< Observes and reports; what it scans, it is told to scan. */
	KNOWN_PRODUCT_ROLE_N,
};

/** "antivirus", "control", "watcher"; static. */
const char *known_product_role_name(enum known_product_role role);

/** How a process was recognised, the strongest first. */
enum known_product_by {
	KNOWN_PRODUCT_BY_EXECUTABLE, /**< Its executable lies in the product's folder. */
	KNOWN_PRODUCT_BY_SERVICE,    /**< It runs in the product's systemd service. */
	KNOWN_PRODUCT_BY_PROCESS,    /**< Its executable, or it, has the product's name. */
	KNOWN_PRODUCT_BY_N,
};

/** "executable", "service", "process"; static. */
const char *known_product_by_name(enum known_product_by by);

struct known_product {
	const char *name;
	enum known_product_role role;
	const char *works_for; /**< Product that lets it scan; NULL = none. */
	bool is_bpf; /**< It sees files by eBPF or an LSM: no fanotify mark tells of it. */
};

/** What is known of a process; an empty span is not known. */
struct known_products_clue {
	struct span executable; /**< Path as /proc/PID/exe has it. */
	struct span service;    /**< "mdatp", without ".service". */
	struct span comm;       /**< Looked at only when the executable is not known. */
};

/** Opaque. */
struct known_products;

/**
 * Make a table.
 *
 * @text    n bytes, JSON.
 * @tablep  Set when 0 is returned; known_products_free() it.
 * @msg     Place or product, field, and what was expected.
 * @return  0; -EINVAL or -EBADMSG: the text is no table; -EMSGSIZE; -ENOMEM.
 */
int known_products_parse(
	const char *text, size_t n, struct known_products **tablep, struct errmsg *msg);

/**
 * Read and make one.
 *
 * @return  As known_products_parse(); -errno of open or read; @msg names the file.
 */
int known_products_load(const char *path, struct known_products **tablep, struct errmsg *msg);

/** Takes NULL. */
void known_products_free(struct known_products *table);

/** Number of products. */
size_t known_products_count(const struct known_products *table);

/**
 * The product that a process belongs to.
 *
 * @table  NULL: knows none.
 * @byp    Set with the result.
 * @return Borrowed from the table; NULL: none.
 */
const struct known_product *known_products_match(const struct known_products *table,
	const struct known_products_clue *clue, enum known_product_by *byp);

#endif
