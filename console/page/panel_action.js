// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fly-out of an action: who, when, why, how it stands; and for a scan its
 * progress, load and results, live while it is at work.
 */
import {h, setChildren} from "./dom.js";
import {formatBytes, formatCount, formatDuration} from "./format.js";
import {actionTitle, isFinal, statusLabel} from "./labels.js";
import {LoadChart, loadFigures} from "./load_chart.js";
import {odataEquals, withQuery} from "./odata.js";
import {openFlyout} from "./overlay.js";
import {badge, errorNotice, facts, innerCard, nameText, timeText} from "./parts.js";
import {Refresher} from "./refresher.js";
import {routeHash} from "./route.js";
import {fillScanBar, ResultTable, ScanMonitor} from "./scan_monitor.js";
import {visible, visibleLines} from "./text.js";
import {Turns} from "./turns.js";

const DETECTIONS_MAX = 20;

/** Who asked for what. */
function actionFacts(action) {
	return facts([
		["Status", badge(statusLabel(action.status))],
		["Submission time", timeText(action.creationDateTimeUtc)],
		["Submitting user", nameText(action.requestor)],
		["Comment", h("bdi.comment", visibleLines(action.requestorComment))],
		["Last update", timeText(action.lastUpdateDateTimeUtc)],
		["Requested by way of", visible(action.requestSource)],
		["Device", nameText(action.computerDnsName)],
		[
			"Cancelled by",
			action.cancellationRequestor
				? nameText(action.cancellationRequestor)
				: undefined,
		],
		[
			"Cancellation comment",
			action.cancellationComment
				? h("bdi.comment", visibleLines(action.cancellationComment))
				: undefined,
		],
		[
			"Cancellation time",
			action.cancellationDateTimeUtc
				? timeText(action.cancellationDateTimeUtc)
				: undefined,
		],
		[
			"Error",
			action.errorHResult
				? `0x${(action.errorHResult >>> 0).toString(16).toUpperCase()}`
				: undefined,
		],
		["Action ID", nameText(action.id)],
	]);
}

function scanFacts(scan) {
	const isOver = isFinal(scan.status);
	return facts([
		["Started", timeText(scan.startTime)],
		["Ended", isOver ? timeText(scan.endTime) : undefined],
		["Duration, without pauses", isOver ? formatDuration(scan.duration) : undefined],
		["CPU time", isOver ? formatDuration(scan.cpuTime) : undefined],
		["Read", isOver ? formatBytes(scan.bytes) : undefined],
		["Folders", formatCount(scan.directories)],
		["Left out by exclusions", formatCount(scan.excluded)],
		[
			"Complete",
			isOver
				? scan.complete
					? "Yes: every file wholly scanned"
					: "No: see the results"
				: undefined,
		],
		["Attempts", scan.attempts > 1 ? formatCount(scan.attempts) : undefined],
		["Failure", scan.failure ? visible(scan.failure) : undefined],
		[
			"Signature set",
			scan.signatureSet
				? nameText(String(scan.signatureSet).slice(0, 16))
				: undefined,
		],
		["Scan ID", nameText(scan.id)],
	]);
}

function detectionList(detections, scanId) {
	if (detections.length === 0)
		return [h("p.empty", "No threats were found.")];
	return [
		h(
			"ul.findings",
			detections
				.slice(0, DETECTIONS_MAX)
				.map((d) =>
					h(
						"li",
						h(
							"a",
							{href: routeHash("detections", d.id)},
							h("bdi", visible(d.threatName))
						),
						nameText(d.path)
					)
				)
		),
		h(
			"p",
			h(
				"a",
				{href: routeHash("detections", "", {scanId})},
				"All detections of this scan"
			)
		),
	];
}

class ActionPanel {
	#offs = [];
	#refresh = new Refresher((turn) => this.#load(turn));
	#heard = new Turns();

