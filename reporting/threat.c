/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ClamAV's names read Platform.Class.Family-Id-Revision. The first table is
 * asked by prefix, longest rules first in each family; the second by the class
 * word (the second part, in any case). The first hit counts.
 *
 * Severity follows what a threat does once it runs: takes the machine or its
 * data over (Severe), opens or spreads (High), annoys or helps others
 * (Moderate, Low). An EICAR alert is Informational, as Defender's is.
 */
#include "threat.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct threat_rule {
	const char *word;
	const char *category;
	const char *severity;
	const char *alert_severity;
};

static const struct threat_rule threat_prefixes[] = {
	{"Eicar", "Virus", "Severe", "Informational"},
	{"Win.Test.EICAR", "Virus", "Severe", "Informational"},
	{"ClamAV-Test", "Virus", "Low", "Informational"},
	{"Clamav.Test", "Virus", "Low", "Informational"},
	{"PUA.", "PotentiallyUnwantedSoftware", "Low", "Low"},
	{"Heuristics.Limits", "Unknown", "Unknown", "Informational"},
	{"Heuristics.Phishing", "Phishing", "Moderate", "Medium"},
	{"Heuristics.Safebrowsing", "Phishing", "Moderate", "Medium"},
	{"Heuristics.Encrypted", "Policy", "Low", "Low"},
	{"Heuristics.Structured", "Policy", "Low", "Low"},
	{"Heuristics.OLE2.ContainsMacros", "Policy", "Low", "Low"},
	{"Heuristics.Broken", "Behavior", "Low", "Low"},
	{"Heuristics.Zip", "Behavior", "Moderate", "Medium"},
	{"Heuristics.Exploit", "Exploit", "High", "Medium"},
	{"Heuristics.W32", "Virus", "High", "Medium"},
	{"Heuristics.Trojan", "Trojan", "High", "Medium"},
	{"Heuristics.Worm", "Worm", "High", "Medium"},
	{"Heuristics.", "Behavior", "Moderate", "Low"},
	{"YARA.", "Unknown", "Moderate", "Medium"},
};

static const struct threat_rule threat_classes[] = {
	{"Test", "Virus", "Low", "Informational"},
	{"Ransomware", "Ransomware", "Severe", "High"},
	{"Rootkit", "Trojan", "Severe", "High"},
	{"Backdoor", "Backdoor", "Severe", "High"},
	{"Infostealer", "PasswordStealer", "Severe", "High"},
	{"Keylogger", "Keylogger", "High", "High"},
	{"Worm", "Worm", "Severe", "High"},
	{"Virus", "Virus", "Severe", "High"},
	{"Exploit", "Exploit", "Severe", "High"},
	{"Ircbot", "Backdoor", "Severe", "High"},
	{"Trojan", "Trojan", "Severe", "Medium"},
	{"Dropper", "TrojanDropper", "Severe", "Medium"},
	{"Downloader", "TrojanDownloader", "Severe", "Medium"},
	{"Loader", "TrojanDownloader", "Severe", "Medium"},
	{"Proxy", "TrojanProxyServer", "High", "Medium"},
	{"Malware", "Trojan", "High", "Medium"},
	{"Macro", "Trojan", "High", "Medium"},
	{"File", "Trojan", "High", "Medium"},
	{"Coinminer", "Trojan", "High", "Medium"},
	{"Phishing", "Phishing", "Moderate", "Medium"},
	{"Spyware", "Spyware", "High", "Medium"},
	{"Packed", "Behavior", "Moderate", "Low"},
	{"Packer", "Behavior", "Moderate", "Low"},
	{"Revoked", "Policy", "Moderate", "Low"},
	{"Adware", "Adware", "Low", "Low"},
	{"Tool", "Tool", "Moderate", "Low"},
	{"Joke", "JokeProgram", "Low", "Low"},
	{"Countermeasure", "Tool", "Moderate", "Low"},
	{"Filetype", "Policy", "Low", "Low"},
};

static const struct threat_rule threat_unknown = {"", "Unknown", "Unknown", "Medium"};

static const struct threat_rule *threat_find_class(const char *name)
{
	const char *word = strchr(name, '.');
	size_t n;

	if (!word)
		return &threat_unknown;
	word++;
	n = strcspn(word, ".-:");
	for (size_t i = 0; i < sizeof(threat_classes) / sizeof(threat_classes[0]); i++)
		if (strlen(threat_classes[i].word) == n &&
			strncasecmp(word, threat_classes[i].word, n) == 0)
			return &threat_classes[i];
	return &threat_unknown;
}

static const struct threat_rule *threat_find(const char *name)
{
	for (size_t i = 0; i < sizeof(threat_prefixes) / sizeof(threat_prefixes[0]); i++) {
		size_t n = strlen(threat_prefixes[i].word);

		if (strncasecmp(name, threat_prefixes[i].word, n) == 0)
			return &threat_prefixes[i];
	}
	return threat_find_class(name);
}

uint64_t threat_id(const char *name)
{
	const uint64_t mask = (UINT64_C(1) << 49) - 1;
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV offset basis, 64 bit */

	for (const char *c = name; *c; c++) {
		hash ^= (uint8_t)*c;
		hash *= UINT64_C(0x100000001b3); /* FNV prime, 64 bit */
	}
	hash = (hash >> 49) ^ (hash & mask);
	return hash ? hash : 1;
}

const char *threat_severity(const char *name)
{
	return threat_find(name)->severity;
}

const char *threat_category(const char *name)
{
	return threat_find(name)->category;
}

const char *threat_alert_severity(const char *name)
{
	return threat_find(name)->alert_severity;
}

void threat_alert_title(const char *name, char title[THREAT_TITLE_SIZE])
{
	(void)snprintf(title, THREAT_TITLE_SIZE, "'%.200s' malware was detected", name);
}
