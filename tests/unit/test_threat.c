/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What names give: ids that never change, words of Defender's.
 */
#include "threat.h"

#include "unit.h"

#include <string.h>

/* Ids are stable (fixed here), within 49 bits, and differ by name. */
static void ids(void **state)
{
	(void)state;
	assert_true(threat_id("Eicar-Test-Signature") == UINT64_C(528571152321586));
	assert_true(threat_id("") == UINT64_C(172505283315420));
	assert_true(threat_id("Unix.Trojan.Mirai-1") != threat_id("Unix.Trojan.Mirai-2"));
	assert_true(threat_id("Unix.Trojan.Mirai-1") < (UINT64_C(1) << 49));
}

/* Names of each kind. */
static void words(void **state)
{
	static const struct {
		const char *name;
		const char *category;
		const char *severity;
		const char *alert;
	} cases[] = {
		{"Eicar-Test-Signature", "Virus", "Severe", "Informational"},
		{"Eicar-Signature.UNOFFICIAL", "Virus", "Severe", "Informational"},
		{"Win.Test.EICAR_HDB-1", "Virus", "Severe", "Informational"},
		{"ClamAV-Test-File", "Virus", "Low", "Informational"},
		{"ClamAV-Test-File.UNOFFICIAL", "Virus", "Low", "Informational"},
		{"Win.Trojan.Agent-1234", "Trojan", "Severe", "Medium"},
		{"Unix.Worm.Slapper-1", "Worm", "Severe", "High"},
		{"Unix.Backdoor.Tsunami-1", "Backdoor", "Severe", "High"},
		{"Win.Ransomware.WannaCry-6313787-0", "Ransomware", "Severe", "High"},
		{"win.dropper.x", "TrojanDropper", "Severe", "Medium"},
		{"PUA.Win.Packer.Upx-1", "PotentiallyUnwantedSoftware", "Low", "Low"},
		{"Heuristics.Phishing.Email.SpoofedDomain", "Phishing", "Moderate", "Medium"},
		{"Heuristics.Encrypted.Zip", "Policy", "Low", "Low"},
		{"Heuristics.Anything.New", "Behavior", "Moderate", "Low"},
		{"Win.Unheardof.X-1", "Unknown", "Unknown", "Medium"},
		{"Trojan", "Unknown", "Unknown", "Medium"},
		{"Win.Trojanish.X", "Unknown", "Unknown", "Medium"},
		{"Win.Trojan", "Trojan", "Severe", "Medium"},
		{"", "Unknown", "Unknown", "Medium"},
		{".", "Unknown", "Unknown", "Medium"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(threat_category(cases[i].name), cases[i].category);
		assert_string_equal(threat_severity(cases[i].name), cases[i].severity);
		assert_string_equal(threat_alert_severity(cases[i].name), cases[i].alert);
	}
}

/* Defender's wording; a long name is cut. */
static void title(void **state)
{
	char text[THREAT_TITLE_SIZE];
	char name[1000];

	(void)state;
	threat_alert_title("Eicar-Test-Signature", text);
	assert_string_equal(text, "'Eicar-Test-Signature' malware was detected");
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	threat_alert_title(name, text);
	assert_int_equal(strlen(text), 200 + strlen("'' malware was detected"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(words),
		cmocka_unit_test(title),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
