// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lists of the console: Action center, alerts, detections, quarantine. Each is
 * a table of what list_view.js needs.
 */
import {formatBytes} from "./format.js";
import {
	ACTION_STATUSES,
	actionTitle,
	ALERT_SEVERITIES,
	ALERT_STATUSES,
	alertStatusLabel,
	classificationLabel,
	remediationLabel,
	severityLabel,
	statusLabel,
	THREAT_SEVERITIES,
} from "./labels.js";
import {odataEquals, odataString} from "./odata.js";
import {openActionPanel} from "./panel_action.js";
import {openAlertPanel} from "./panel_alert.js";
import {openDetectionPanel} from "./panel_detection.js";
import {openQuarantinePanel} from "./panel_quarantine.js";
import {badge, nameText, timeText} from "./parts.js";
import {visible} from "./text.js";

const contains = (field) => (value) => `contains(${field},${odataString(value)})`;
const equals = (field) => (value) => odataEquals(field, value);
const options = (words, label) => words.map((word) => [word, label(word)[0]]);

/** @type {import("./list_view.js").ListConfig} */
export const ACTION_CENTER = {
	view: "actions",
	title: "Action center",
	path: "/machineactions",
	sort: "creationDateTimeUtc",
	signals: ["actions"],
	empty: "No actions fit.",
	openPanel: openActionPanel,
	filters: [
		{
			name: "status",
			label: "Status",
			options: options(ACTION_STATUSES, statusLabel),
			term: equals("status"),
		},
		{
			name: "source",
			label: "Source",
			options: [
				["Portal", "This page"],
				["PublicApi", "API"],
				["LocalCli", "Command line"],
			],
			term: equals("requestSource"),
		},
		{name: "requestor", label: "Submitting user contains", term: contains("requestor")},
	],
	columns: [
		{key: "type", label: "Action", cell: (a) => visible(actionTitle(a))},
		{
			key: "status",
			label: "Status",
			isSortable: true,
			cell: (a) => badge(statusLabel(a.status)),
		},
		{
			key: "creationDateTimeUtc",
			label: "Submission time",
			isSortable: true,
			cell: (a) => timeText(a.creationDateTimeUtc),
		},
		{
			key: "requestor",
			label: "Submitting user",
			isSortable: true,
			rank: 2,
			cell: (a) => nameText(a.requestor),
		},
		{
			key: "requestorComment",
			label: "Comment",
			rank: 2,
			cell: (a) => nameText(a.requestorComment),
		},
		{
			key: "lastUpdateDateTimeUtc",
			label: "Last update",
			isSortable: true,
			rank: 3,
			cell: (a) => timeText(a.lastUpdateDateTimeUtc),
		},
		{
			key: "requestSource",
			label: "Source",
			rank: 3,
			cell: (a) => visible(a.requestSource),
		},
	],
};

/** @type {import("./list_view.js").ListConfig} */
export const ALERTS = {
	view: "alerts",
	title: "Alerts",
	path: "/alerts",
	sort: "alertCreationTime",
	signals: ["alerts"],
	empty: "No alerts fit.",
	openPanel: openAlertPanel,
	filters: [
		{
			name: "status",
			label: "Status",
			options: options(ALERT_STATUSES, alertStatusLabel),
			term: equals("status"),
		},
		{
			name: "severity",
			label: "Severity",
			options: options(ALERT_SEVERITIES, severityLabel),
			term: equals("severity"),
		},
	],
	columns: [
		{key: "title", label: "Alert", cell: (a) => visible(a.title)},
		{
			key: "severity",
			label: "Severity",
			rank: 2,
			cell: (a) => badge(severityLabel(a.severity)),
		},
		{
			key: "status",
			label: "Status",
			isSortable: true,
			cell: (a) => badge(alertStatusLabel(a.status)),
		},
		{
			key: "classification",
			label: "Classification",
			rank: 3,
			cell: (a) => classificationLabel(a.classification),
		},
		{
			key: "assignedTo",
			label: "Assigned to",
			rank: 3,
			cell: (a) => (a.assignedTo ? nameText(a.assignedTo) : "Nobody"),
		},
		{
			key: "alertCreationTime",
			label: "Created",
			isSortable: true,
			rank: 2,
			cell: (a) => timeText(a.alertCreationTime),
		},
		{
			key: "lastUpdateTime",
			label: "Last update",
			isSortable: true,
			rank: 3,
			cell: (a) => timeText(a.lastUpdateTime),
		},
	],
};

/** @type {import("./list_view.js").ListConfig} */
export const DETECTIONS = {
	view: "detections",
	title: "Detections",
	path: "/detections",
	sort: "time",
	signals: ["detections"],
	empty: "No detections fit.",
	openPanel: openDetectionPanel,
	filters: [
		{
			name: "severity",
			label: "Severity",
			options: options(THREAT_SEVERITIES, severityLabel),
			term: equals("severity"),
		},
		{name: "threat", label: "Threat contains", term: contains("threatName")},
		{name: "scanId", label: "Scan ID", term: equals("scanId")},
		{name: "alertId", label: "Alert ID", term: equals("alertId")},
	],
	columns: [
		{key: "threatName", label: "Threat", cell: (d) => visible(d.threatName)},
		{
			key: "path",
			label: "File",
			cell: (d) => [
				nameText(d.path),
				d.containerPath ? [" › ", nameText(d.containerPath)] : null,
			],
		},
		{
			key: "remediationStatus",
			label: "What was done",
			rank: 2,
			cell: (d) => badge(remediationLabel(d.remediationStatus)),
		},
		{
			key: "severity",
			label: "Severity",
			rank: 3,
			cell: (d) => badge(severityLabel(d.severity)),
		},
		{key: "size", label: "Size", rank: 3, cell: (d) => formatBytes(d.size)},
		{
			key: "time",
			label: "Detected",
			isSortable: true,
			rank: 2,
			cell: (d) => timeText(d.time),
		},
	],
};

/** @type {import("./list_view.js").ListConfig} */
export const QUARANTINE = {
	view: "quarantine",
	title: "Quarantine",
	path: "/quarantine",
	sort: "quarantinedTime",
	signals: ["quarantine"],
	empty: "No files in quarantine fit.",
	openPanel: openQuarantinePanel,
	filters: [
		{name: "threat", label: "Threat contains", term: contains("threatName")},
		{name: "path", label: "Path contains", term: contains("path")},
	],
	columns: [
		{
			key: "threatName",
			label: "Threat",
			isSortable: true,
			cell: (item) => visible(item.threatName),
		},
		{
			key: "path",
			label: "Original place",
			isSortable: true,
			cell: (item) => nameText(item.path),
		},
		{
			key: "size",
			label: "Size",
			isSortable: true,
			rank: 3,
			cell: (item) => formatBytes(item.size),
		},
		{
			key: "quarantinedTime",
			label: "Quarantined",
			isSortable: true,
			rank: 2,
			cell: (item) => timeText(item.quarantinedTime),
		},
	],
};
