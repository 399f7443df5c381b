// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Numbers, times and loads as text. What is not known is "–", never 0: an
 * operator must be able to tell "none" from "nobody has counted yet".
 *
 * Pure: the present is an argument.
 */

/** What stands for a value that is not known. */
export const UNKNOWN = "–";

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/**
 * @param {unknown} value a count
 * @returns {string} with thousands separated: "50,000"
 */
export function formatCount(value) {
	return isNumber(value) ? Math.trunc(value).toLocaleString("en-US") : UNKNOWN;
}

/**
 * @param {unknown} bytes
 * @returns {string} "512 B", "1.5 KiB", "2.0 GiB"
 */
export function formatBytes(bytes) {
	if (!isNumber(bytes))
		return UNKNOWN;
	if (bytes < 1024)
		return `${Math.trunc(bytes)} B`;
	const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
	let value = bytes / 1024;
	let i = 0;
	while (value >= 1023.95 && i < units.length - 1) {
		value /= 1024;
		i++;
	}
	return `${value.toFixed(1)} ${units[i]}`;
}

/**
 * @param {unknown} seconds
 * @returns {string} "0.4 s", "42 s", "3 min 05 s", "2 h 07 min", "3 d 4 h"
 */
export function formatDuration(seconds) {
	if (!isNumber(seconds) || seconds < 0)
		return UNKNOWN;
	if (seconds < 9.95)
		return `${seconds.toFixed(1)} s`;
	const whole = Math.round(seconds);
	if (whole < 60)
		return `${whole} s`;
	if (whole < 3600)
		return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
	if (whole < 86400)
		return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
	return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

/**
 * @param {unknown} percent
 * @param {number} [digits] after the point
 * @returns {string} "49.8 %"
 */
export function formatPercent(percent, digits = 1) {
	return isNumber(percent) ? `${percent.toFixed(digits)} %` : UNKNOWN;
}

/**
 * @param {unknown} factor a load factor: 0 and 100 are no limit
 * @returns {string}
 */
export function formatLimit(factor) {
	if (!isNumber(factor))
		return UNKNOWN;
	return factor === 0 || factor >= 100 ? "no limit" : `${Number(factor.toFixed(1))} %`;
}

/**
 * The protocol's times have seven digits after the point; Date takes three.
 *
 * @param {unknown} text
 * @returns {number} ms since 1970, NaN for no time
 */
export function parseTime(text) {
	if (typeof text !== "string")
		return NaN;
	return Date.parse(text.replace(/(\.\d{3})\d+/, "$1"));
}

const pad = (number, digits = 2) => String(number).padStart(digits, "0");

/**
 * @param {unknown} text a time of the protocol
 * @param {boolean} [hasMs] with milliseconds
 * @returns {string} "2026-11-24 03:55:12" in the reader's time zone
 */
export function formatTime(text, hasMs = false) {
	const ms = parseTime(text);
	if (Number.isNaN(ms))
		return UNKNOWN;
	const at = new Date(ms);
	const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
	const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
	return `${day} ${time}${hasMs ? "." + pad(at.getMilliseconds(), 3) : ""}`;
}

/**
 * @param {unknown} text a time of the protocol
 * @param {number} nowMs
 * @returns {string} "just now", "5 min ago", "3 h ago", "12 d ago"
 */
export function formatAge(text, nowMs) {
	const ms = parseTime(text);
	if (Number.isNaN(ms))
		return "never";
	const seconds = (nowMs - ms) / 1000;
	if (seconds < 45)
		return seconds < -45 ? "in the future" : "just now";
	if (seconds < 3570)
		return `${Math.round(seconds / 60)} min ago`;
	if (seconds < 86400 * 2)
		return `${Math.round(seconds / 3600)} h ago`;
	return `${Math.floor(seconds / 86400)} d ago`;
}

/**
 * @param {number} seconds
 * @returns {string} a label of a time axis: "0:00", "12:30", "1:02:30"
 */
export function formatClock(seconds) {
	const whole = Math.round(seconds);
	const rest = `${pad(Math.floor((whole % 3600) / 60))}:${pad(whole % 60)}`;
	return whole < 3600 ? rest.replace(/^0/, "") : `${Math.floor(whole / 3600)}:${rest}`;
}
