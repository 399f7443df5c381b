// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters above a list. Each is a labelled field; a change is told at once for
 * choices, after a moment of quiet for text.
 */
import {h, newId} from "./dom.js";
import {button} from "./parts.js";

const QUIET_MS = 450;

/**
 * @typedef {object} Filter
 * @property {string} name in the address
 * @property {string} label
 * @property {[string, string][]} [options] value and text; without: free text
 * @property {string} [all] text of the choice that filters nothing
 */

export class FilterBar {
	#fields = new Map();
	#timer = 0;

	/**
	 * @param {string} label of the whole, for assistive technology
	 * @param {Filter[]} filters
	 * @param {(values: Record<string, string>) => void} onChange
	 */
	constructor(label, filters, onChange) {
		this.onChange = onChange;
		this.reset = button("Clear filters", {
			class: "quiet",
			hidden: true,
			onclick: () => {
				this.setValues({});
				this.#tell();
			},
		});
		this.element = h(
			"form.filters",
			{
				role: "search",
				"aria-label": label,
				onsubmit: (event) => {
					event.preventDefault();
					this.#tell();
				},
			},
			filters.map((filter) => this.#field(filter)),
			this.reset
		);
	}

	#field(filter) {
		const id = newId("filter");
		const input = filter.options
			? h(
					"select",
					{id, onchange: () => this.#tell()},
					h("option", {value: ""}, filter.all ?? "All"),
					filter.options.map(([value, text]) =>
						h("option", {value}, text)
					)
				)
			: h("input", {id, type: "search", oninput: () => this.#tellSoon()});
		this.#fields.set(filter.name, input);
		return h("div.filter", h("label", {for: id}, filter.label), input);
	}

	#tellSoon() {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#tell(), QUIET_MS);
	}

	#tell() {
		clearTimeout(this.#timer);
		this.#showReset();
		this.onChange(this.values());
	}

	#showReset() {
		this.reset.hidden = Object.values(this.values()).every((value) => value === "");
	}

	/** @returns {Record<string, string>} */
	values() {
		const values = {};
		for (const [name, input] of this.#fields)
			values[name] = input.value.trim();
		return values;
	}

	/** @param {Record<string, string>} values missing ones are cleared */
	setValues(values) {
		for (const [name, input] of this.#fields) {
			const value = values[name] ?? "";
			if (
				input instanceof HTMLSelectElement &&
				value &&
				![...input.options].some((o) => o.value === value)
			)
				input.append(h("option", {value}, value));
			if (input !== document.activeElement || input.value.trim() !== value)
				input.value = value;
		}
		this.#showReset();
	}

	close() {
		clearTimeout(this.#timer);
	}
}
