// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words of the API as people read them, and how much each asks for attention.
 * A word that is not in a table is shown as it came.
 *
 * Pure.
 */

/** @typedef {"good"|"bad"|"warn"|"info"|"off"} Tone */

const STATUS = {
	Pending: ["Pending", "info"],
	InProgress: ["In progress", "info"],
	Paused: ["Paused", "warn"],
	Succeeded: ["Succeeded", "good"],
	Failed: ["Failed", "bad"],
	TimeOut: ["Timed out", "bad"],
	Cancelled: ["Cancelled", "off"],
};

const ALERT_STATUS = {
	Unknown: ["Unknown", "off"],
	New: ["New", "bad"],
	InProgress: ["In progress", "warn"],
	Resolved: ["Resolved", "good"],
};

const SEVERITY = {
	UnSpecified: ["Unspecified", "off"],
	Unknown: ["Unknown", "off"],
	Informational: ["Informational", "off"],
	Low: ["Low", "info"],
	Medium: ["Medium", "warn"],
	Moderate: ["Moderate", "warn"],
	High: ["High", "bad"],
	Severe: ["Severe", "bad"],
};

const ACTION_TYPE = {
	RunAntiVirusScan: "Antivirus scan",
	CollectInvestigationPackage: "Collect investigation package",
	Isolate: "Isolate device",
	Unisolate: "Release device",
	StopAndQuarantineFile: "Stop and quarantine file",
	RestrictCodeExecution: "Restrict app execution",
	UnrestrictCodeExecution: "Remove app restriction",
	LiveResponse: "Live response",
	Offboard: "Offboard device",
};

const REMEDIATION = {
	Detected: ["Detected, file left in place", "warn"],
	Quarantined: ["Quarantined", "good"],
	Removed: ["Removed", "good"],
	Allowed: ["Allowed", "info"],
	Restored: ["Restored", "warn"],
	Abandoned: ["Not there any more", "info"],
	QuarantineFailed: ["Quarantine failed", "bad"],
	RemoveFailed: ["Removal failed", "bad"],
};

const REMEDIATION_ACTION = {
	Quarantine: "Quarantine",
	Remove: "Remove",
	Allow: "Allow",
	NoAction: "No action",
};

const PHASE = {
	starting: "Starting",
	walking: "Scanning, still listing files",
	scanning: "Scanning",
	paused: "Paused",
	ending: "Ending",
};

const CLASSIFICATION = {
	TruePositive: "True positive",
	InformationalExpectedActivity: "Informational, expected activity",
	FalsePositive: "False positive",
};

const DETERMINATION = {
	MultiStagedAttack: "Multistage attack",
	MaliciousUserActivity: "Malicious user activity",
	CompromisedUser: "Compromised account",
	Malware: "Malware",
	Phishing: "Phishing",
	UnwantedSoftware: "Unwanted software",
	SecurityTesting: "Security test",
	LineOfBusinessApplication: "Line-of-business application",
	ConfirmedActivity: "Confirmed activity",
	ConfirmedUserActivity: "Confirmed activity",
	NotMalicious: "Not malicious",
	Clean: "Not malicious",
	InsufficientData: "Not enough data to validate",
	Other: "Other",
};

/** Determinations that go with each classification, as Defender's portal offers them. */
export const DETERMINATIONS_OF = {
	TruePositive: [
		"MultiStagedAttack",
		"MaliciousUserActivity",
		"CompromisedUser",
		"Malware",
		"Phishing",
		"UnwantedSoftware",
		"Other",
	],
	InformationalExpectedActivity: [
		"SecurityTesting",
		"LineOfBusinessApplication",
		"ConfirmedActivity",
		"Other",
	],
	FalsePositive: ["NotMalicious", "InsufficientData", "Other"],
};

/** Results a file can have, in the order they are shown, with what each means. */
export const FILE_RESULTS = [
	["clean", "read whole, nothing found"],
	["infected", "a signature matched"],
	["incomplete", "not wholly scanned: a limit, an error or CPU time"],
	["changed", "changed while it was scanned"],
	["skipped", "left out, with a reason in the report"],
	["blocked", "another antivirus denied it"],
	["crashed", "the engine died on it"],
];

const own = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);
const pair = (table, key) => own(table, key) ?? [String(key ?? "–"), "off"];

/** @param {string} status of an action or a scan @returns {[string, Tone]} */
export const statusLabel = (status) => pair(STATUS, status);
/** @param {string} status of an alert @returns {[string, Tone]} */
export const alertStatusLabel = (status) => pair(ALERT_STATUS, status);
/** @param {string} severity of an alert or a threat @returns {[string, Tone]} */
export const severityLabel = (severity) => pair(SEVERITY, severity);
/** @param {string} status of a detection @returns {[string, Tone]} */
export const remediationLabel = (status) => pair(REMEDIATION, status);
/** @param {string} action of a detection @returns {string} */
export const remediationActionLabel = (action) =>
	own(REMEDIATION_ACTION, action) ?? String(action ?? "–");
/** @param {string} type of an action @returns {string} */
export const actionTypeLabel = (type) => own(ACTION_TYPE, type) ?? String(type ?? "–");
/** @param {string} phase of a scan at work @returns {string} */
export const phaseLabel = (phase) => own(PHASE, phase) ?? String(phase ?? "–");
/** @param {string|null} word @returns {string} */
export const classificationLabel = (word) =>
	word ? (own(CLASSIFICATION, word) ?? String(word)) : "Not set";
/** @param {string|null} word @returns {string} */
export const determinationLabel = (word) =>
	word ? (own(DETERMINATION, word) ?? String(word)) : "Not set";

/**
 * @param {{type?: string, scope?: string|null}} action
 * @returns {string} "Antivirus scan, quick"
 */
export function actionTitle(action) {
	const scope = action.scope ? `, ${String(action.scope).toLowerCase()}` : "";
	return actionTypeLabel(action.type) + scope;
}

/** Statuses an action or a scan does not leave any more. */
const FINAL = new Set(["Succeeded", "Failed", "TimeOut", "Cancelled"]);

/** @param {string} status @returns {boolean} */
export const isFinal = (status) => FINAL.has(status);

/** Statuses of actions, as filters offer them. */
export const ACTION_STATUSES = [
	"Pending",
	"InProgress",
	"Succeeded",
	"Failed",
	"TimeOut",
	"Cancelled",
];
/** Statuses of alerts. */
export const ALERT_STATUSES = ["New", "InProgress", "Resolved"];
/** Severities of alerts. */
export const ALERT_SEVERITIES = ["High", "Medium", "Low", "Informational"];
/** Severities of threats. */
export const THREAT_SEVERITIES = ["Severe", "High", "Moderate", "Low", "Unknown"];
