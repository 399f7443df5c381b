/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in nested containers the engine is: the names of the layers between
 * the scanned file (layer 0, whose own name is not part of it) and the layer
 * in work, as libclamav tells them one by one. At a detection they make the
 * container path: "inner.zip/docs/eicar.txt".
 *
 * Pure, no allocation. Owned by one thread. Names come out of hostile archives:
 * any byte, cut at ENGINE_PATH_NAME_MAX, never interpreted. A name may hold
 * slashes, so the path is for people to read, not to walk.
 */
#ifndef QS_ENGINE_PATH_H
#define QS_ENGINE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ENGINE_PATH_LAYERS_MAX = 128, /**< libclamav stacks at most 100 (max recursion). */
	ENGINE_PATH_NAME_MAX = 512,   /**< Bytes kept of one name. */
	ENGINE_PATH_MAX = 32768,      /**< Equal to IPC_PATH_MAX. */
};

struct engine_path_layer {
	uint32_t level;                  /**< libclamav's recursion level; grows inwards. */
	size_t n_name;                   /**< 0: a layer without a name of its own. */
	char name[ENGINE_PATH_NAME_MAX]; /**< Not NUL-terminated. */
};

struct engine_path {
	/* state */
	size_t n_layers;
	struct engine_path_layer layers[ENGINE_PATH_LAYERS_MAX];
	size_t n_text; /**< Of the path kept by engine_path_keep(). */
	char text[ENGINE_PATH_MAX];
};

/** Forget everything. */
void engine_path_reset(struct engine_path *path);

/**
 * The engine begins a layer. Layers at this level or deeper are over, whether
 * or not their end was told.
 *
 * @level  0 for the scanned file itself.
 * @name   NUL-terminated or NULL. Names that libclamav made up for its own
 *         temporary files ("clamav-….tmp") count as none.
 */
void engine_path_enter(struct engine_path *path, uint32_t level, const char *name);

/** The engine is done with the innermost layer; nothing happens when there is none. */
void engine_path_leave(struct engine_path *path);

/** Keep the path of the layer in work as text, unless one is kept already. */
void engine_path_keep(struct engine_path *path);

#endif
