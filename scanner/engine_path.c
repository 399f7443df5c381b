/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libclamav gives a layer's recursion level at its begin, but no level at its
 * end and none at a detection. Begin and end nest, except on some error
 * exits, where the end is missing; the level of the next begin repairs that.
 */
#include "engine_path.h"

#include <string.h>

void engine_path_reset(struct engine_path *path)
{
	path->n_layers = 0;
	path->n_text = 0;
}

static bool engine_path_is_made_up(const char *name, size_t n)
{
	static const char prefix[] = "clamav-";
	static const char suffix[] = ".tmp";

	return n > sizeof(prefix) + sizeof(suffix) &&
	       memcmp(name, prefix, sizeof(prefix) - 1) == 0 &&
	       memcmp(name + n - (sizeof(suffix) - 1), suffix, sizeof(suffix) - 1) == 0;
}

void engine_path_enter(struct engine_path *path, uint32_t level, const char *name)
{
	struct engine_path_layer *layer;
	size_t n = name ? strnlen(name, ENGINE_PATH_NAME_MAX) : 0;

	while (path->n_layers > 0 && path->layers[path->n_layers - 1].level >= level)
		path->n_layers--;
	if (path->n_layers == ENGINE_PATH_LAYERS_MAX)
		return;
	layer = &path->layers[path->n_layers++];
	layer->level = level;
	layer->n_name = level == 0 || engine_path_is_made_up(name ? name : "", n) ? 0 : n;
	if (layer->n_name > 0)
		memcpy(layer->name, name, layer->n_name);
}

void engine_path_leave(struct engine_path *path)
{
	if (path->n_layers > 0)
		path->n_layers--;
}

void engine_path_keep(struct engine_path *path)
{
	if (path->n_text > 0)
		return;
	for (size_t i = 0; i < path->n_layers; i++) {
		const struct engine_path_layer *layer = &path->layers[i];

		if (layer->n_name == 0)
			continue;
		if (path->n_text + layer->n_name + 1 > sizeof(path->text))
			return;
		if (path->n_text > 0)
			path->text[path->n_text++] = '/';
		memcpy(path->text + path->n_text, layer->name, layer->n_name);
		path->n_text += layer->n_name;
	}
}
