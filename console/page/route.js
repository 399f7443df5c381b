// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses of the page: #/view, #/view/id, #/view/id?name=value. Where one is
 * and what is filtered is in the address, so that back, forward, reload and a
 * link to a colleague work. No token is ever in it.
 *
 * Pure.
 */

/**
 * @typedef {{view: string, id: string, query: Record<string, string>}} Route
 */

/** Decoding that takes broken escapes as they are. */
function decode(text) {
	try {
		return decodeURIComponent(text.replaceAll("+", " "));
	} catch {
		return text;
	}
}

/**
 * @param {string} hash location.hash
 * @param {string} fallback view when there is none
 * @returns {Route}
 */
export function parseRoute(hash, fallback) {
	const text = hash.replace(/^#\/?/, "");
	const mark = text.indexOf("?");
	const path = (mark < 0 ? text : text.slice(0, mark)).split("/");
	const query = {};
	for (const pair of mark < 0 ? [] : text.slice(mark + 1).split("&")) {
		const equals = pair.indexOf("=");
		if (equals > 0)
			query[decode(pair.slice(0, equals))] = decode(pair.slice(equals + 1));
	}
	return {view: path[0] || fallback, id: decode(path[1] ?? ""), query};
}

/**
 * @param {string} view
 * @param {string} [id]
 * @param {Record<string, string>} [query] empty values are left out
 * @returns {string} a hash
 */
export function routeHash(view, id = "", query = {}) {
	const pairs = Object.entries(query)
		.filter(([, value]) => value !== "" && value !== undefined)
		.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
	return `#/${view}${id ? "/" + encodeURIComponent(id) : ""}${pairs.length ? "?" + pairs.join("&") : ""}`;
}
