// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long to wait before the next attempt: doubling from half a second to
 * fifteen, less up to a quarter, so that many pages do not come back at once.
 *
 * Pure: randomness is an argument.
 */

const FIRST_MS = 500;
const MAX_MS = 15000;

/**
 * @param {number} attempt failed ones so far, from 1
 * @param {number} random in [0, 1)
 * @returns {number} ms
 */
export function backoffMs(attempt, random) {
	const full = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(Math.max(attempt - 1, 0), 10));
	return Math.round(full * (1 - random / 4));
}
