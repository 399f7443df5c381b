/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who changes the file holds the directory's lock, reads it first, and replaces
 * it by rename: of two "client add" at once both are kept. A damaged file is
 * refused whole; a console that starts with half of its clients would look as
 * if the others had been revoked.
 */
#include "client_store.h"

#include "check.h"
#include "cleanup.h"
#include "display.h"
#include "state_file.h"

#include <stdlib.h>
#include <strings.h>

#define CLIENT_STORE_FILE "clients.json"

enum { CLIENT_STORE_BYTES_MAX = 1 << 20 };

struct client_store {
	int dir_fd;
	/* state */
	struct client *clients;
	size_t n;
	struct state_file_mark mark; /* the version of the file that is in clients */
};

static int client_store_load(struct client_store *store, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *text = NULL;
	struct state_file_mark mark = STATE_FILE_MARK_NULL;
	struct client *clients = NULL;
	size_t n_clients = 0;
	size_t n = 0;
	int r = state_file_read(
		store->dir_fd, CLIENT_STORE_FILE, CLIENT_STORE_BYTES_MAX, &text, &n, &mark);

	if (r == 0)
		r = client_codec_decode(text, n, &clients, &n_clients, msg);
	else if (r == -ENOENT)
		r = 0;
	else
		errmsg_set(msg, "%s", r == -EPERM ? "others may write it" : err_text(r));
	if (r < 0) {
		errmsg_prefix(msg, CLIENT_STORE_FILE);
		return r;
	}
	free(store->clients);
	store->clients = clients;
	store->n = n_clients;
	store->mark = mark;
	return 0;
}

int client_store_open(int dir_fd, struct client_store **storep, struct errmsg *msg)
{
	struct client_store *store = calloc(1, sizeof(*store));
	int r;

	if (!store)
		return err_origin(-ENOMEM);
	store->dir_fd = dir_fd;
	r = client_store_load(store, msg);
	if (r < 0) {
		client_store_free(store);
		return r;
	}
	*storep = store;
	return 0;
}

void client_store_free(struct client_store *store)
{
	if (!store)
		return;
	free(store->clients);
	free(store);
}

int client_store_refresh(struct client_store *store, bool *is_changedp, struct errmsg *msg)
{
	struct state_file_mark mark;
	bool is_changed;
	int r = state_file_look(store->dir_fd, CLIENT_STORE_FILE, &mark);

	if (r < 0) {
		errmsg_set(msg, CLIENT_STORE_FILE ": %s", err_text(r));
		return r;
	}
	is_changed = !state_file_is_same(&mark, &store->mark);
	if (is_changed)
		r = client_store_load(store, msg);
	if (r == 0 && is_changedp)
		*is_changedp = is_changed;
	return r;
}

const struct client *client_store_find(const struct client_store *store, const char *id)
{
	for (size_t i = 0; i < store->n; i++)
		if (strcasecmp(store->clients[i].id, id) == 0)
			return &store->clients[i];
	return NULL;
}

size_t client_store_n(const struct client_store *store)
{
	return store->n;
}

const struct client *client_store_at(const struct client_store *store, size_t index)
{
	PRE(index < store->n);
	return &store->clients[index];
}

static int client_store_save(struct client_store *store, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n = 0;
	int r = client_codec_encode(store->clients, store->n, &text, &n);

	if (r == 0)
		r = state_file_write(store->dir_fd, CLIENT_STORE_FILE, text, n);
	if (r == 0)
		return state_file_look(store->dir_fd, CLIENT_STORE_FILE, &store->mark);
	errmsg_set(msg, CLIENT_STORE_FILE ": %s", err_text(r));
	/* What is in memory must be what is on disk. */
	store->mark = (struct state_file_mark)STATE_FILE_MARK_NULL;
	store->mark.inode = UINT64_MAX;
	(void)client_store_refresh(store, NULL, NULL);
	return r;
}

static int client_store_make(const char *name, unsigned roles, int64_t now_unix_ms,
	struct client *client, char secret[SECRET_TEXT_SIZE])
{
	int r = secret_make_id(client->id);

	if (r == 0)
		r = secret_random(client->salt, sizeof(client->salt));
	if (r == 0)
		r = secret_make(secret);
	if (r == 0)
		r = secret_hash(secret, client->salt, client->hash);
	memcpy(client->name, name, strlen(name) + 1);
	client->roles = roles;
	client->created_unix_ms = now_unix_ms;
	return r;
}

int client_store_add(struct client_store *store, const char *name, unsigned roles,
	int64_t now_unix_ms, char secret[SECRET_TEXT_SIZE], struct errmsg *msg)
{
	_cleanup_(cleanup_close) int lock = -1;
	struct client *clients;
	int r;

	if (!client_codec_is_name(name) || roles == 0) {
		errmsg_set(msg, "a client needs a name of 1 to %d bytes of text and a role",
			CLIENT_NAME_SIZE - 1);
		return -EINVAL;
	}
	/* The daemon takes no other name; files that are older than this rule may have one. */
	if (!display_is_visible(name)) {
		errmsg_set(msg, "a client's name must have nothing that cannot be seen");
		return -EINVAL;
	}
	r = state_file_lock(store->dir_fd, &lock);
	if (r == 0)
		r = client_store_refresh(store, NULL, msg);
	if (r < 0)
		return r;
	for (size_t i = 0; i < store->n; i++)
		if (!store->clients[i].revoked_unix_ms && !strcmp(store->clients[i].name, name))
			return CLIENT_STORE_E_EXISTS;
	if (store->n == CLIENT_MAX) {
		errmsg_set(msg, "there are %d clients already", CLIENT_MAX);
		return err_origin(-ENOSPC);
	}
	clients = realloc(store->clients, (store->n + 1) * sizeof(*clients));
	if (!clients)
		return err_origin(-ENOMEM);
	store->clients = clients;
	clients[store->n] = (struct client){.revoked_unix_ms = 0};
	r = client_store_make(name, roles, now_unix_ms, &clients[store->n], secret);
	if (r < 0)
		return r;
	store->n++;
	return client_store_save(store, msg);
}

int client_store_revoke(struct client_store *store, const char *id, int64_t now_unix_ms,
	const struct client **clientp, struct errmsg *msg)
{
	_cleanup_(cleanup_close) int lock = -1;
	struct client *client = NULL;
	int r = state_file_lock(store->dir_fd, &lock);

	if (r == 0)
		r = client_store_refresh(store, NULL, msg);
	if (r < 0)
		return r;
	for (size_t i = 0; i < store->n && !client; i++)
		if (strcasecmp(store->clients[i].id, id) == 0)
			client = &store->clients[i];
	for (size_t i = 0; i < store->n && !client; i++)
		if (!store->clients[i].revoked_unix_ms && !strcmp(store->clients[i].name, id))
			client = &store->clients[i];
	if (!client)
		return CLIENT_STORE_E_NOT_FOUND;
	*clientp = client;
	if (client->revoked_unix_ms != 0)
		return 0;
	client->revoked_unix_ms = now_unix_ms;
	return client_store_save(store, msg);
}
