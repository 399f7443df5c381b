/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client says about itself: the form of a token request, and the header
 * Authorization.
 *
 * Pure. Any thread.
 */
#ifndef QS_FORM_H
#define QS_FORM_H

#include "span.h"

enum { FORM_VALUE_SIZE = 512, /**< Of one value, decoded, with its NUL. */ };

/** A request for a token; "" for what is not there. */
struct form {
	char grant_type[FORM_VALUE_SIZE];
	char client_id[FORM_VALUE_SIZE];
	char client_secret[FORM_VALUE_SIZE];
	char scope[FORM_VALUE_SIZE];
	char resource[FORM_VALUE_SIZE];
};

/**
 * Read "name=value&…". Other names are passed over.
 *
 * @return 0; -EINVAL no text, a value that is too long, or a name given twice.
 */
int form_parse(struct span body, struct form *form);

/**
 * Read "Basic base64(id:secret)", both form-encoded (RFC 6749, 2.3.1).
 *
 * @return 0; -EINVAL it is something else.
 */
int form_basic(const char *authorization, struct form *form);

/** The token behind "Bearer "; NULL when it is something else. */
const char *form_bearer(const char *authorization);

#endif
