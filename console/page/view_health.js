// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Health of the service and of the console, field by field.
 */
import {h, setChildren} from "./dom.js";
import {formatCount, formatDuration, formatLimit} from "./format.js";
import {badge, button, card, errorNotice, facts, nameText, timeText} from "./parts.js";
import {visible} from "./text.js";

/** Fields that are shown in words; all others follow as they come. */
const SHOWN = new Set([
	"healthy",
	"healthIssues",
	"appVersion",
	"machineId",
	"definitionsStatus",
	"definitionsVersion",
	"definitionsFingerprint",
	"definitionsUpdated",
	"definitionsUpdatedMinutesAgo",
	"signatures",
	"definitionsPath",
	"engineVersion",
	"runningScan",
	"pendingScans",
	"loadFactor",
	"cpus",
	"amRunningMode",
	"amRunningModeReason",
	"passiveModeEnabled",
	"storeStatus",
	"settingsFile",
	"startTime",
	"uptimeSeconds",
	"console",
]);

const plain = (value) =>
	value && typeof value === "object"
		? facts(Object.entries(value).map(([name, inner]) => [visible(name), plain(inner)]))
		: nameText(value);

function others(object, known) {
	return Object.entries(object)
		.filter(([name]) => !known.has(name) && !name.startsWith("@"))
		.map(([name, value]) => [visible(name), plain(value)]);
}

function stateCard(health) {
	const issues = health.healthIssues ?? [];
	return card(
		"State",
		h("p", badge(health.healthy ? ["Healthy", "good"] : ["Needs attention", "warn"])),
		issues.length > 0
			? h(
					"ul.issues",
					issues.map((issue) => h("li", h("bdi", visible(issue))))
				)
			: h("p.empty", "No health issues.")
	);
}

function serviceFacts(health) {
	const limit = formatLimit(health.loadFactor);
	return [
		["Version", nameText(health.appVersion)],
		["Store", visible(health.storeStatus)],
		["Started", timeText(health.startTime)],
		["Up for", formatDuration(health.uptimeSeconds)],
		["Running scan", health.runningScan ? nameText(health.runningScan) : "None"],
		["Scans waiting", formatCount(health.pendingScans)],
		["Mode", `${visible(health.amRunningMode)}: ${visible(health.amRunningModeReason)}`],
		["CPU limit", `${limit} of ${formatCount(health.cpus)} CPUs`],
		["Settings file", nameText(health.settingsFile)],
		["Device ID", nameText(health.machineId)],
		...others(health, SHOWN),
	];
}

function definitionsFacts(health) {
	return [
		["Status", visible(health.definitionsStatus)],
		["Signatures", formatCount(health.signatures)],
		["Version", nameText(health.definitionsVersion)],
		["Loaded", timeText(health.definitionsUpdated)],
		["Engine", nameText(health.engineVersion)],
		["Folder", nameText(health.definitionsPath)],
		["Fingerprint", nameText(health.definitionsFingerprint)],
	];
}

export class HealthView {
	#offs = [];

	/** @param {any} context */
	constructor(context) {
		this.context = context;
		this.title = "Health";
		this.problem = h("div");
		this.body = h("div.cards", h("p.hint", "Loading…"));
		this.element = h(
			"div.view",
			h(
				"div.device-head",
				h("h1", {tabindex: "-1"}, "Health"),
				button("Ask again", {onclick: () => context.live.wake()})
			),
			this.problem,
			this.body
		);
	}

	mount() {
		const {live} = this.context;
		this.#offs.push(
			live.on("health", () => this.#show()),
			live.on("problem", ({what, error}) => {
				if (what === "health")
					setChildren(this.problem, errorNotice(error));
			})
		);
		if (live.health)
			this.#show();
		live.wake();
	}

	update() {}

	unmount() {
		this.#offs.forEach((off) => off());
	}

	#show() {
		const {health} = this.context.live;
		setChildren(this.problem);
		setChildren(
			this.body,
			stateCard(health),
			card("Service", facts(serviceFacts(health))),
			card("Definitions", facts(definitionsFacts(health))),
			health.console
				? card("Console", facts(others(health.console, new Set())))
				: null
		);
	}
}
