// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device page: what it is, how it is, what runs on it now, and the bar of
 * response actions.
 */
import {h, setChildren} from "./dom.js";
import {formatAge, formatCount, formatLimit, parseTime} from "./format.js";
import {actionTitle, alertStatusLabel, severityLabel, statusLabel} from "./labels.js";
import {odataAnd, odataEquals, withQuery} from "./odata.js";
import {ageText, badge, button, card, errorNotice, facts, nameText, timeText} from "./parts.js";
import {Refresher} from "./refresher.js";
import {routeHash} from "./route.js";
import {fillScanBar, ScanMonitor} from "./scan_monitor.js";
import {visible} from "./text.js";

const RECENT = 6;

const ENDED = odataEquals("status", ["Succeeded", "Failed", "TimeOut", "Cancelled"]);

function lastScan(scan) {
	if (!scan)
		return "Never";
	return [badge(statusLabel(scan.status)), " ", ageText(scan.endTime ?? scan.creationTime),
		scan.detections > 0 ? ` · ${formatCount(scan.detections)} detections` : "",
		scan.status === "Succeeded" && !scan.complete ? " · not complete" : ""];
}

function definitionsAge(health) {
	const age = formatAge(health.definitionsUpdated, Date.now());
	const isOld = (Date.now() - parseTime(health.definitionsUpdated)) / 86400000 > 7;
	return age === "never" ? "Never loaded" : [isOld ? badge([age, "warn"]) : age, " · ",
		timeText(health.definitionsUpdated)];
}

export class DeviceView {
	#offs = [];
	#actionRefresh = new Refresher(() => this.#loadActions());
	#alertRefresh = new Refresher(() => this.#loadAlerts());
	#scanRefresh = new Refresher(() => this.#loadScans());

	/** @param {any} context */
	constructor(context) {
		this.context = context;
		this.title = "Device";
		this.failures = new Map();
		const {actions} = context;
		const lacks = (role) => `This client lacks the role ${role}`;
		this.run = button("Run antivirus scan", {class: "primary", disabled: !actions.mayScan,
			title: actions.mayScan ? undefined : lacks("Machine.Scan"), onclick: () => actions.openRun()});
		this.tagsButton = button("Manage tags", {disabled: !actions.mayTag,
			title: actions.mayTag ? undefined : lacks("Machine.ReadWrite.All"), onclick: () => actions.openTags()});
		this.name = h("h1", {tabindex: "-1"}, "Device");
		this.chips = h("p.chips");
		this.problem = h("div");
		this.issues = h("div");
		this.monitor = new ScanMonitor();
		this.scanBar = h("div.bar", {role: "group", "aria-label": "Scan actions", hidden: true, dataset: {state: ""}});
		this.scanTitle = h("p.scan-title");
		this.working = card("Scan at work", this.scanTitle, this.monitor.element, this.scanBar);
		this.protection = h("div");
		this.recent = h("div");
		this.alerts = h("div");
		this.about = h("div");
		this.element = h("div.view", h("div.device-head", h("div", this.name, this.chips),
			h("div.bar.responses", {role: "group", "aria-label": "Response actions"}, this.run, this.tagsButton,
				h("a.button", {href: "#/actions"}, "Action center"))),
		this.problem, this.issues, this.working, h("div.cards",
			h("div.stack", card("Protection", this.protection), card("Device", this.about)),
			h("div.stack", card("Open alerts", this.alerts), card("Latest actions", this.recent))));
	}

