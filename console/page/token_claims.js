// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a token says of its holder, to show the name and to grey out what would
 * be refused. It decides nothing: the server checks the token with each call.
 *
 * Pure.
 */

/**
 * @typedef {{name: string, roles: string[]|null, expiresMs: number}} Claims
 *   roles: null = not known
 */

/**
 * @param {string} token a JWT
 * @returns {Claims}
 */
export function readClaims(token) {
	try {
		const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
		const bytes = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
		const claims = JSON.parse(new TextDecoder().decode(bytes));
		return {
			name: String(claims.app_displayname ?? claims.appid ?? ""),
			roles: Array.isArray(claims.roles) ? claims.roles.map(String) : null,
			expiresMs: typeof claims.exp === "number" ? claims.exp * 1000 : Infinity,
		};
	} catch {
		return {name: "", roles: null, expiresMs: Infinity};
	}
}

/**
 * @param {Claims|null} claims
 * @param {...string} wanted any one of them suffices
 * @returns {boolean} true also when the roles are not known
 */
export function hasRole(claims, ...wanted) {
	return !claims?.roles || claims.roles.some((role) => wanted.includes(role));
}
