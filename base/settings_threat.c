/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Defender has two lists of equal length, one of ids and one of actions; a list
 * of pairs cannot come out of step.
 */
#include "settings_threat.h"

#include "hex.h"

#include <errno.h>

enum { SETTINGS_THREAT_NAME_MAX = 1024 /**< IPC_NAME_MAX. */ };

static const char *const settings_threat_words[] = {"Quarantine", "Remove", "Allow", "NoAction"};

const char *settings_threat_word(enum settings_threat_action action)
{
	return settings_threat_words[action];
}

/* Digits up to '='. @return their number; 0 for none, too many or a leading zero. */
static size_t settings_threat_parse_id(struct span text, uint64_t *idp)
{
	const char *at = text.data;
	uint64_t id = 0;
	size_t n = 0;

	while (n < text.n && at[n] >= '0' && at[n] <= '9' && n < 16)
		id = id * 10 + (uint64_t)(at[n++] - '0');
	if (n == 0 || at[0] == '0' || n == text.n || at[n] != '=')
		return 0;
	*idp = id;
	return n;
}

int settings_threat_parse(struct span text, uint64_t *idp, enum settings_threat_action *actionp)
{
	uint64_t id = 0;
	size_t n = settings_threat_parse_id(text, &id);

	if (n == 0)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(settings_threat_words) / sizeof(settings_threat_words[0]);
		i++) {
		const struct span word = {(const char *)text.data + n + 1, text.n - n - 1};

		if (!span_equal(word, span_str(settings_threat_words[i])))
			continue;
		*idp = id;
		*actionp = (enum settings_threat_action)i;
		return 0;
	}
	return -EINVAL;
}

int settings_threat_check(struct span text, struct errmsg *msg)
{
	enum settings_threat_action action;
	uint64_t id;

	if (settings_threat_parse(text, &id, &action) == 0)
		return 0;
	errmsg_set(msg, "must be a threat id, =, and Quarantine, Remove, Allow or NoAction");
	return -EINVAL;
}

int settings_threat_check_name(struct span text, struct errmsg *msg)
{
	if (text.n > 0 && text.n <= SETTINGS_THREAT_NAME_MAX)
		return 0;
	errmsg_set(msg, "must be the name of a threat");
	return -EINVAL;
}

int settings_threat_check_hash(struct span text, struct errmsg *msg)
{
	const unsigned char *at = text.data;
	size_t n = 0;

	while (n < text.n && hex_digit(at[n]) >= 0)
		n++;
	if (n == 64 && text.n == 64)
		return 0;
	errmsg_set(msg, "must be a SHA-256 of 64 hex digits");
	return -EINVAL;
}
