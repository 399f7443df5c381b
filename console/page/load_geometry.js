// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The load of a scan over time, from points of unequal length to coordinates.
 * What is drawn is what was measured: a point is a level that holds for its
 * duration (a step, no curve), and time that nobody measured is a hole.
 *
 * Pure.
 */

/**
 * Seconds and per cent.
 *
 * @typedef {{duration: number, asked: number, achieved: number}} LoadStep
 * @typedef {LoadStep & {at: number}} LoadPoint
 */

/**
 * @param {LoadStep[]|undefined} series of scan.load
 * @returns {LoadPoint[]}
 */
export function seriesPoints(series) {
	const points = [];
	let at = 0;
	for (const {duration, asked, achieved} of series ?? []) {
		if (duration > 0)
			points.push({at, duration, asked, achieved});
		at += duration;
	}
	return points;
}

/** Seconds all points cover. */
export const endOf = (points) =>
	points.length > 0 ? points.at(-1).at + points.at(-1).duration : 0;

/**
 * Add a live reading after the points, in place. Readings of more than `max`
 * points are joined two by two, weighted by their time, so that a long scan's
 * chart costs no more than a short one's.
 *
 * @param {LoadPoint[]} points
 * @param {{duration: number, asked: number, achieved: number}} reading
 * @param {number} [max]
 */
export function addReading(points, reading, max = 480) {
	points.push({at: endOf(points), ...reading});
	if (points.length <= max)
		return;
	const joined = [];
	for (let i = 0; i < points.length; i += 2) {
		const [a, b] = [points[i], points[i + 1]];
		const duration = a.duration + (b?.duration ?? 0);
		joined.push(
			!b
				? a
				: {
						at: a.at,
						duration,
						asked: b.asked,
						achieved:
							(a.achieved * a.duration +
								b.achieved * b.duration) /
							duration,
					}
		);
	}
	points.splice(0, points.length, ...joined);
}

/**
 * Round numbers on an axis.
 *
 * @param {number} max end of the axis, > 0
 * @param {number} wanted about how many
 * @param {number[]} steps allowed mantissas, or absolute steps when `isAbsolute`
 * @param {boolean} [isAbsolute]
 * @returns {number[]} from 0
 */
export function ticks(max, wanted, steps = [1, 2, 5, 10], isAbsolute = false) {
	const raw = max / wanted;
	const power = isAbsolute ? 1 : 10 ** Math.floor(Math.log10(raw));
	const step =
		(steps.find((s) => s * power >= raw) ??
			Math.ceil(raw / steps.at(-1)) * steps.at(-1)) * power;
	const list = [];
	for (let i = 0; i * step <= max * 1.0001; i++)
		list.push(Number((i * step).toPrecision(12)));
	return list;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/**
 * @typedef {object} LoadDrawing
 * @property {string} achieved path data of the load's line
 * @property {string} area path data below it
 * @property {string} asked path data of the limit, "" when there was none
 * @property {{x: number, seconds: number}[]} xTicks
 * @property {{y: number, percent: number}[]} yTicks
 * @property {number} topPercent end of the load's axis
 */

/**
 * @param {LoadPoint[]} points
 * @param {{left: number, right: number, top: number, bottom: number}} box inner edges
 * @param {number} [nWidths] about how many time labels there is room for
 * @returns {LoadDrawing}
 */
export function drawLoad(points, box, nWidths = 6) {
	const end = Math.max(endOf(points), 1);
	const peak = points.reduce(
		(max, p) => Math.max(max, p.achieved, isLimit(p.asked) ? p.asked : 0),
		0
	);
	const topPercent =
		ticks(Math.max(peak, 5) * 1.15, 4).at(-1) >= peak * 1.02
			? ticks(Math.max(peak, 5) * 1.15, 4).at(-1)
			: Math.max(peak, 5) * 1.15;
	const x = (seconds) => round(box.left + ((box.right - box.left) * seconds) / end);
	const y = (percent) =>
		round(
			box.bottom -
				((box.bottom - box.top) * Math.min(percent, topPercent)) /
					topPercent
		);
	const line = steps(points, (p) => p.achieved, x, y);
	return {
		achieved: line,
		area: points.length > 0 ? `${line}V${y(0)}H${x(points[0].at)}Z` : "",
		asked: steps(
			points.filter((p) => isLimit(p.asked)),
			(p) => p.asked,
			x,
			y
		),
		xTicks: ticks(end, nWidths, TIME_STEPS, true).map((seconds) => ({
			x: x(seconds),
			seconds,
		})),
		yTicks: ticks(topPercent, 4).map((percent) => ({y: y(percent), percent})),
		topPercent,
	};
}

const isLimit = (asked) => asked > 0 && asked < 100;
const round = (value) => Math.round(value * 10) / 10;

function steps(points, value, x, y) {
	let path = "";
	let end = NaN;
	for (const point of points) {
		const joins = Math.abs(point.at - end) < 0.001;
		path += `${joins ? "V" + y(value(point)) : `M${x(point.at)} ${y(value(point))}`}H${x(point.at + point.duration)}`;
		end = point.at + point.duration;
	}
	return path;
}
