// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The chart of load against limit. What it shows is also in words beside it, so
 * to assistive technology it is one image with a sentence.
 */
import {h, setChildren, svg} from "./dom.js";
import {formatClock, formatLimit, formatPercent, UNKNOWN} from "./format.js";
import {addReading, drawLoad, endOf, seriesPoints} from "./load_geometry.js";

const HEIGHT = 190;
const MARGIN = {left: 46, right: 12, top: 10, bottom: 26};
const REDRAW_MS = 400;

export class LoadChart {
	#points = [];
	#lastAt = 0;
	#timer = 0;

	constructor() {
		this.drawing = svg("svg", {
			class: "load-chart",
			role: "img",
			"aria-label": "Load over time",
		});
		this.empty = h("p.hint", "No load has been measured yet.");
		this.legend = h(
			"p.legend",
			h(
				"span",
				h("span.key.achieved", {"aria-hidden": "true"}),
				"load, per cent of all CPUs"
			),
			h("span", h("span.key.asked", {"aria-hidden": "true"}), "limit")
		);
		this.element = h("div.chart", this.drawing, this.empty, this.legend);
		this.observer = new ResizeObserver(() => this.#draw());
		this.observer.observe(this.element);
	}

	/** @param {import("./load_geometry.js").LoadStep[]|undefined} series of scan.load */
	setSeries(series) {
		this.#points = seriesPoints(series);
		this.#lastAt = performance.now();
		this.#draw();
	}

	/**
	 * A live reading: what the scan took since the one before.
	 *
	 * @param {number} achieved
	 * @param {number} asked
	 */
	add(achieved, asked) {
		const now = performance.now();
		const duration = Math.min(5, (now - this.#lastAt) / 1000);
		this.#lastAt = now;
		if (duration < 0.05)
			return;
		addReading(this.#points, {duration, asked, achieved});
		if (!this.#timer)
			this.#timer = setTimeout(() => this.#draw(), REDRAW_MS);
	}

	/** Time went by that is nobody's load (a pause). */
	skip() {
		this.#lastAt = performance.now();
	}

	close() {
		clearTimeout(this.#timer);
		this.observer.disconnect();
	}

	#draw() {
		clearTimeout(this.#timer);
		this.#timer = 0;
		const has = this.#points.length > 0;
		this.drawing.classList.toggle("gone", !has);
		this.empty.hidden = has;
		if (!has)
			return;
		const width = Math.max(240, this.element.clientWidth);
		const box = {
			left: MARGIN.left,
			right: width - MARGIN.right,
			top: MARGIN.top,
			bottom: HEIGHT - MARGIN.bottom,
		};
		const drawn = drawLoad(this.#points, box, Math.max(2, Math.floor(width / 90)));
		this.drawing.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
		this.drawing.setAttribute("width", String(width));
		this.drawing.setAttribute("height", String(HEIGHT));
		this.drawing.setAttribute("aria-label", this.#sentence());
		setChildren(
			this.drawing,
			axes(drawn, box),
			svg("path", {class: "area", d: drawn.area}),
			svg("path", {class: "asked", d: drawn.asked}),
			svg("path", {class: "achieved", d: drawn.achieved})
		);
	}

	#sentence() {
		const last = this.#points.at(-1);
		const total = endOf(this.#points);
		const mean =
			this.#points.reduce((sum, p) => sum + p.achieved * p.duration, 0) / total;
		const peak = this.#points.reduce((max, p) => Math.max(max, p.achieved), 0);
		return (
			`Load over ${formatClock(total)}: mean ${formatPercent(mean)}, highest point ` +
			`${formatPercent(peak)}, limit ${formatLimit(last.asked)}`
		);
	}
}

function axes(drawn, box) {
	return [
		drawn.yTicks.map(({y, percent}) => [
			svg("line", {class: "grid", x1: box.left, x2: box.right, y1: y, y2: y}),
			svg(
				"text",
				{class: "tick", x: box.left - 6, y: y + 4, "text-anchor": "end"},
				`${percent} %`
			),
		]),
		drawn.xTicks.map(({x, seconds}) => [
			svg("line", {
				class: "grid",
				x1: x,
				x2: x,
				y1: box.bottom,
				y2: box.bottom + 4,
			}),
			svg(
				"text",
				{class: "tick", x, y: box.bottom + 18, "text-anchor": "middle"},
				formatClock(seconds)
			),
		]),
	];
}

/**
 * What the chart shows, in figures.
 *
 * @param {any} scan with `load`, `loadFactor`, `achievedLoad`, perhaps `progress`
 * @returns {[string, string][]} for facts()
 */
export function loadFigures(scan) {
	const load = scan.load ?? {};
	const limit = scan.loadFactor ?? load.asked;
	const pairs = [
		["Limit asked", formatLimit(limit)],
		[
			"Mean load achieved",
			formatPercent(scan.progress?.meanLoad ?? load.mean ?? scan.achievedLoad, 2),
		],
	];
	if (scan.progress)
		pairs.push([
			"Load now",
			scan.status === "Paused" ? UNKNOWN : formatPercent(scan.progress.load, 2),
		]);
	if (load.windows > 0 && !scan.progress)
		pairs.push(
			[
				"95 % / 99 % of seconds below",
				`${formatPercent(load.p95)} / ${formatPercent(load.p99)}`,
			],
			["Highest second", formatPercent(load.max)]
		);
	return pairs;
}
