// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who wants to know is told, in the order they asked. Pure.
 */

export class Emitter {
	#listeners = new Map();

	/**
	 * @param {string} name
	 * @param {(detail: any) => void} listener
	 * @returns {() => void} call it to hear no more
	 */
	on(name, listener) {
		if (!this.#listeners.has(name))
			this.#listeners.set(name, new Set());
		this.#listeners.get(name).add(listener);
		return () => this.#listeners.get(name)?.delete(listener);
	}

	/** Nobody hears anything any more. */
	silence() {
		this.#listeners.clear();
	}

	/**
	 * @param {string} name
	 * @param {any} [detail]
	 */
	emit(name, detail) {
		for (const listener of [...(this.#listeners.get(name) ?? [])])
			listener(detail);
	}
}
