/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why raw sockets. libwebsockets 4.1.6 also has an HTTP parser, but it decodes
 * and rewrites the target before anybody sees it (';' ends an argument, "%3D" in
 * a name becomes '_', "//" and "/./" vanish), takes a POST without length for
 * 100 MB, knows no chunked requests (which .NET clients send) and no "Expect",
 * and its handling of "Upgrade" has a use after free that was never repaired in
 * this version. In the role "raw-skt" none of that code is reachable: nothing is
 * ever upgraded to anything. What is left of the library is what it is good at:
 * TLS without blocking, on a loop of ours.
 *
 * What was measured and has to stay so:
 *  - A client certificate that OpenSSL refused is accepted unless the callback says no.
 *  - lws_context_destroy() is called twice, the second time after the loop ran
 *    empty, with the pointer that the library sets to NULL (info.pcontext); with one
 *    call 330 KB leak.
 *  - The uv plugin is loaded by dlopen(3) in lws_create_context(): before any sandbox.
 *  - The handshake leaves a timeout behind that would end an established
 *    connection; the first bytes that come clear it.
 *  - With alpn "http/1.1" HTTP/2 is never spoken.
 */
#include "http_lws.h"

#include "log.h"

#include <errno.h>
#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct http_lws {
	struct http_lws_config config; /* its strings live as long */
	const struct http_lws_events *events;
	struct lws_context *context; /* the library sets it to NULL when it is destroyed */
	struct lws_vhost *vhost;
	void *loops[1];
	struct lws *adopting; /* the connection that lws_adopt_…() makes just now */
};

/* Which library's message it was matters less than that it reaches our log. */
static void http_lws_on_log(int level, const char *line)
{
	size_t n = strcspn(line, "\n");

	if (level & LLL_ERR)
		log_warn("http", "libwebsockets: %.*s", (int)n, line);
	else
		log_debug("http", "libwebsockets: %.*s", (int)n, line);
}

static int http_lws_callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
	struct http_lws *lws = lws_context_user(lws_get_context(wsi));
	void *peer = wsi ? lws_get_opaque_user_data(wsi) : NULL;

	(void)user;
	/* What OpenSSL found out is n; a callback that says nothing about it lets everybody in. */
	if (reason == LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION)
		return n ? 0 : 1;
	if (!peer)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_RAW_SKT_BIND_PROTOCOL:
		lws->adopting = wsi;
		return 0;
	case LWS_CALLBACK_RAW_RX:
		lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
		return lws->events->on_bytes(peer, in, n) < 0 ? -1 : 0;
	case LWS_CALLBACK_RAW_WRITEABLE:
		return lws->events->on_writable(peer) < 0 ? -1 : 0;
	case LWS_CALLBACK_RAW_CLOSE:
	case LWS_CALLBACK_WSI_DESTROY: /* the only one of the two after a failed handshake */
		lws_set_opaque_user_data(wsi, NULL);
		if (wsi == lws->adopting)
			lws->adopting = NULL;
		else
			lws->events->on_closed(peer);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: /* not reachable; refused all the same */
		return -1;
	default:
		return 0;
	}
}

static const struct lws_protocols http_lws_protocols[] = {
	{.name = "http", .callback = http_lws_callback},
	{.name = NULL},
};

/*
 * Before the library sees them: it goes on without a client CA that it cannot
 * read, and its messages do not say which of the files is no good.
 */
static int http_lws_check(const struct http_lws_config *config, struct errmsg *msg)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	int r = 0;

	if (!ctx)
		return err_origin(-ENOMEM);
	if (SSL_CTX_use_certificate_chain_file(ctx, config->certificate) != 1) {
		errmsg_set(msg, "TLS cannot use the certificate %s", config->certificate);
		r = -EINVAL;
	} else if (SSL_CTX_use_PrivateKey_file(ctx, config->key, SSL_FILETYPE_PEM) != 1 ||
		   SSL_CTX_check_private_key(ctx) != 1) {
		errmsg_set(msg, "TLS cannot use the key %s with the certificate %s", config->key,
			config->certificate);
		r = -EINVAL;
	} else if (config->client_ca && SSL_CTX_load_verify_file(ctx, config->client_ca) != 1) {
		errmsg_set(msg, "TLS cannot use the client CA %s", config->client_ca);
		r = -EINVAL;
	}
	SSL_CTX_free(ctx);
	ERR_clear_error(); /* what is left there would be taken for an error of a connection */
	return err_trace(r);
}

