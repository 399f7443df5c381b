// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Timeline events as people read them: a label, a sentence, a tone. One line a
 * type, in the order of docs/events.md. Types this page does not know are shown
 * by their name and fields: a newer service's events are never hidden.
 *
 * Pure.
 */
import {formatCount, formatLimit, formatPercent} from "./format.js";
import {visible} from "./text.js";

const by = (e) => (e.requestor ? ` by ${visible(e.requestor)}` : "");
const because = (e) => (e.reason ? `: ${visible(e.reason)}` : "");
const atPath = (e) => visible(e.path) + because(e);
const scanOf = (e) => visible(e.scanType || "custom");

function totals(e) {
	const files = Object.values(e.results ?? {}).reduce((sum, n) => sum + n, 0);
	return (
		`${formatCount(files)} files, ${formatCount(e.detections)} detections, mean load ` +
		`${formatPercent(e.achievedLoad)} (limit ${formatLimit(e.loadFactor)})`
	);
}

/** actionType: [label, tone, sentence] */
const TYPES = {
	LogStarted: ["Log started", "off", (e) => `device ${visible(e.machineId)}`],
	ActionLogDamaged: [
		"Action log damaged",
		"bad",
		() => "the last record did not fit its hash",
	],
	ActionLogDiverged: ["Action log diverged", "bad", (e) => visible(e.reason)],
	CheckpointKeyCreated: ["Checkpoint key created", "off", (e) => `key ${visible(e.keyId)}`],
	ServiceStarted: [
		"Service started",
		"off",
		(e) => `version ${visible(e.version)}, pid ${visible(e.pid)}`,
	],
	ServiceKilled: [
		"Service killed",
		"bad",
		() => "ended without stopping: killed, crashed or power lost",
	],
	ServiceUserMissing: [
		"User missing",
		"warn",
		(e) => `${visible(e.user)} (${visible(e.setting)}); uid ${visible(e.usedUid)} is used`,
	],
	ServiceStopped: ["Service stopped", "off", (e) => visible(e.reason)],
	AntivirusRunningModeChanged: [
		"Running mode changed",
		"info",
		(e) => `${visible(e.previousMode)} → ${visible(e.mode)}: ${visible(e.reason)}`,
	],
	StoreRecovered: [
		"Store recovered",
		"warn",
		(e) => `${visible(e.reason)}; ${formatCount(e.lostEvents)} events lost`,
	],
	RequestRefused: [
		"Request refused",
		"warn",
		(e) => `${visible(e.method)}${by(e)}: ${visible(e.message)}`,
	],
	SettingsChanged: [
		"Setting changed",
		"info",
		(e) =>
			`${visible(e.name)}: ${setting(e.oldValue)} → ${setting(e.newValue)}${by(e)}`,
	],
	SettingsRejected: ["Settings rejected", "warn", (e) => visible(e.reason)],
	ExclusionAdded: [
		"Exclusion added",
		"warn",
		(e) => `${visible(e.kind)} ${visible(e.value)}${by(e)}`,
	],
	ExclusionRemoved: [
		"Exclusion removed",
		"info",
		(e) => `${visible(e.kind)} ${visible(e.value)}${by(e)}`,
	],
	AllowanceAdded: [
		"Allowed",
		"warn",
		(e) => `${visible(e.kind)} ${visible(e.value)}${by(e)}: ${visible(e.requestorComment)}`,
	],
	AllowanceRemoved: [
		"Allowed no more",
		"info",
		(e) => `${visible(e.kind)} ${visible(e.value)}${by(e)}: ${visible(e.requestorComment)}`,
	],
	AntivirusDefinitionsUpdated: [
		"Definitions updated",
		"good",
		(e) =>
			`${formatCount(e.signatures)} signatures${e.setVersion ? ", " + visible(e.setVersion) : ""}`,
	],
	AntivirusDefinitionsUpdateFailed: [
		"Definitions update failed",
		"bad",
		(e) => visible(e.reason),
	],
	AntivirusScanSubmitted: [
		"Scan submitted",
		"info",
		(e) => `${scanOf(e)} scan${by(e)}: “${visible(e.requestorComment)}”`,
	],
	AntivirusScanStarted: [
		"Scan started",
		"info",
		(e) =>
			`${scanOf(e)} scan, limit ${formatLimit(e.loadFactor)}${e.attempt > 1 ? `, attempt ${e.attempt}` : ""}`,
	],
	AntivirusScanPaused: ["Scan paused", "warn", (e) => `${scanOf(e)} scan${by(e)}`],
	AntivirusScanResumed: ["Scan resumed", "info", (e) => `${scanOf(e)} scan${by(e)}`],
	AntivirusScanInterrupted: ["Scan interrupted", "warn", (e) => visible(e.reason)],
	AntivirusScanCompleted: [
		"Scan completed",
		"good",
		(e) => `${scanOf(e)} scan: ${totals(e)}`,
	],
	AntivirusScanCancelled: [
		"Scan cancelled",
		"warn",
		(e) =>
			`by ${visible(e.cancellationRequestor)}: “${visible(e.cancellationComment)}”`,
	],
	AntivirusScanFailed: ["Scan failed", "bad", (e) => visible(e.failure)],
	AntivirusScanTimedOut: ["Scan timed out", "bad", (e) => visible(e.failure)],
	MountSkipped: ["Mount skipped", "off", (e) => `${visible(e.path)} (${visible(e.fsType)})`],
	DirectoryUnlistable: ["Directory not readable", "warn", atPath],
	ScanTargetMissing: ["Scan target missing", "warn", atPath],
	FileEngineCrash: ["Engine crashed on file", "bad", atPath],
	FileCpuLimit: ["CPU limit of a file", "warn", atPath],
	MountNotResponding: [
		"Mount given up",
		"warn",
		(e) => `${visible(e.path)} did not answer for ${formatCount(Math.round(e.waitedMs / 1000))} s`,
	],
	FilesBlockedByOther: [
		"Files blocked by another program",
		"warn",
		(e) =>
			`${formatCount(e.blockedFiles)} files` +
			(e.product ? ` by ${visible(e.product)} (pid ${visible(e.pid)})` : "") +
			(e.mount ? ` on ${visible(e.mount)}` : ""),
	],
	FilesChangedBesideOther: [
		"Files changed while another antivirus was active",
		"warn",
		(e) =>
			`${formatCount(e.changedFiles)} files` +
			(e.vanishedFiles ? `, ${formatCount(e.vanishedFiles)} of them gone,` : "") +
			` while ${visible(e.product ?? "another antivirus")} was active` +
			(e.mount ? ` on ${visible(e.mount)}` : ""),
	],
	WorkerOverrun: ["Worker overrun", "warn", (e) => visible(e.reason)],
	ProtocolViolation: [
		"Protocol violation",
		"bad",
		(e) => `${visible(e.process)}${because(e)}`,
	],
	AntivirusDetection: [
		"Threat detected",
		"bad",
		(e) =>
			`${visible(e.threatName)} in ${visible(e.path)}${e.containerPath ? " › " + visible(e.containerPath) : ""}`,
	],
	AlertCreated: ["Alert created", "bad", (e) => visible(e.title)],
	AlertUpdated: [
		"Alert updated",
		"info",
		(e) =>
			`${visible(e.title)}: ${visible(e.status)}${by(e)}${e.comment ? `: “${visible(e.comment)}”` : ""}`,
	],
	RemediationRequested: [
		"Remediation requested",
		"info",
		(e) =>
			`${visible(e.remediationAction)} of ${visible(e.path)}${by(e)}${e.comment ? `: “${visible(e.comment)}”` : ""}`,
	],
	AntivirusMalwareActionTaken: [
		"Threat remediated",
		"good",
		(e) => `${visible(e.path)}: ${visible(e.remediationStatus)}`,
	],
	AntivirusMalwareActionFailed: [
		"Threat not remediated",
		"bad",
		(e) => `${visible(e.path)}: ${visible(e.outcome)}${because(e)}`,
	],
	RemediationRecovered: [
		"Interrupted move brought to an end",
		"warn",
		(e) => `${visible(e.path)}: ${visible(e.location)}`,
	],
	StopAndQuarantineFileSubmitted: [
		"Stop and quarantine file requested",
		"info",
		(e) =>
			`${visible(e.fileHash)}${by(e)}${e.comment ? `: “${visible(e.comment)}”` : ""}`,
	],
	StopAndQuarantineFileCompleted: [
		"Stop and quarantine file ended",
		"info",
		(e) =>
			`${visible(e.fileHash)}: ${visible(e.status)}, ${formatCount(e.quarantined)} in quarantine, ${formatCount(e.processesEnded)} processes ended`,
	],
	FileQuarantined: ["File quarantined", "good", (e) => visible(e.path)],
	FileQuarantineFailed: [
		"File not quarantined",
		"bad",
		(e) => `${visible(e.path)}: ${visible(e.outcome)}${because(e)}`,
	],
	QuarantineItemRestored: [
		"File restored from quarantine",
		"warn",
		(e) => `${visible(e.path)}${by(e)}${e.comment ? `: “${visible(e.comment)}”` : ""}`,
	],
	QuarantineItemRestoreFailed: [
		"File not restored from quarantine",
		"bad",
		(e) => `${visible(e.path)}: ${visible(e.outcome)}${because(e)}`,
	],
	QuarantineItemLost: [
		"File in quarantine is missing",
		"bad",
		(e) => visible(e.quarantineId),
	],
	QuarantineItemDeleted: [
		"File in quarantine deleted",
		"info",
		(e) => `${visible(e.path)}${by(e)}${e.comment ? `: “${visible(e.comment)}”` : ""}`,
	],
	QuarantineItemDeleteFailed: [
		"File in quarantine not deleted",
		"bad",
		(e) => `${visible(e.path)}: ${visible(e.outcome)}${because(e)}`,
	],
	MachineTagsChanged: [
		"Device tags changed",
		"info",
		(e) => `${visible(e.action)} ${visible(e.value ?? e.tag)}${by(e)}`.trim(),
	],
};

function setting(value) {
	return value === null || value === undefined ? "default" : visible(value);
}

const COMMON = new Set([
	"sequence",
	"time",
	"actionType",
	"scanId",
	"actionId",
	"pathBytes",
	"valueBytes",
	"containerPathBytes",
]);

/** Fields of a type that has no sentence. */
function bare(e) {
	return Object.entries(e)
		.filter(([name]) => !COMMON.has(name))
		.map(([name, value]) => `${visible(name)}: ${visible(value)}`)
		.join(", ");
}

/** Types a filter offers. */
export const EVENT_TYPES = Object.keys(TYPES);

/**
 * @param {string} actionType
 * @returns {string}
 */
export function eventLabel(actionType) {
	return Object.hasOwn(TYPES, actionType) ? TYPES[actionType][0] : visible(actionType);
}

/**
 * @param {{actionType: string}} event
 * @returns {{label: string, tone: import("./labels.js").Tone, text: string}}
 */
export function describeEvent(event) {
	if (!Object.hasOwn(TYPES, event.actionType))
		return {label: visible(event.actionType), tone: "off", text: bare(event)};
	const [label, tone, sentence] = TYPES[event.actionType];
	return {label, tone, text: sentence(event)};
}
