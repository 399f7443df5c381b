/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A self-signed certificate for those who have none: EC P-256, made once, kept
 * in the state directory, made anew when it runs out or the names change.
 *
 * Hands (files, OpenSSL). Loop thread only.
 */
#ifndef QS_CERTIFICATE_H
#define QS_CERTIFICATE_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

enum {
	CERTIFICATE_NAMES_MAX = 64,
	CERTIFICATE_DAYS = 397,      /**< Browsers accept no longer life. */
	CERTIFICATE_RENEW_DAYS = 30, /**< Before it ends. */
	CERTIFICATE_PRINT_SIZE = 96,
};

#define CERTIFICATE_FILE "tls-certificate.pem"
#define CERTIFICATE_KEY_FILE "tls-key.pem"

/** Names and addresses a certificate is for. */
struct certificate_names {
	char texts[CERTIFICATE_NAMES_MAX][256]; /**< "DNS:name" or "IP:address". */
	size_t n;
};

/**
 * Add a name or an address; what is neither, what is there already and what is
 * too much is passed over.
 *
 * @name  "host", "host:port", "192.0.2.1", "[2001:db8::1]:8443" …
 */
void certificate_names_add(struct certificate_names *names, const char *name);

/** Add localhost and its addresses, the host's own name and its addresses. */
void certificate_names_add_own(struct certificate_names *names);

/**
 * Have a certificate and key in a directory, both mode 0600.
 *
 * @madep   Set to 1 when one was made, else 0.
 * @return  0; -errno; -EIO what OpenSSL does not explain.
 */
int certificate_ensure(const char *state_dir, const struct certificate_names *names,
	int64_t now_unix_ms, int *madep, struct errmsg *msg);

/** The SHA-256 fingerprint, as "AB:CD:…", of a PEM file's first certificate. 0 or -EINVAL. */
int certificate_print(const char *file, char print[CERTIFICATE_PRINT_SIZE]);

#endif
