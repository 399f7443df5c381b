/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a signature's name says about the threat. ClamAV gives names only, no
 * ids and no severities; both are made here, from a table of name prefixes
 * and class words (threat.c) that is data and nothing else. Words are
 * Defender's.
 *
 * Pure. Any thread. Names: docs.clamav.net/manual/Signatures/SignatureNames.html.
 */
#ifndef QS_THREAT_H
#define QS_THREAT_H

#include <stddef.h>
#include <stdint.h>

enum { THREAT_TITLE_SIZE = 256 };

/**
 * A number for a name: FNV-1a of 64 bits (draft-eastlake-fnv), folded by xor
 * to 49 bits, so that it has at most 15 digits and survives as a JSON number
 * in any reader and any printer. Stable for ever; a suffix ".UNOFFICIAL" is
 * part of the name.
 *
 * @return  1 to 2^49 - 1.
 */
uint64_t threat_id(const char *name);

/** "Low", "Moderate", "High", "Severe" or "Unknown". Static. */
const char *threat_severity(const char *name);

/** "Trojan", "Virus", "Worm", …; "Unknown". Static. */
const char *threat_category(const char *name);

/** An alert's severity: "Informational", "Low", "Medium" or "High". Static. */
const char *threat_alert_severity(const char *name);

/**
 * An alert's title, as Defender words it: "'NAME' malware was detected".
 *
 * @title  Receives the NUL-terminated text; a long name is cut.
 */
void threat_alert_title(const char *name, char title[THREAT_TITLE_SIZE]);

#endif
