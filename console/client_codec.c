/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file is written by us, and read as if it was not. A kind of hash that is
 * not known is refused rather than compared: it would fit no secret.
 */
#include "client_codec.h"

#include "base64.h"
#include "check.h"
#include "cleanup.h"
#include "clock.h"
#include "iso_time.h"
#include "roles.h"
#include "utf8.h"

#include <stdlib.h>

#define CLIENT_CODEC_HASH "scrypt-15-8-1"

bool client_codec_is_name(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n >= CLIENT_NAME_SIZE || !utf8_is_valid(span_str(name)))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return false;
	return strspn(name, " ") < n;
}

static int client_codec_bytes(
	const cJSON *json, const char *field, uint8_t *bytes, size_t n, struct errmsg *msg)
{
	struct span found = SPAN_NULL;
	int r = json_required(json_bytes_of(
		cJSON_GetObjectItemCaseSensitive(json, field), field, n, &found, msg));

	if (r < 0)
		return r;
	if (found.data && found.n == n)
		memcpy(bytes, found.data, n);
	else
		errmsg_set(msg, "\"%s\" is too short", field);
	r = found.n == n ? 0 : -EINVAL;
	free((void *)(uintptr_t)found.data);
	return r;
}

static int client_codec_time(
	const cJSON *json, const char *field, int64_t *unix_msp, struct errmsg *msg)
{
	const char *text = "";
	int r = json_get_string(json, field, CLOCK_ISO_SIZE, &text, msg);

	if (r)
		return r;
	r = iso_time_parse(text, strlen(text), unix_msp, NULL);
	if (r < 0)
		errmsg_set(msg, "\"%s\" is no time", field);
	return r;
}

static int client_codec_roles(const cJSON *json, unsigned *rolesp, struct errmsg *msg)
{
	const cJSON *roles = NULL;
	int r = json_required(json_get_array(json, "roles", &roles, msg));

	if (r < 0)
		return r;
	for (const cJSON *role = roles->child; role && r == 0; role = role->next)
		r = roles_parse(cJSON_IsString(role) ? role->valuestring : "", rolesp, msg);
	return r;
}

static int client_codec_decode_one(const cJSON *json, struct client *client, struct errmsg *msg)
{
	const char *id = "";
	const char *name = "";
	const char *hash = "";
	int r = json_required(json_get_string(json, "id", sizeof(client->id) - 1, &id, msg));

	if (r == 0)
		r = json_required(
			json_get_string(json, "name", sizeof(client->name) - 1, &name, msg));
	if (r == 0)
		r = json_required(json_get_string(json, "hashKind", 64, &hash, msg));
	if (r == 0)
		r = client_codec_roles(json, &client->roles, msg);
	if (r == 0)
		r = json_required(
			client_codec_time(json, "createdTime", &client->created_unix_ms, msg));
	if (r == 0)
		r = json_optional(
			client_codec_time(json, "revokedTime", &client->revoked_unix_ms, msg));
	if (r == 0)
		r = client_codec_bytes(json, "salt", client->salt, sizeof(client->salt), msg);
	if (r == 0)
		r = client_codec_bytes(json, "hash", client->hash, sizeof(client->hash), msg);
	if (r < 0)
		return r;
	if (strlen(id) != sizeof(client->id) - 1 || !client_codec_is_name(name) ||
		strcmp(hash, CLIENT_CODEC_HASH) != 0) {
		errmsg_set(msg, "id, name or hashKind is none of ours");
		return -EINVAL;
	}
	memcpy(client->id, id, strlen(id) + 1);
	memcpy(client->name, name, strlen(name) + 1);
	return 0;
}

int client_codec_decode(
	const char *text, size_t n, struct client **clientsp, size_t *np, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *json = NULL;
	_cleanup_(cleanup_free) struct client *clients = NULL;
	const cJSON *list = NULL;
	size_t n_clients = 0;
	int r = json_parse(text, n, &json, msg);

	if (r == 0)
		r = json_required(json_get_array(json, "clients", &list, msg));
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	if (cJSON_GetArraySize(list) > CLIENT_MAX) {
		errmsg_set(msg, "there are more than %d clients", CLIENT_MAX);
		return -EBADMSG;
	}
	clients = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*clients));
	if (!clients)
		return err_origin(-ENOMEM);
	for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
		r = client_codec_decode_one(item, &clients[n_clients++], msg);
		if (r < 0) {
			errmsg_prefix(msg, "client %zu", n_clients);
			return r == -ENOMEM ? r : -EBADMSG;
		}
	}
	*clientsp = clients;
	*np = n_clients;
	clients = NULL;
	return 0;
}

static int client_codec_add_base64(cJSON *json, const char *field, const uint8_t *bytes, size_t n)
{
	char text[64];

	PRE(base64_encoded_size(n) <= sizeof(text));
	base64_encode((struct span){bytes, n}, text);
	return json_add_string(json, field, text);
}

static int client_codec_add_one(cJSON *list, const struct client *client)
{
	cJSON *json = cJSON_CreateObject();
	int r = json_add_string(json, "id", client->id);

	r |= json_add_string(json, "name", client->name);
	r |= json_add_item(json, "roles", roles_json(client->roles));
	r |= json_add_time(json, "createdTime", client->created_unix_ms);
	r |= json_add_time(json, "revokedTime", client->revoked_unix_ms);
	r |= json_add_string(json, "hashKind", CLIENT_CODEC_HASH);
	r |= client_codec_add_base64(json, "salt", client->salt, sizeof(client->salt));
	r |= client_codec_add_base64(json, "hash", client->hash, sizeof(client->hash));
	if (r == 0)
		return json_append(list, json);
	cJSON_Delete(json);
	return r;
}

int client_codec_encode(const struct client *clients, size_t n, char **textp, size_t *n_textp)
{
	_cleanup_(json_cleanup) cJSON *json = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(json, "clients");
	int r = list ? 0 : err_origin(-ENOMEM);

	for (size_t i = 0; i < n && r == 0; i++)
		r = client_codec_add_one(list, &clients[i]);
	return r < 0 ? r : json_print_pretty(json, textp, n_textp);
}

cJSON *client_codec_json(const struct client *client)
{
	cJSON *json = cJSON_CreateObject();
	int r = json_add_string(json, "clientId", client->id);

	r |= json_add_string(json, "name", client->name);
	r |= json_add_item(json, "roles", roles_json(client->roles));
	r |= json_add_time(json, "createdTime", client->created_unix_ms);
	r |= json_add_time(json, "revokedTime", client->revoked_unix_ms);
	if (r == 0)
		return json;
	cJSON_Delete(json);
	return NULL;
}
