/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the handlers share: the API with its parts, and one request on its way.
 *
 * A request is made when its principal is known and its route found, and gone
 * with its answer: every api_answer…() frees it. A handler calls the daemon with
 * api_call(); when that fails the answer is made for it. When the client goes,
 * call and request go too, whatever they wait for.
 *
 * Logic. Loop thread only.
 */
#ifndef QS_API_H
#define QS_API_H

#include "api_error.h"
#include "client_store.h"
#include "console_api.h"
#include "guard.h"
#include "json.h"
#include "machine_shape.h"
#include "roles.h"
#include "route.h"
#include "token.h"

#include <stdbool.h>
#include <uv.h>

enum {
	API_BASE_SIZE = 320, /**< "https://host:port/api/v1.0" */
	API_NAME_SIZE = 256, /**< Of the machine. */
};

struct api_cache;
struct api_events;
struct api_limits;
struct api_proofs;
struct api_request;

/** What is counted for /metrics. */
struct api_counters {
	uint64_t requests[6]; /**< Answers by the first digit of their status. */
	uint64_t limited;     /**< Of these, 429. */
	uint64_t tokens;      /**< Given out. */
	uint64_t unchanged;   /**< Lists that were answered from the cache. */
};

struct console_api {
	struct console_api_config config;
	struct guard guard;
	int dir_fd;
	uint8_t key[TOKEN_KEY_BYTES]; /**< Of tokens. */
	int64_t start_unix_ms;
	struct client_store *clients;
	struct api_limits *limits; /**< Calls of clients. */
	struct api_proofs *proofs; /**< Secrets that were right. */
	struct api_cache *cache;   /**< Bodies of lists. */
	struct api_events *events; /**< Streams. */
	struct api_counters counters;
	char machine_id[API_NAME_SIZE];     /**< "" until the daemon said it; likewise */
	char machine_name[API_NAME_SIZE];   /**< computerDnsName. */
	struct machine_addresses addresses; /**< Of the machine. */
	struct api_request *first;          /**< Requests under way. */
	unsigned n_holds;                   /**< Handles and works that still point here. */
	bool is_closing;
};

typedef void (*api_step)(struct api_request *request);
typedef void (*api_done)(struct api_request *request, const cJSON *result);

struct api_request {
	struct console_api *api;
	struct http_exchange *exchange;
	const struct http_request *http; /**< Borrowed until the answer. */
	struct route_match route;
	struct token_claims principal; /**< Empty for what is open. */
	bool is_page;                  /**< Our own page asks. */
	/* state */
	struct upstream_call *ticket;
	api_done done; /**< Of the call under way. */
	/** Asked first when the call fails; true: it has taken care of the request. May be NULL. */
	bool (*on_fault)(struct api_request *request, const struct upstream_reply *reply);
	api_step step;              /**< What follows when the machine is known, */
	api_step machine_step;      /**< and when it is this one. */
	void *state;                /**< The handler's own, */
	void (*state_free)(void *); /**< and how it goes; NULL: it is not owned. */
	struct api_request *previous, *next;
};

/* console_api.c */

/** Let go of what n_holds counts; the API's memory goes with the last one after its close. */
void api_release(struct console_api *api);

/**
 * Find out who asks, count the call, and check that it has one of @roles.
 *
 * @return Whether all is well; else the request is answered.
 */
bool api_authorize(struct api_request *request, unsigned roles);

/** Count a call of the request's principal; false: the request is answered. */
bool api_is_within_limit(struct api_request *request);

/* api_request.c */

/** Make one; NULL without memory. */
struct api_request *api_request_new(struct console_api *api, struct http_exchange *exchange,
	const struct http_request *http, const struct route_match *route);

/** Without an answer: the exchange was answered, or is gone. */
void api_request_free(struct api_request *request);

/** Answer whole. @headers as of http_answer(). */
void api_answer(struct api_request *request, unsigned status, const char *type,
	const char *const headers[][2], struct span body);

/** Answer with JSON; takes @json, NULL is no memory. */
void api_answer_json(struct api_request *request, unsigned status, cJSON *json);

/** Answer with an entity of the daemon: "@odata.context" before its members. */
void api_answer_entity(
	struct api_request *request, unsigned status, const char *context, const cJSON *entity);

/** Answer with an error. */
void api_answer_error(struct api_request *request, enum api_error error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** Answer 429; @headers says after how many seconds to ask again. */
void api_answer_limited(struct api_request *request, const char *const headers[][2]);

/** Answer with a fault, or with what a negative @r other than -EINVAL is. */
void api_answer_fault(struct api_request *request, int r, const struct api_fault *fault);

/** Answer with how a call failed. */
void api_answer_reply(struct api_request *request, const struct upstream_reply *reply);

/**
 * Call the daemon in the name of the request's principal.
 *
 * @params  Taken; NULL is no memory. An object.
 * @done    Called with the result; the request is still there. When the call
 *          fails, the request is answered and gone.
 */
void api_call(struct api_request *request, const char *method, cJSON *params, api_done done);

/** Go on with @step when id and name of the machine are known. */
void api_with_machine(struct api_request *request, api_step step);

/** Keep what machine.show said. */
void api_take_machine(struct console_api *api, const cJSON *machine);

/** Whether a path's id names this machine: its id or its name, in any case. */
bool api_is_machine(const struct console_api *api, const char *id);

/** As api_with_machine(), if the path's id names it; else 404. */
void api_with_this_machine(struct api_request *request, api_step step);

/** An object with "id": the path's id. NULL without memory. */
cJSON *api_id_params(const struct api_request *request);

/** "https://host:port/api" as the client called it. */
void api_base(const struct api_request *request, char base[API_BASE_SIZE]);

/**
 * The value of a query parameter that is none of OData's, decoded.
 *
 * @return 1: it is there; 0: it is not; -EINVAL: it is no text, or does not fit.
 */
int api_query_value(const struct api_request *request, const char *name, char *buf, size_t n_buf);

/** Call @method with the path's id and the body's Comment; 400 when the body is not that. */
void api_call_with_comment(struct api_request *request, const char *method, api_done done);

#endif
