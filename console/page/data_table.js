// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A table of one page of rows: sortable columns, and rows that are kept while
 * what they show is the same, so that a live update takes neither the focus nor
 * the selection away.
 */
import {h, setChildren} from "./dom.js";

/**
 * @typedef {object} Column
 * @property {string} key
 * @property {string} label
 * @property {boolean} [isSortable]
 * @property {number} [rank] 1 always shown, 2 from middle widths on, 3 on wide screens
 * @property {(row: any) => import("./dom.js").Child} cell
 */

export class DataTable {
	#rows = new Map();
	#headers = new Map();

	/**
	 * @param {object} options
	 * @param {string} options.caption
	 * @param {Column[]} options.columns
	 * @param {string} options.empty said when there are no rows
	 * @param {(row: any) => string} options.href where a row leads
	 * @param {(key: string) => void} [options.onSort]
	 */
	constructor(options) {
		this.options = options;
		this.body = h("tbody");
		this.empty = h("p.empty", {hidden: true}, options.empty);
		this.table = h(
			"table.data",
			h("caption.only-spoken", options.caption),
			h(
				"thead",
				h(
					"tr",
					options.columns.map((column) => this.#header(column))
				)
			),
			this.body
		);
		this.element = h(
			"div.table-scroll",
			{tabindex: "0", role: "region", "aria-label": options.caption},
			this.table,
			this.empty
		);
	}

	#header(column) {
		const attributes = {scope: "col", class: `rank-${column.rank ?? 1}`};
		if (!column.isSortable || !this.options.onSort)
			return h("th", attributes, column.label);
		const cell = h(
			"th",
			attributes,
			h(
				"button.sort",
				{type: "button", onclick: () => this.options.onSort(column.key)},
				column.label,
				h("span.arrow", {"aria-hidden": "true"})
			)
		);
		this.#headers.set(column.key, cell);
		return cell;
	}

	/** @param {string} key @param {boolean} isDescending */
	setSort(key, isDescending) {
		for (const [name, cell] of this.#headers) {
			if (name === key)
				cell.setAttribute(
					"aria-sort",
					isDescending ? "descending" : "ascending"
				);
			else
				cell.removeAttribute("aria-sort");
		}
	}

	/** @param {any[]} rows with ids */
	setRows(rows) {
		const kept = new Map();
		const focused = document.activeElement?.closest("tr")?.dataset.id;
		const elements = rows.map((row) => {
			const state = JSON.stringify(row);
			const old = this.#rows.get(row.id);
			const entry = old?.state === state ? old : {state, element: this.#row(row)};
			/* The address has the list's filters, which the row has not. */
			entry.element
				.querySelector("a.row-link")
				?.setAttribute("href", this.options.href(row));
			kept.set(row.id, entry);
			return entry.element;
		});
		this.#rows = kept;
		this.#place(elements);
		this.empty.hidden = rows.length > 0;
		if (
			focused !== undefined &&
			!this.body.contains(document.activeElement) &&
			kept.has(focused)
		)
			kept.get(focused).element.querySelector("a")?.focus();
	}

	/** Rows that stay where they are are not touched: moving one drops its focus. */
	#place(elements) {
		const wanted = new Set(elements);
		for (const element of [...this.body.children]) {
			if (!wanted.has(element))
				element.remove();
		}
		elements.forEach((element, i) => {
			if (this.body.children[i] !== element)
				this.body.insertBefore(element, this.body.children[i] ?? null);
		});
	}

	#row(row) {
		const href = this.options.href(row);
		const element = h("tr", {dataset: {id: row.id}});
		setChildren(
			element,
			this.options.columns.map((column, i) => {
				const content = column.cell(row);
				return h(
					"td",
					{class: `rank-${column.rank ?? 1}`},
					i === 0 ? h("a.row-link", {href}, content) : content
				);
			})
		);
		element.addEventListener("click", (event) => {
			const target = /** @type {Element} */ (event.target);
			if (!target.closest("a, button") && getSelection().isCollapsed)
				location.hash = element
					.querySelector("a.row-link")
					.getAttribute("href");
		});
		return element;
	}

	/** @param {boolean} isBusy */
	setBusy(isBusy) {
		this.table.setAttribute("aria-busy", String(isBusy));
		this.element.classList.toggle("busy", isBusy);
	}
}
