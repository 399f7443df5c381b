/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items of the settings about threats: "ID=Action" of ThreatIDDefaultAction,
 * names of AllowedThreats, hashes of AllowedFileHashes.
 *
 * Pure. Any thread.
 */
#ifndef QS_SETTINGS_THREAT_H
#define QS_SETTINGS_THREAT_H

#include "err.h"
#include "span.h"

#include <stdint.h>

/** What is done with a threat; words as in the settings. */
enum settings_threat_action {
	SETTINGS_THREAT_QUARANTINE, /**< "Quarantine": moved to the quarantine. */
	SETTINGS_THREAT_REMOVE,     /**< "Remove": deleted. */
	SETTINGS_THREAT_ALLOW,      /**< "Allow": stays, and is told to be allowed. */
	SETTINGS_THREAT_NO_ACTION,  /**< "NoAction": stays. */
};

/** An action's word. Static. */
const char *settings_threat_word(enum settings_threat_action action);

/**
 * Read "ID=Action", the id in decimal digits without leading zero.
 *
 * @idp      Set, with @actionp, when 0 is returned.
 * @return   0 or -EINVAL.
 */
int settings_threat_parse(struct span text, uint64_t *idp, enum settings_threat_action *actionp);

/** Rule for an item of ThreatIDDefaultAction, an "ID=Action": as glob_check_path(). */
int settings_threat_check(struct span text, struct errmsg *msg);

/** Rule for an item of AllowedThreats, a signature's name: likewise. */
int settings_threat_check_name(struct span text, struct errmsg *msg);

/** Rule for an item of AllowedFileHashes, a SHA-256 in hex, either case: likewise. */
int settings_threat_check_hash(struct span text, struct errmsg *msg);

#endif
