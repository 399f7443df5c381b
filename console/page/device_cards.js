// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the cards of the device page have in them.
 */
import {h} from "./dom.js";
import {formatAge, formatCount, formatLimit, parseTime} from "./format.js";
import {actionTitle, alertStatusLabel, severityLabel, statusLabel} from "./labels.js";
import {ageText, badge, facts, nameText, timeText} from "./parts.js";
import {routeHash} from "./route.js";
import {visible} from "./text.js";

/** Definitions older than that many days are called old, as the service's health does. */
const OLD_DAYS = 7;

/** @param {any} scan null = there is none; undefined = not known (left out) */
function lastScan(scan) {
	if (scan === undefined)
		return undefined;
	if (!scan)
		return "Never";
	return [
		badge(statusLabel(scan.status)),
		" ",
		ageText(scan.endTime ?? scan.creationTime),
		scan.detections > 0 ? ` · ${formatCount(scan.detections)} detections` : "",
		scan.status === "Succeeded" && !scan.complete ? " · not complete" : "",
	];
}

function definitionsAge(health) {
	const age = formatAge(health.definitionsUpdated, Date.now());
	const isOld = (Date.now() - parseTime(health.definitionsUpdated)) / 86400000 > OLD_DAYS;
	return age === "never"
		? "Never loaded"
		: [isOld ? badge([age, "warn"]) : age, " · ", timeText(health.definitionsUpdated)];
}

/** @param {any} product @returns {string} what waits for its word */
function blockedText(product) {
	const mounts = product.blocks.map((block) => block.mount ?? "an unknown mount");
	if (mounts.length === 0)
		return product.bpf ? "may deny access (eBPF)" : "active";
	return `decides on access to ${mounts.join(", ")}${product.moreBlocks ? " and more" : ""}`;
}

/** @param {any} health */
function otherProducts(health) {
	const products = health.conflictingApplications ?? [];
	if (products.length === 0)
		return health.conflictingApplicationsComplete ? "None" : "None that can be seen";
	return h(
		"ul.rows.products",
		products.map((product) =>
			h(
				"li",
				h("bdi", visible(product.name)),
				` (pid ${product.pid}) `,
				h("bdi", visible(blockedText(product)))
			)
		)
	);
}

/**
 * @param {any} health
 * @param {{quick?: any, full?: any}|undefined} last scans that ended; undefined = not known yet
 * @returns {HTMLElement}
 */
export function protectionFacts(health, last) {
	return facts([
		[
			"Mode",
			`${visible(health.amRunningMode)}: ${visible(health.amRunningModeReason)}`,
		],
		["Other antivirus", otherProducts(health)],
		["Last quick scan", lastScan(last?.quick)],
		["Last full scan", lastScan(last?.full)],
		["Scans waiting", formatCount(health.pendingScans)],
		[
			"Signatures",
			`${formatCount(health.signatures)} (${visible(health.definitionsStatus)})`,
		],
		["Definitions updated", definitionsAge(health)],
		["Definitions version", nameText(health.definitionsVersion)],
		["Engine version", nameText(health.engineVersion)],
		[
			"CPU limit",
			`${formatLimit(health.loadFactor)} of ${formatCount(health.cpus)} CPUs`,
		],
	]);
}

/**
 * @param {any} machine
 * @returns {HTMLElement}
 */
export function machineFacts(machine) {
	return facts([
		["Name", nameText(machine.computerDnsName)],
		[
			"Operating system",
			visible([machine.osPlatform, machine.version].filter(Boolean).join(" ")),
		],
		["Architecture", visible(machine.osArchitecture ?? machine.osProcessor)],
		["IP address", nameText(machine.lastIpAddress)],
		["Onboarding", visible(machine.onboardingStatus)],
		["First seen", timeText(machine.firstSeen)],
		["Last seen", timeText(machine.lastSeen)],
		["Risk score", visible(machine.riskScore ?? "None")],
		["Device ID", nameText(machine.id)],
	]);
}

/**
 * @param {any|null} health
 * @param {any|null} machine
 * @returns {import("./dom.js").Child[]} state at a glance, and tags
 */
export function deviceChips(health, machine) {
	const status = machine?.healthStatus;
	const isActive = status === "Active";
	return [
		health
			? badge(health.healthy ? ["Healthy", "good"] : ["Needs attention", "warn"])
			: null,
		status ? badge(isActive ? ["Sensor active", "good"] : [status, "warn"]) : null,
		health
			? badge([
					health.passiveModeEnabled ? "Passive mode" : "Normal mode",
					"info",
				])
			: null,
		(machine?.machineTags ?? []).map((tag) => h("bdi.tag", visible(tag))),
	];
}

/**
 * @param {string[]} issues of health
 * @returns {HTMLElement|null}
 */
export function healthIssues(issues) {
	if (issues.length === 0)
		return null;
	return h(
		"section.notice.warn",
		{"aria-label": "Health issues"},
		h(
			"strong",
			issues.length === 1 ? "1 health issue" : `${issues.length} health issues`
		),
		h(
			"ul",
			issues.map((issue) => h("li", h("bdi", visible(issue))))
		)
	);
}

/**
 * @param {any[]} actions newest first
 * @returns {HTMLElement}
 */
export function actionRows(actions) {
	if (actions.length === 0)
		return h("p.empty", "No action was ever taken.");
	return h(
		"ul.rows.latest",
		actions.map((a) =>
			h(
				"li",
				h("a", {href: routeHash("actions", a.id)}, visible(actionTitle(a))),
				badge(statusLabel(a.status)),
				h(
					"span.by",
					nameText(a.requestor),
					" · ",
					ageText(a.creationDateTimeUtc)
				)
			)
		)
	);
}

/**
 * @param {any[]} alerts open ones, newest first
 * @returns {HTMLElement}
 */
export function alertRows(alerts) {
	if (alerts.length === 0)
		return h("p.empty", "No open alerts.");
	return h(
		"ul.rows",
		alerts.map((a) =>
			h(
				"li",
				h(
					"a",
					{href: routeHash("alerts", a.id)},
					h("bdi", visible(a.title))
				),
				badge(severityLabel(a.severity)),
				h(
					"span.by",
					alertStatusLabel(a.status)[0],
					" · ",
					ageText(a.alertCreationTime)
				)
			)
		)
	);
}
