// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers that come too late. Of two that were asked for one after the other the
 * first may come last, or when nobody looks any more. Who asks has a Turns: it
 * takes a turn before it asks and claims it after each wait. What cannot be
 * claimed is dropped, be it an answer or an error.
 *
 * An older answer that comes before a newer one is good: where changes do not
 * end, something is shown all the same.
 *
 * Pure.
 */

/**
 * @typedef {object} Turn
 * @property {AbortSignal} signal aborted by forget()
 * @property {() => boolean} claim true: earlier turns are over; false: this one is,
 *   since a later one was claimed or all were forgotten
 */

export class Turns {
	#last = 0;
	#claimed = 0;
	#abort = new AbortController();

	/** @returns {Turn} */
	take() {
		const mine = ++this.#last;
		return {
			signal: this.#abort.signal,
			claim: () => {
				if (mine < this.#claimed)
					return false;
				this.#claimed = mine;
				return true;
			},
		};
	}

	/** What was asked for so far is not wanted any more. */
	forget() {
		this.#claimed = ++this.#last;
		this.#abort.abort();
		this.#abort = new AbortController();
	}
}
