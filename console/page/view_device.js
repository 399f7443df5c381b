// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device page: what it is, how it is, what runs on it now, and the bar of
 * response actions.
 */
import {
	actionRows,
	alertRows,
	deviceChips,
	healthIssues,
	machineFacts,
	protectionFacts,
} from "./device_cards.js";
import {h, setChildren} from "./dom.js";
import {statusLabel} from "./labels.js";
import {odataAnd, odataEquals, withQuery} from "./odata.js";
import {badge, button, card, errorNotice} from "./parts.js";
import {Refresher} from "./refresher.js";
import {routeHash} from "./route.js";
import {fillScanBar, ScanMonitor} from "./scan_monitor.js";
import {visible} from "./text.js";

const RECENT = 6;

const ENDED = odataEquals("status", ["Succeeded", "Failed", "TimeOut", "Cancelled"]);

export class DeviceView {
	#offs = [];
	#actionRefresh = new Refresher((turn) => this.#loadActions(turn));
	#alertRefresh = new Refresher((turn) => this.#loadAlerts(turn));
	#scanRefresh = new Refresher((turn) => this.#loadScans(turn));

	/** @param {any} context */
	constructor(context) {
		this.context = context;
		this.title = "Device";
		this.failures = new Map();
		const {actions} = context;
		const lacks = (role) => `This client lacks the role ${role}`;
		this.run = button("Run antivirus scan", {
			class: "primary",
			disabled: !actions.mayScan,
			title: actions.mayScan ? undefined : lacks("Machine.Scan"),
			onclick: () => actions.openRun(),
		});
		this.tagsButton = button("Manage tags", {
			disabled: !actions.mayTag,
			title: actions.mayTag ? undefined : lacks("Machine.ReadWrite.All"),
			onclick: () => actions.openTags(),
		});
		this.name = h("h1", {tabindex: "-1"}, "Device");
		this.chips = h("p.chips");
		this.problem = h("div");
		this.issues = h("div");
		this.monitor = new ScanMonitor();
		this.scanBar = h("div.bar", {
			role: "group",
			"aria-label": "Scan actions",
			hidden: true,
			dataset: {state: ""},
		});
		this.scanTitle = h("p.scan-title");
		this.working = card(
			"Scan at work",
			this.scanTitle,
			this.monitor.element,
			this.scanBar
		);
		this.protection = h("div");
		this.recent = h("div");
		this.alerts = h("div");
		this.about = h("div");
		this.element = this.#layout();
	}

	#layout() {
		return h(
			"div.view",
			h(
				"div.device-head",
				h("div", this.name, this.chips),
				h(
					"div.bar.responses",
					{role: "group", "aria-label": "Response actions"},
					this.run,
					this.tagsButton,
					h("a.button", {href: "#/actions"}, "Action center")
				)
			),
			this.problem,
			this.issues,
			this.working,
			h(
				"div.cards",
				h(
					"div.stack",
					card("Protection", this.protection),
					card("Device", this.about)
				),
				h(
					"div.stack",
					card("Open alerts", this.alerts),
					card("Latest actions", this.recent)
				)
			)
		);
	}

	mount() {
		const {live} = this.context;
		const all = [this.#actionRefresh, this.#alertRefresh, this.#scanRefresh];
		this.#offs.push(
			live.on("actions", () => this.#actionRefresh.poke()),
			live.on("alerts", () => this.#alertRefresh.poke()),
			live.on("resync", () => all.forEach((refresh) => refresh.poke())),
			live.on("progress", () => this.#showScan()),
			live.on("scanEnded", () => {
				this.#showScan();
				this.#scanRefresh.poke();
			}),
			live.on("health", () => this.#showHealth()),
			live.on("machine", () => this.#showMachine())
		);
		this.#showScan();
		this.#showHealth();
		this.#showMachine();
		all.forEach((refresh) => refresh.now());
	}

	update() {}

	unmount() {
		this.#offs.forEach((off) => off());
		[this.#actionRefresh, this.#alertRefresh, this.#scanRefresh].forEach((refresh) =>
			refresh.stop()
		);
	}

	/** Ask for rows; what went wrong with one kind of them is said until it goes right. */
	async #ask(turn, kind, path, show) {
		try {
			const answer = await this.context.api.get(path, turn.signal);
			if (!turn.claim())
				return;
			show(answer.value ?? []);
			this.failures.delete(kind);
		} catch (error) {
			if (!turn.claim())
				return;
			this.failures.set(kind, error);
		}
		const [failure] = this.failures.values();
		setChildren(this.problem, failure ? errorNotice(failure) : null);
	}

	#loadActions(turn) {
		return this.#ask(
			turn,
			"actions",
			withQuery("/machineactions", {
				$orderby: "creationDateTimeUtc desc",
				$top: RECENT,
			}),
			(rows) => setChildren(this.recent, actionRows(rows))
		);
	}

	#loadAlerts(turn) {
		return this.#ask(
			turn,
			"alerts",
			withQuery("/alerts", {
				$filter: odataEquals("status", ["New", "InProgress"]),
				$orderby: "alertCreationTime desc",
				$top: RECENT,
			}),
			(rows) =>
				setChildren(
					this.alerts,
					alertRows(rows),
					h("p", h("a", {href: "#/alerts"}, "Alerts queue"))
				)
		);
	}

	async #loadScans(turn) {
		for (const type of ["quick", "full"]) {
			if (!turn.claim())
				return;
			await this.#ask(
				turn,
				type,
				withQuery("/scans", {
					$filter: odataAnd([odataEquals("type", type), ENDED]),
					$orderby: "creationTime desc",
					$top: 1,
				}),
				(rows) => this.#keepLast(type, rows)
			);
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
			return fillScanBar(this.scanBar, null, this.context.actions);
		setChildren(
			this.scanTitle,
			h(
				"a",
				{href: routeHash("actions", scan.actionId ?? scan.id)},
				`${visible(scan.type)} scan`
			),
			" ",
			badge(statusLabel(scan.status)),
			" ",
			h("bdi.hint", `“${visible(scan.comment)}”`)
		);
		this.monitor.update(scan);
		fillScanBar(this.scanBar, scan, this.context.actions);
	}

	#showHealth() {
		const {health} = this.context.live;
		if (!health)
			return;
		this.#showChips();
		setChildren(this.issues, healthIssues(health.healthIssues ?? []));
		setChildren(this.protection, protectionFacts(health, this.last));
	}

	#showChips() {
		setChildren(
			this.chips,
			deviceChips(this.context.live.health, this.context.live.machine)
		);
	}

	#showMachine() {
		const {machine} = this.context.live;
		if (!machine)
			return;
		this.name.textContent = visible(machine.computerDnsName) || "Device";
		this.#showChips();
		setChildren(this.about, machineFacts(machine));
	}
}
