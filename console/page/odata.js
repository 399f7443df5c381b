// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Queries of the API as text. Literals are quoted here and nowhere else: a
 * quote in a value is doubled, so that a value never becomes syntax.
 *
 * Pure.
 */

/**
 * @param {string} text
 * @returns {string} a string literal of OData
 */
export function odataString(text) {
	return `'${String(text).replaceAll("'", "''")}'`;
}

/**
 * @param {string} field
 * @param {string|string[]} value one value, or several of which one has to fit
 * @returns {string} "" when there is nothing to ask
 */
export function odataEquals(field, value) {
	const values = (Array.isArray(value) ? value : [value]).filter(
		(v) => v !== "" && v !== null
	);
	if (values.length === 0)
		return "";
	if (values.length === 1)
		return `${field} eq ${odataString(values[0])}`;
	return `${field} in (${values.map(odataString).join(",")})`;
}

/**
 * @param {string[]} terms empty ones are left out
 * @returns {string}
 */
export function odataAnd(terms) {
	return terms.filter((term) => term !== "").join(" and ");
}

/**
 * @param {string} path
 * @param {Record<string, string|number|boolean|null|undefined>} parameters those that are null,
 *   undefined or "" are left out; names may begin with $
 * @returns {string}
 */
export function withQuery(path, parameters) {
	const parts = [];
	for (const [name, value] of Object.entries(parameters)) {
		if (value !== null && value !== undefined && value !== "")
			parts.push(
				`${encodeURIComponent(name).replace("%24", "$")}=${encodeURIComponent(value)}`
			);
	}
	return parts.length > 0 ? `${path}?${parts.join("&")}` : path;
}
