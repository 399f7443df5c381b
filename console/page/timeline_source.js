// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events for a list of which only a window is seen. Row 0 is the newest.
 *
 * All events: sequences have no gap, so row i is event newest - i. Events are
 * fetched in blocks by sequence, wherever the reader jumps to, and blocks that
 * were not looked at for long are forgotten. New ones come from the stream.
 *
 * Filtered: nobody knows beforehand how many there are, so pages are fetched one
 * after the other as the reader gets near the end of what is there.
 *
 * Pure but for the fetching, which is an argument.
 */
import {blocksOf} from "./window_math.js";

export const BLOCK = 250;
const BLOCKS_MAX = 60;

/** After a failure nothing is asked for that long, however often the list is drawn. */
const REST_MS = 3000;

/**
 * @typedef {object} Source
 * @property {number} total rows
 * @property {boolean} isWhole whether total is all there are
 * @property {(row: number) => any} get an event; undefined = not there yet
 * @property {(first: number, end: number) => void} need rows that are to be seen
 * @property {(event: any) => boolean} push a new event; true when the list got longer
 */

export class SequenceSource {
	/**
	 * @param {number} newest sequence
	 * @param {(afterSequence: number, limit: number) => Promise<any[]>} fetchAfter oldest first
	 * @param {(error?: any) => void} onChange
	 */
	constructor(newest, fetchAfter, onChange) {
		this.newest = newest;
		this.fetchAfter = fetchAfter;
		this.onChange = onChange;
		this.blocks = new Map();
		this.busy = new Set();
		this.isWhole = true;
		this.restUntil = 0;
	}

	get total() {
		return this.newest;
	}

	sequenceOf(row) {
		return this.newest - row;
	}

	get(row) {
		const sequence = this.sequenceOf(row);
		return this.blocks.get(Math.floor((sequence - 1) / BLOCK))?.get(sequence);
	}

	need(first, end) {
		if (this.newest === 0 || end <= first || performance.now() < this.restUntil)
			return;
		for (const block of blocksOf(this.newest - end, this.newest - first, BLOCK)) {
			if (!this.#isFull(block) && !this.busy.has(block))
				this.#fetch(block);
			else if (this.blocks.has(block))
				this.#touch(block);
		}
	}

	#limits(block) {
		return {from: block * BLOCK + 1, to: Math.min((block + 1) * BLOCK, this.newest)};
	}

	/** From where on something is missing in a block; 0 = nothing is. */
	#missingFrom(block) {
		const events = this.blocks.get(block);
		const {from, to} = this.#limits(block);
		for (let sequence = from; sequence <= to; sequence++) {
			if (!events?.has(sequence))
				return sequence;
		}
		return 0;
	}

	#isFull(block) {
		const events = this.blocks.get(block);
		const {from, to} = this.#limits(block);
		return events !== undefined && events.size >= to - from + 1;
	}

	#touch(block) {
		const events = this.blocks.get(block) ?? new Map();
		this.blocks.delete(block);
		this.blocks.set(block, events);
		while (this.blocks.size > BLOCKS_MAX)
			this.blocks.delete(this.blocks.keys().next().value);
		return events;
	}

	async #fetch(block) {
		this.busy.add(block);
		let failure;
		try {
			/* An answer may have fewer rows than asked for: go on behind the last. */
			for (
				let from = this.#missingFrom(block);
				from > 0;
				from = this.#missingFrom(block)
			) {
				const {to} = this.#limits(block);
				const events = await this.fetchAfter(from - 1, to - from + 1);
				this.#keep(events);
				if (events.length === 0 || this.#missingFrom(block) === from)
					break;
			}
		} catch (error) {
			failure = error;
			this.restUntil = performance.now() + REST_MS;
		}
		this.busy.delete(block);
		this.onChange(failure);
	}

	#keep(events) {
		for (const event of events) {
			const block = Math.floor((event.sequence - 1) / BLOCK);
			this.#touch(block).set(event.sequence, event);
			this.newest = Math.max(this.newest, event.sequence);
		}
	}

	push(event) {
		const before = this.newest;
		this.#keep([event]);
		return this.newest > before;
	}
}

export class FilteredSource {
	/**
	 * @param {(link: string|null) => Promise<{value: any[], "@odata.nextLink"?: string}>} fetchPage
	 *   newest first; null = the first page
	 * @param {(event: any) => boolean} fits
	 * @param {(error?: any) => void} onChange
	 */
	constructor(fetchPage, fits, onChange) {
		this.fetchPage = fetchPage;
		this.fits = fits;
		this.onChange = onChange;
		this.rows = [];
		this.link = null;
		this.isWhole = false;
		this.isBusy = false;
		this.restUntil = 0;
	}

	get total() {
		return this.rows.length;
	}

	get(row) {
		return this.rows[row];
	}

	need(first, end) {
		const isNear = end + BLOCK / 4 >= this.rows.length;
		if (!this.isWhole && !this.isBusy && isNear && performance.now() >= this.restUntil)
			this.#fetch();
	}

	async #fetch() {
		this.isBusy = true;
		let failure;
		try {
			const page = await this.fetchPage(this.link);
			/* What the stream brought meanwhile is on top already. */
			const last = this.rows.at(-1)?.sequence ?? Infinity;
			this.rows.push(...page.value.filter((event) => event.sequence < last));
			this.link = page["@odata.nextLink"] ?? null;
			this.isWhole = this.link === null;
		} catch (error) {
			failure = error;
			this.restUntil = performance.now() + REST_MS;
		}
		this.isBusy = false;
		this.onChange(failure);
	}

	push(event) {
		if (!this.fits(event) || event.sequence <= (this.rows[0]?.sequence ?? 0))
			return false;
		this.rows.unshift(event);
		return true;
	}
}
