/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be done with a threat, by the settings: nothing in passive mode;
 * else what is allowed stays; else the action set for the threat's id; else the
 * one set for its severity, which is quarantine where nothing is set.
 *
 * Pure. Any thread. Names and actions are Defender's (Set-MpPreference):
 * docs/settings.md.
 */
#ifndef QS_THREAT_ACTION_H
#define QS_THREAT_ACTION_H

#include "settings.h"
#include "settings_threat.h"
#include "span.h"

#include <stdbool.h>
#include <stdint.h>

/** What of the settings decided. */
enum threat_action_rule {
	THREAT_ACTION_BY_PASSIVE_MODE, /**< Nothing is touched. */
	THREAT_ACTION_BY_ALLOWED_NAME, /**< AllowedThreats */
	THREAT_ACTION_BY_ALLOWED_HASH, /**< AllowedFileHashes */
	THREAT_ACTION_BY_ALLOWED_PATH, /**< AllowedPaths */
	THREAT_ACTION_BY_THREAT_ID,    /**< ThreatIDDefaultAction */
	THREAT_ACTION_BY_SEVERITY,     /**< LowThreatDefaultAction and its like */
};

/** A threat that was found, all borrowed. */
struct threat_action_threat {
	const char *name;     /**< Signature name. */
	uint64_t id;          /**< Of the name. */
	const char *severity; /**< "Low", "Moderate", "High" or "Severe"; all else is unknown. */
	const char *sha256;   /**< Hex of the file's hash; "" when it is not known. */
	struct span path;     /**< Raw bytes of the file's path. */
};

struct threat_action {
	enum settings_threat_action action; /**< What is to be done; see settings_threat_word(). */
	enum threat_action_rule rule;       /**< Why. */
	const char *setting;                /**< Name of the setting that decided; static. */
	const char *item; /**< Its item, borrowed from the settings; NULL when it is no list. */
};

/**
 * Decide.
 *
 * @settings    Valid ones (settings_parse(), settings_init()).
 * @is_passive  Whether the service is in passive mode now, for whatever reason.
 */
struct threat_action threat_action_decide(const struct settings *settings, bool is_passive,
	const struct threat_action_threat *threat);

#endif
