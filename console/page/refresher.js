// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asking again when something changed, often enough to be live and seldom enough
 * for the API's limits (1,500 calls an hour for all this page does): the first
 * change is shown at once, a steady stream of them at growing intervals. A run may
 * take longer than the next one, so each has a turn (turns.js).
 */
import {Turns} from "./turns.js";

const FIRST_MS = 120;
const MIN_MS = 1000;
const MAX_MS = 20000;
/** Nothing for so long is quiet. */
const QUIET_MS = 120000;

/**
 * How long to wait before the next run. The interval grows while changes go on,
 * however far apart they are, and is the shortest again after real quiet: a page
 * whose seven calls are all made by changes stays below 1,500 an hour.
 *
 * @param {number} sinceMs since the last run began
 * @param {number} previousMs the interval of that run
 * @returns {{waitMs: number, intervalMs: number}}
 */
export function nextRefresh(sinceMs, previousMs) {
	const waitMs = Math.max(FIRST_MS, previousMs - sinceMs);
	const intervalMs = sinceMs > QUIET_MS ? MIN_MS : previousMs * 1.5;
	return {waitMs, intervalMs: Math.min(MAX_MS, Math.max(MIN_MS, intervalMs))};
}

export class Refresher {
	#timer = 0;
	#lastAt = -Infinity;
	#interval = MIN_MS;
	#turns = new Turns();

	/** @param {(turn: import("./turns.js").Turn) => Promise<void>|void} run */
	constructor(run) {
		this.run = run;
	}

	/** Something changed. */
	poke() {
		if (this.#timer)
			return;
		const {waitMs, intervalMs} = nextRefresh(
			performance.now() - this.#lastAt,
			this.#interval
		);
		this.#interval = intervalMs;
		this.#timer = setTimeout(() => this.now(), waitMs);
	}

	/** Run without waiting. */
	async now() {
		clearTimeout(this.#timer);
		this.#timer = 0;
		this.#lastAt = performance.now();
		await this.run(this.#turns.take());
	}

	/** Runs that are not over are about what was before. */
	forget() {
		this.#turns.forget();
	}

	/** Neither run again nor end what was begun. */
	stop() {
		clearTimeout(this.#timer);
		this.#timer = 0;
		this.forget();
	}
}
