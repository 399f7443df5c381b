/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bodies of Defender's calls. Names are case-sensitive, as documented;
 * members nobody asks for are passed over, as Defender does. What is wrong is a
 * fault with Defender's code.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_REQUEST_JSON_H
#define QS_REQUEST_JSON_H

#include "api_error.h"
#include "json.h"
#include "route.h"
#include "span.h"

enum {
	REQUEST_JSON_COMMENT_MAX = 4000, /**< Bytes; the daemon takes no more. */
	REQUEST_JSON_TAG_MAX = 200,
};

/*
 * Each function reads one body and sets *paramsp to the parameters of a call of
 * the local protocol, an object that the caller deletes; or returns -EINVAL and
 * sets @fault, or -ENOMEM.
 */

/** runAntiVirusScan {"Comment","ScanType"} → scan.start {"comment","type"}. */
int request_json_scan(struct span body, cJSON **paramsp, struct api_fault *fault);

/**
 * StopAndQuarantineFile {"Comment","Sha1"}, or "Sha256" → file.stopAndQuarantine
 * {"comment","sha1"}.
 */
int request_json_file(struct span body, cJSON **paramsp, struct api_fault *fault);

/** cancel, and restore and delete in quarantine: {"Comment"} → {"comment"}. */
int request_json_comment(struct span body, cJSON **paramsp, struct api_fault *fault);

/** tags {"Value","Action"} → machine.tag {"value","action"}. */
int request_json_tag(struct span body, cJSON **paramsp, struct api_fault *fault);

/**
 * PATCH of an alert → alert.update. Names begin with an upper or a lower case
 * letter, as both are documented; null empties.
 */
int request_json_alert(struct span body, cJSON **paramsp, struct api_fault *fault);

/** Check the body of an action that this device cannot do. @return 0, -EINVAL or -ENOMEM. */
int request_json_unsupported(
	struct span body, enum route_unsupported kind, struct api_fault *fault);

#endif