static void http_lws_tls(
	const struct http_lws_config *config, struct lws_context_creation_info *info)
{
	info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info->ssl_cert_filepath = config->certificate;
	info->ssl_private_key_filepath = config->key;
	info->alpn = "http/1.1";
	info->ssl_options_set = (long)(SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 |
				       SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	info->ssl_cipher_list = "ECDHE+AESGCM:ECDHE+CHACHA20";
	if (config->client_ca) {
		info->options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
		info->ssl_ca_filepath = config->client_ca;
	}
}

int http_lws_open(const struct http_lws_config *config, struct http_lws **lwsp, struct errmsg *msg)
{
	struct lws_context_creation_info info = {0};
	struct http_lws *lws;
	int r = config->certificate ? http_lws_check(config, msg) : 0;

	if (r < 0)
		return r;
	lws = calloc(1, sizeof(*lws));
	if (!lws)
		return err_origin(-ENOMEM);
	lws->config = *config;
	lws->events = config->events;
	lws->loops[0] = config->loop;
	lws_set_log_level(LLL_ERR | LLL_WARN, http_lws_on_log);
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.protocols = http_lws_protocols;
	info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		       LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN |
		       LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS |
		       LWS_SERVER_OPTION_NO_LWS_SYSTEM_STATES |
		       LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
	info.foreign_loops = lws->loops;
	info.pcontext = &lws->context;
	info.user = lws;
	info.gid = -1;
	info.uid = -1;
	info.fd_limit_per_thread = config->connections_max + 8;
	info.timeout_secs = config->handshake_s;
	info.vhost_name = "console";
	info.listen_accept_role = "raw-skt";
	info.listen_accept_protocol = http_lws_protocols[0].name;
	if (config->certificate)
		http_lws_tls(config, &info);
	lws->context = lws_create_context(&info);
	if (lws->context)
		lws->vhost = lws_create_vhost(lws->context, &info);
	if (!lws->context || !lws->vhost) {
		errmsg_set(msg, config->certificate
					? "TLS cannot use certificate, key or client CA"
					: "libwebsockets does not start (is its uv plugin there?)");
		*lwsp = lws; /* the caller runs the loop empty, then frees */
		return err_origin(config->certificate ? -EINVAL : -EIO);
	}
	*lwsp = lws;
	return 0;
}

int http_lws_adopt(struct http_lws *lws, int fd, void *peer, struct lws **wsip)
{
	lws_adopt_desc_t adopt = {.vh = lws->vhost,
		.type = LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL,
		.fd.sockfd = fd,
		.vh_prot_name = http_lws_protocols[0].name,
		.opaque = peer};

	lws->adopting = NULL;
	*wsip = lws_adopt_descriptor_vhost_via_info(&adopt);
	if (!*wsip && lws->adopting) /* it is closed in a later turn of the loop */
		lws_set_opaque_user_data(lws->adopting, NULL);
	lws->adopting = NULL;
	return *wsip ? 0 : -EIO;
}

void http_lws_want_write(struct lws *wsi)
{
	(void)lws_callback_on_writable(wsi);
}

int http_lws_write(struct lws *wsi, const void *bytes, size_t n)
{
	/* It does not write to what it sends; its signature is older than const. */
	int r = lws_write(wsi, (unsigned char *)(uintptr_t)bytes, n, LWS_WRITE_RAW);

	if (r < (int)n)
		return -EPIPE;
	return lws_partial_buffered(wsi) ? HTTP_LWS_E_KEPT : 0;
}

void http_lws_kill(struct lws *wsi)
{
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
	/* It looks at its timers only when something happens: make something happen. */
	lws_cancel_service(lws_get_context(wsi));
}

void http_lws_common_name(struct lws *wsi, char *name, size_t n_name)
{
	union lws_tls_cert_info_results info;

	name[0] = '\0';
	if (!lws_is_ssl(wsi) || lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_COMMON_NAME, &info,
					sizeof(info.ns.name)) != 0)
		return;
	if (strlen(info.ns.name) < n_name)
		memcpy(name, info.ns.name, strlen(info.ns.name) + 1);
}

int http_lws_renew(struct http_lws *lws, struct errmsg *msg)
{
	int r = lws->config.certificate ? http_lws_check(&lws->config, msg) : -EINVAL;

	if (r == 0 && lws_tls_cert_updated(lws->context, lws->config.certificate, lws->config.key,
			      NULL, 0, NULL, 0) != 0) {
		errmsg_set(msg, "TLS goes on with the old certificate");
		r = err_origin(-EINVAL);
	}
	return r;
}

void http_lws_close(struct http_lws *lws)
{
	if (lws && lws->context)
		lws_context_destroy(lws->context);
}

void http_lws_free(struct http_lws *lws)
{
	if (!lws)
		return;
	if (lws->context)
		lws_context_destroy(lws->context);
	free(lws);
}