	constructor(id, context, onClose) {
		this.id = id;
		this.context = context;
		this.scan = null;
		this.panel = openFlyout("Action", () => {
			this.#stop();
			onClose();
		});
		this.bar = h("div.bar", {
			role: "group",
			"aria-label": "Scan actions",
			hidden: true,
			dataset: {state: ""},
		});
		this.about = h("div");
		this.monitor = new ScanMonitor();
		this.results = new ResultTable();
		this.chart = new LoadChart();
		this.figures = h("div");
		this.details = h("div");
		this.found = h("div");
		this.scanParts = h(
			"div",
			{hidden: true},
			innerCard("Progress", this.monitor.element),
			innerCard("Load against limit", this.figures, this.chart.element),
			innerCard("Files by result", this.results.element),
			innerCard("Detections", this.found),
			innerCard("Scan", this.details)
		);
		setChildren(this.panel.body, this.bar, this.about, this.scanParts);
		this.#listen();
		this.#refresh.now();
	}

	close() {
		this.panel.close();
	}

	#listen() {
		const {live} = this.context;
		const isMine = (scan) =>
			scan.actionId === this.id ||
			scan.id === this.id ||
			scan.id === this.scan?.id;
		this.#offs.push(
			live.on("actions", () => this.#refresh.poke()),
			live.on("resync", () => this.#refresh.poke()),
			live.on("detections", () => this.#refresh.poke()),
			live.on("progress", (scan) => isMine(scan) && this.#onProgress(scan)),
			live.on("scanEnded", (scan) => isMine(scan) && this.#refresh.poke())
		);
	}

	#stop() {
		this.#offs.forEach((off) => off());
		this.#refresh.stop();
		this.chart.close();
	}

	async #load(turn) {
		const {api} = this.context;
		const id = encodeURIComponent(this.id);
		try {
			const action = await api.get(`/machineactions/${id}`, turn.signal);
			if (!turn.claim())
				return;
			this.panel.heading.textContent = visible(actionTitle(action));
			setChildren(this.about, actionFacts(action));
			if (action.type !== "RunAntiVirusScan")
				return;
			const heard = this.#heard.take();
			const scan = await api.get(`/scans/${id}`, turn.signal);
			if (!turn.claim())
				return;
			const found = await api.get(
				withQuery("/detections", {
					$filter: odataEquals("scanId", scan.id),
					$top: DETECTIONS_MAX + 1,
				}),
				turn.signal
			);
			if (!turn.claim())
				return;
			/* Progress that came meanwhile is newer; only an end is newer still. */
			const isNews = isFinal(scan.status) || heard.claim();
			const shown = isNews ? scan : {...scan, ...this.scan, load: scan.load};
			this.#show(shown, found.value ?? []);
		} catch (error) {
			if (turn.claim())
				setChildren(this.about, errorNotice(error));
		}
	}

	#show(scan, detections) {
		this.scan = scan;
		this.scanParts.hidden = false;
		this.monitor.update(scan);
		this.results.update(scan.results);
		this.chart.setSeries(scan.load?.series);
		setChildren(this.figures, facts(loadFigures(scan), "inline"));
		setChildren(this.details, scanFacts(scan));
		setChildren(
			this.found,
			detectionList(detections, scan.id),
			h(
				"p",
				h(
					"a",
					{href: routeHash("timeline", "", {scanId: scan.id})},
					"Timeline of this scan"
				)
			)
		);
		fillScanBar(this.bar, scan, this.context.actions);
	}

	#onProgress(scan) {
		if (!this.scan)
			return;
		this.#heard.forget();
		this.scan = {...scan, load: scan.load ?? this.scan.load};
		this.monitor.update(this.scan);
		this.results.update(scan.results);
		this.#showLoad(scan);
		fillScanBar(this.bar, this.scan, this.context.actions);
	}

	/** The service's own series where it comes with the progress, else what was heard. */
	#showLoad(scan) {
		if (scan.load?.series?.length > 0)
			this.chart.setSeries(scan.load.series);
		else if (scan.status === "Paused" || scan.progress?.phase === "paused")
			this.chart.skip();
		else if (typeof scan.progress?.load === "number")
			this.chart.add(scan.progress.load, scan.loadFactor);
		setChildren(this.figures, facts(loadFigures(this.scan), "inline"));
	}
}

/**
 * @param {string} id of the action
 * @param {any} context
 * @param {() => void} onClose
 * @returns {{close: () => void}}
 */
export function openActionPanel(id, context, onClose) {
	return new ActionPanel(id, context, onClose);
}
