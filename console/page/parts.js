// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Small pieces that several views are made of.
 */
import {h, newId, setText} from "./dom.js";
import {formatAge, formatTime, parseTime, UNKNOWN} from "./format.js";
import {visible} from "./text.js";

/**
 * A word with a dot whose colour is only a second sign of what the word says.
 *
 * @param {[string, import("./labels.js").Tone]} label
 * @returns {HTMLElement}
 */
export function badge([text, tone]) {
	return h(
		"span.badge",
		{class: `tone-${tone}`},
		h("span.dot", {"aria-hidden": "true"}),
		visible(text)
	);
}

/**
 * @param {unknown} time of the protocol
 * @param {boolean} [hasMs]
 * @returns {HTMLElement}
 */
export function timeText(time, hasMs = false) {
	if (Number.isNaN(parseTime(time)))
		return h("span", UNKNOWN);
	return h(
		"time.figure",
		{datetime: String(time), title: String(time)},
		formatTime(time, hasMs)
	);
}

/**
 * @param {unknown} time of the protocol
 * @returns {HTMLElement} "5 min ago" with the time as its title; "never"
 */
export function ageText(time) {
	const text = formatAge(time, Date.now());
	if (text === "never")
		return h("span", text);
	return h("time.age", {datetime: String(time), title: formatTime(time)}, text);
}

/** Ages grow: say them anew, in the whole page. */
export function refreshAges() {
	for (const element of document.querySelectorAll("time.age"))
		setText(element, formatAge(element.getAttribute("datetime"), Date.now()));
}

/**
 * A name from outside (path, id, hash): isolated from the text around it.
 *
 * @param {unknown} text
 * @returns {HTMLElement}
 */
export function nameText(text) {
	const shown = visible(text);
	return h("bdi.name", {title: shown.length > 40 ? shown : undefined}, shown || UNKNOWN);
}

/**
 * Names and values. Pairs whose value is undefined are left out.
 *
 * @param {[string, import("./dom.js").Child][]} pairs
 * @param {string} [className]
 * @returns {HTMLElement}
 */
export function facts(pairs, className = "") {
	return h(
		"dl.facts",
		{class: className},
		pairs
			.filter(([, value]) => value !== undefined)
			.map(([name, value]) =>
				h(
					"div",
					h("dt", name),
					h("dd", value === null || value === "" ? UNKNOWN : value)
				)
			)
	);
}

/**
 * @param {string} text
 * @param {import("./dom.js").Attributes} [attributes]
 * @returns {HTMLElement} a button that submits nothing
 */
export function button(text, attributes = {}) {
	return h("button", {type: "button", ...attributes}, text);
}

/**
 * What went wrong, with what a colleague needs to find it in the log.
 *
 * @param {import("./api.js").ApiError|Error} error
 * @returns {HTMLElement}
 */
export function errorNotice(error) {
	return h(
		"div.notice.bad",
		{role: "alert"},
		h("strong", explain(error)),
		error.target ? h("span.detail", "Request ", nameText(error.target)) : null
	);
}

/**
 * @param {any} error
 * @returns {string} a sentence
 */
export function explain(error) {
	if (error?.code === "Forbidden")
		return `Not allowed for this client: ${visible(error.message)}`;
	if (error?.code === "Network")
		return "The console does not answer.";
	if (error?.status === 429)
		return `Too many requests; try again in ${error.retryAfter || "some"} s.`;
	return error?.status
		? `${visible(error.message)} (${visible(error.code)})`
		: visible(error?.message ?? error);
}

function section(tag, title, children) {
	const id = newId("section");
	return h("section.card", {"aria-labelledby": id}, h(tag, {id}, title), children);
}

/**
 * A section of a view, with its heading.
 *
 * @param {string} title
 * @param {...(import("./dom.js").Child)} children
 * @returns {HTMLElement}
 */
export const card = (title, ...children) => section("h2", title, children);

/**
 * A section of a fly-out: one level below the fly-out's own heading.
 *
 * @param {string} title
 * @param {...(import("./dom.js").Child)} children
 * @returns {HTMLElement}
 */
export const innerCard = (title, ...children) => section("h3", title, children);