	mount() {
		const {live} = this.context;
		const all = [this.#actionRefresh, this.#alertRefresh, this.#scanRefresh];
		this.#offs.push(live.on("actions", () => this.#actionRefresh.poke()),
			live.on("alerts", () => this.#alertRefresh.poke()),
			live.on("resync", () => all.forEach((refresh) => refresh.poke())),
			live.on("progress", () => this.#showScan()),
			live.on("scanEnded", () => {
				this.#showScan();
				this.#scanRefresh.poke();
			}),
			live.on("health", () => this.#showHealth()), live.on("machine", () => this.#showMachine()));
		this.#showScan();
		this.#showHealth();
		this.#showMachine();
		all.forEach((refresh) => refresh.now());
	}

	update() {}

	unmount() {
		this.#offs.forEach((off) => off());
		[this.#actionRefresh, this.#alertRefresh, this.#scanRefresh].forEach((refresh) => refresh.stop());
	}

	/** Ask for rows; what went wrong with one kind of them is said until it goes right. */
	async #ask(kind, path, show) {
		try {
			show((await this.context.api.get(path)).value ?? []);
			this.failures.delete(kind);
		} catch (error) {
			this.failures.set(kind, error);
		}
		const [failure] = this.failures.values();
		setChildren(this.problem, failure ? errorNotice(failure) : null);
	}

	#loadActions() {
		return this.#ask("actions", withQuery("/machineactions",
			{$orderby: "creationDateTimeUtc desc", $top: RECENT}), (rows) => this.#showActions(rows));
	}

	#loadAlerts() {
		return this.#ask("alerts", withQuery("/alerts", {$filter: odataEquals("status", ["New", "InProgress"]),
			$orderby: "alertCreationTime desc", $top: RECENT}), (rows) => this.#showAlerts(rows));
	}

	async #loadScans() {
		for (const type of ["quick", "full"]) {
			await this.#ask(type, withQuery("/scans", {$filter: odataAnd([odataEquals("type", type), ENDED]),
				$orderby: "creationTime desc", $top: 1}), (rows) => this.#keepLast(type, rows));
		}
	}

	#keepLast(type, rows) {
		this.last = {...this.last, [type]: rows[0] ?? null};
		this.#showHealth();
	}

	#showScan() {
		const {scan} = this.context.live;
		this.working.hidden = !scan;
		if (!scan)
			return;
		setChildren(this.scanTitle, h("a", {href: routeHash("actions", scan.actionId ?? scan.id)},
			`${visible(scan.type)} scan`), " ", badge(statusLabel(scan.status)), " ",
		h("bdi.hint", `“${visible(scan.comment)}”`));
		this.monitor.update(scan);
		fillScanBar(this.scanBar, scan, this.context.actions);
	}

	#showHealth() {
		const {health} = this.context.live;
		if (!health)
			return;
		this.#showChips();
		const issues = health.healthIssues ?? [];
		setChildren(this.issues, issues.length > 0 ? h("section.notice.warn", {"aria-label": "Health issues"},
			h("strong", issues.length === 1 ? "1 health issue" : `${issues.length} health issues`),
			h("ul", issues.map((issue) => h("li", h("bdi", visible(issue)))))) : null);
		setChildren(this.protection, facts([
			["Mode", health.passiveModeEnabled ? "Passive: detects and reports, moves no file" : "Active"],
			["Last quick scan", this.last ? lastScan(this.last.quick) : undefined],
			["Last full scan", this.last ? lastScan(this.last.full) : undefined],
			["Scans waiting", formatCount(health.pendingScans)],
			["Signatures", `${formatCount(health.signatures)} (${visible(health.definitionsStatus)})`],
			["Definitions updated", definitionsAge(health)],
			["Definitions version", nameText(health.definitionsVersion)],
			["Engine version", nameText(health.engineVersion)],
			["CPU limit", `${formatLimit(health.loadFactor)} of ${formatCount(health.cpus)} CPUs`],
		]));
	}

	#showChips() {
		const {health, machine} = this.context.live;
		const status = machine?.healthStatus;
		setChildren(this.chips,
			health ? badge(health.healthy ? ["Healthy", "good"] : ["Needs attention", "warn"]) : null,
			status ? badge([status === "Active" ? "Sensor active" : status, status === "Active" ? "good" : "warn"]) : null,
			health ? badge([health.passiveModeEnabled ? "Passive mode" : "Active mode", "info"]) : null,
			(machine?.machineTags ?? []).map((tag) => h("bdi.tag", visible(tag))));
	}

	#showMachine() {
		const {machine, machineId} = this.context.live;
		if (!machine)
			return;
		this.name.textContent = visible(machine.computerDnsName) || "Device";
		this.#showChips();
		setChildren(this.about, facts([
			["Name", nameText(machine.computerDnsName)],
			["Operating system", visible([machine.osPlatform, machine.version].filter(Boolean).join(" "))],
			["Architecture", visible(machine.osArchitecture ?? machine.osProcessor)],
			["IP address", nameText(machine.lastIpAddress)],
			["Onboarding", visible(machine.onboardingStatus)],
			["First seen", timeText(machine.firstSeen)],
			["Last seen", timeText(machine.lastSeen)],
			["Risk score", visible(machine.riskScore ?? "None")],
			["Device ID", nameText(machine.id ?? machineId)],
		]));
	}

	#showActions(rows) {
		setChildren(this.recent, rows.length === 0 ? h("p.empty", "No action was ever taken.")
			: h("ul.rows.latest", rows.map((a) => h("li", h("a", {href: routeHash("actions", a.id)}, visible(actionTitle(a))),
				badge(statusLabel(a.status)), h("span.by", nameText(a.requestor), " · ", ageText(a.creationDateTimeUtc))))));
	}

	#showAlerts(rows) {
		setChildren(this.alerts, rows.length === 0 ? h("p.empty", "No open alerts.")
			: h("ul.rows", rows.map((a) => h("li", h("a", {href: routeHash("alerts", a.id)}, h("bdi", visible(a.title))),
				badge(severityLabel(a.severity)), h("span.by", alertStatusLabel(a.status)[0], " · ",
					ageText(a.alertCreationTime))))),
		h("p", h("a", {href: "#/alerts"}, "Alerts queue")));
	}
}
