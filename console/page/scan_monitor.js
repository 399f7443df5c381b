// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A scan as it goes on: phase, how far, how long still, files by result, and
 * what may be done with it. Elements are made once and only their text changes,
 * so that neither focus nor selection is lost twice a second.
 *
 * A screen reader hears the phase when it changes and each quarter of the way;
 * all else can be read at any time.
 */
import {h, setChildren, setText} from "./dom.js";
import {
	formatBytes,
	formatCount,
	formatDuration,
	formatLimit,
	formatPercent,
	UNKNOWN,
} from "./format.js";
import {FILE_RESULTS, isFinal, phaseLabel, statusLabel} from "./labels.js";
import {visible} from "./text.js";

/**
 * What is said of how far a scan is.
 *
 * @param {any} scan
 * @returns {string}
 */
export function progressSentence(scan) {
	const progress = scan.progress;
	if (isFinal(scan.status))
		return statusLabel(scan.status)[0];
	if (scan.status === "Pending")
		return "Waiting for its turn";
	if (!progress)
		return "Starting";
	const phase = scan.status === "Paused" ? "Paused" : phaseLabel(progress.phase);
	const share =
		typeof progress.percent === "number" ? `, ${formatPercent(progress.percent)}` : "";
	if (scan.status === "Paused" || progress.phase === "ending")
		return phase + share;
	return (
		phase +
		share +
		(typeof progress.etaSeconds === "number"
			? `, about ${formatDuration(progress.etaSeconds)} left`
			: ", time left not known yet")
	);
}

/** The part of the sentence that is worth being spoken. */
function spokenState(scan) {
	const percent = scan.progress?.percent;
	const quarter = typeof percent === "number" ? Math.floor(percent / 25) * 25 : 0;
	const phase =
		scan.status === "Paused"
			? "Paused"
			: phaseLabel(scan.progress?.phase ?? "starting");
	return isFinal(scan.status)
		? `Scan ${statusLabel(scan.status)[0].toLowerCase()}`
		: `Scan: ${phase}${quarter > 0 ? `, ${quarter} per cent` : ""}`;
}

/** Names and changing figures. */
class Figures {
	constructor(names) {
		this.cells = new Map();
		this.element = h(
			"dl.figures",
			names.map((name) => {
				const cell = h("dd");
				this.cells.set(name, cell);
				return h("div", h("dt", name), cell);
			})
		);
	}

	set(name, text) {
		setText(this.cells.get(name), text);
	}
}

export class ScanMonitor {
	constructor() {
		this.sentence = h("p.sentence");
		this.bar = /** @type {HTMLProgressElement} */ (
			h("progress", {max: "100", "aria-label": "Scan progress"})
		);
		this.figures = new Figures([
			"Found",
			"Scanned",
			"Read",
			"Detections",
			"Load now",
			"Limit",
			"Mean load",
		]);
		this.path = h("bdi.name");
		this.current = h("p.current", h("span.hint", "Now: "), this.path);
		this.spoken = h("span.only-spoken", {role: "status"});
		this.element = h(
			"div.monitor",
			this.sentence,
			this.bar,
			this.figures.element,
			this.current,
			this.spoken
		);
	}

	/** @param {any} scan */
	update(scan) {
		const progress = scan.progress;
		const isOver = isFinal(scan.status);
		setText(this.sentence, progressSentence(scan));
		setText(this.spoken, spokenState(scan));
		if (typeof progress?.percent === "number")
			this.bar.value = progress.percent;
		else
			this.bar.removeAttribute("value");
		this.bar.hidden = isOver || scan.status === "Pending";
		this.current.hidden = !progress?.path || isOver;
		setText(this.path, visible(progress?.path));
		this.#setFigures(scan, progress);
	}

	#setFigures(scan, progress) {
		const counted = Object.values(scan.results ?? {}).reduce((sum, n) => sum + n, 0);
		this.figures.set(
			"Found",
			formatCount(progress?.found ?? (isFinal(scan.status) ? counted : null))
		);
		this.figures.set("Scanned", formatCount(progress?.judged ?? counted));
		this.figures.set("Read", formatBytes(progress?.bytes ?? scan.bytes));
		this.figures.set("Detections", formatCount(scan.detections));
		this.figures.set(
			"Load now",
			progress && scan.status !== "Paused"
				? formatPercent(progress.load)
				: UNKNOWN
		);
		this.figures.set("Limit", formatLimit(scan.loadFactor));
		this.figures.set(
			"Mean load",
			formatPercent(progress?.meanLoad ?? scan.achievedLoad)
		);
	}
}

/** Files by result: all seven, always, so that "none" can be seen. */
export class ResultTable {
	constructor() {
		this.cells = new Map();
		this.total = h("td.number");
		const rows = FILE_RESULTS.map(([name, meaning]) => {
			const cell = h("td.number");
			this.cells.set(name, cell);
			return h(
				"tr",
				{class: `result-${name}`},
				h("th", {scope: "row"}, name),
				cell,
				h("td.hint", meaning)
			);
		});
		this.element = h(
			"table.results",
			h("caption.only-spoken", "Files by result"),
			h(
				"thead",
				h(
					"tr",
					h("th", {scope: "col"}, "Result"),
					h("th.number", {scope: "col"}, "Files"),
					h("th", {scope: "col"}, "Meaning")
				)
			),
			h("tbody", rows),
			h(
				"tfoot",
				h(
					"tr",
					h("th", {scope: "row"}, "all"),
					this.total,
					h("td.hint", "each name once")
				)
			)
		);
	}

	/** @param {Record<string, number>|undefined} results */
	update(results) {
		let sum = 0;
		for (const [name, cell] of this.cells) {
			const count = results?.[name];
			setText(cell, formatCount(count));
			cell.parentElement.classList.toggle("none", !count);
			sum += count ?? 0;
		}
		setText(this.total, results ? formatCount(sum) : UNKNOWN);
	}
}

/**
 * Bar of what may be done with a scan that is not over. Its buttons are of one
 * scan in one state: another scan's are made anew.
 *
 * @param {HTMLElement} bar
 * @param {any|null} scan
 * @param {import("./scan_actions.js").ScanActions} actions
 */
export function fillScanBar(bar, scan, actions) {
	const isOpen = scan && !isFinal(scan.status);
	const id = isOpen ? scan.id : "";
	const state = isOpen ? scan.status : "";
	const isSame = (bar.dataset.scan ?? "") === id;
	if (isSame && bar.dataset.state === state)
		return; /* the buttons are the right ones: keep their focus */
	const hadFocus = isSame && bar.contains(document.activeElement);
	bar.dataset.scan = id;
	bar.dataset.state = state;
	setChildren(bar, isOpen ? actions.buttonsFor(scan) : null);
	bar.hidden = !isOpen;
	if (hadFocus)
		bar.querySelector("button:enabled")?.focus();
}
