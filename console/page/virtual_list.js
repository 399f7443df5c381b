// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A list of any length of which only what is on the screen has elements.
 *
 * To assistive technology it is a grid with all its rows counted. The focus stays
 * on the grid and the active row is told by aria-activedescendant: so a row that
 * scrolls out of the document takes no focus with it.
 *
 * Keys: arrows, Page Up and Down, Home, End move; Enter and Space open.
 * New rows on top move what is being read by as much, unless the top is in view.
 */
import {h, newId} from "./dom.js";
import {listWindow, scrollTopFor} from "./window_math.js";

/** Scrolling that goes on asks for nothing; what it ends at is fetched. */
const SETTLE_MS = 90;

export class VirtualList {
	#frame = 0;
	#settle = 0;
	#active = -1;
	#drawn = new Map();

	/**
	 * @param {object} options
	 * @param {string} options.label
	 * @param {string[]} options.columns headings
	 * @param {(event: any) => Node[]} options.cells one a column
	 * @param {(event: any) => void} options.onOpen
	 * @param {(event: any) => string} [options.rowClass]
	 */
	constructor(options) {
		this.options = options;
		this.prefix = newId("row");
		this.source = null;
		this.total = 0;
		this.space = h("div.vspace", {role: "rowgroup"});
		this.head = h(
			"div.vhead",
			{role: "rowgroup"},
			h(
				"div.vrow",
				{role: "row", "aria-rowindex": "1"},
				options.columns.map((label, i) =>
					h(
						"span",
						{
							role: "columnheader",
							"aria-colindex": String(i + 1),
						},
						label
					)
				)
			)
		);
		this.element = h(
			"div.vgrid",
			{
				role: "grid",
				tabindex: "0",
				"aria-label": options.label,
				"aria-readonly": "true",
				"aria-colcount": String(options.columns.length),
			},
			this.head,
			this.space
		);
		this.element.addEventListener("scroll", () => this.#soon(), {passive: true});
		this.element.addEventListener("keydown", (event) => this.#onKey(event));
		this.element.addEventListener("click", (event) => this.#onClick(event));
		this.observer = new ResizeObserver(() => this.#soon());
		this.observer.observe(this.element);
	}

	/** @param {import("./timeline_source.js").Source} source */
	setSource(source) {
		this.source = source;
		this.total = source.total;
		this.#active = -1;
		this.#drawn.clear();
		this.space.replaceChildren();
		this.element.scrollTop = 0;
		this.#draw();
		source.need(0, 1);
	}

	/** Rows of the source changed, or there are more below. */
	refresh() {
		this.total = this.source.total;
		this.#soon();
	}

	/** There are more rows on top. */
	grow() {
		const added = this.source.total - this.total;
		const isAtTop = this.element.scrollTop < this.#rowHeight();
		if (this.#active >= 0)
			this.#active += added;
		this.total = this.source.total;
		if (!isAtTop && added > 0) {
			const {height} = this.#window();
			this.space.style.height = `${height}px`;
			this.element.scrollTop += added * this.#rowHeight();
		}
		this.#soon();
	}

	/** Whether the newest row is in view. */
	get isAtTop() {
		return this.element.scrollTop < this.#rowHeight();
	}

	toTop() {
		this.element.scrollTop = 0;
		this.#soon();
	}

	close() {
		cancelAnimationFrame(this.#frame);
		clearTimeout(this.#settle);
		this.observer.disconnect();
	}

	#rowHeight() {
		return (
			parseFloat(
				getComputedStyle(this.element).getPropertyValue("--row-height")
			) || 32
		);
	}

	#view() {
		return {
			total: this.total,
			rowHeight: this.#rowHeight(),
			scrollTop: this.element.scrollTop,
			viewHeight: Math.max(0, this.element.clientHeight - this.head.offsetHeight),
		};
	}

	#window() {
		return listWindow(this.#view());
	}

	#soon() {
		if (!this.#frame)
			this.#frame = requestAnimationFrame(() => this.#draw());
	}

	#draw() {
		cancelAnimationFrame(this.#frame);
		this.#frame = 0;
		if (!this.source)
			return;
		const view = this.#view();
		const {height, first, end, offset} = listWindow(view);
		this.space.style.height = `${height}px`;
		this.element.setAttribute(
			"aria-rowcount",
			String(this.source.isWhole ? this.total + 1 : -1)
		);
		const rows = new Map();
		for (let row = first; row < end; row++) {
			const element = this.#rowElement(row);
			element.style.transform = `translateY(${offset + (row - first) * view.rowHeight}px)`;
			rows.set(element.dataset.key, element);
		}
		for (const [key, element] of this.#drawn) {
			if (!rows.has(key))
				element.remove();
		}
		this.#drawn = rows;
		this.#markActive();
		clearTimeout(this.#settle);
		this.#settle = setTimeout(() => this.source.need(first, end), SETTLE_MS);
	}

	#rowElement(row) {
		const event = this.source.get(row);
		const key = event ? `e${event.sequence}` : `r${row}`;
		const element = this.#drawn.get(key) ?? this.#makeRow(event, key);
		element.dataset.row = String(row);
		element.id = `${this.prefix}-${row}`;
		element.setAttribute("aria-rowindex", String(row + 2));
		if (!element.isConnected)
			this.space.append(element);
		return element;
	}

	#makeRow(event, key) {
		const element = h("div.vrow", {role: "row", dataset: {key}});
		if (event) {
			element.dataset.sequence = String(event.sequence);
			element.className += ` ${this.options.rowClass?.(event) ?? ""}`;
			this.options.cells(event).forEach((content, i) =>
				element.append(
					h(
						"span",
						{
							role: "gridcell",
							"aria-colindex": String(i + 1),
						},
						content
					)
				)
			);
		} else {
			element.classList.add("waiting");
			element.append(h("span", {role: "gridcell"}, "…"));
		}
		return element;
	}

	#markActive() {
		for (const element of this.#drawn.values())
			element.classList.toggle(
				"active",
				Number(element.dataset.row) === this.#active
			);
		const isDrawn = [...this.#drawn.values()].some(
			(e) => Number(e.dataset.row) === this.#active
		);
		if (isDrawn)
			this.element.setAttribute(
				"aria-activedescendant",
				`${this.prefix}-${this.#active}`
			);
		else
			this.element.removeAttribute("aria-activedescendant");
	}

	#onClick(event) {
		const row = /** @type {Element} */ (event.target).closest(".vspace .vrow");
		if (!row || !getSelection().isCollapsed)
			return;
		this.#active = Number(row.dataset.row);
		this.#markActive();
		this.#open();
	}

	#open() {
		const event = this.source?.get(this.#active);
		if (event)
			this.options.onOpen(event);
	}

	#onKey(event) {
		if (event.key === "Enter" || event.key === " ") {
			event.preventDefault();
			this.#open();
			return;
		}
		const view = this.#view();
		const page = Math.max(1, Math.floor(view.viewHeight / view.rowHeight) - 1);
		const start = this.#active < 0 ? this.#window().firstVisible : this.#active;
		const isFirst = this.#active < 0;
		const targets = {
			ArrowDown: isFirst ? start : start + 1,
			ArrowUp: start - 1,
			PageDown: start + page,
			PageUp: start - page,
			Home: 0,
			End: this.total - 1,
		};
		if (!Object.hasOwn(targets, event.key) || this.total === 0)
			return;
		event.preventDefault();
		this.#active = Math.min(Math.max(0, targets[event.key]), this.total - 1);
		this.element.scrollTop = scrollTopFor(this.#active, view);
		this.#draw();
	}
}
