// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A view that is a list of the API: filters, a sorted table by pages, a panel
 * for one row. Everything that was chosen is in the address. The server filters,
 * sorts and counts; the page holds one page of rows.
 */
import {DataTable} from "./data_table.js";
import {h, setChildren, setText} from "./dom.js";
import {FilterBar} from "./filter_bar.js";
import {formatCount} from "./format.js";
import {odataAnd, withQuery} from "./odata.js";
import {PanelHost} from "./panel_host.js";
import {button, errorNotice} from "./parts.js";
import {Refresher} from "./refresher.js";
import {routeHash} from "./route.js";

const PAGE = 50;

/**
 * @typedef {object} ListConfig
 * @property {string} view first part of the address
 * @property {string} title
 * @property {string} path of the API
 * @property {(import("./filter_bar.js").Filter & {term: (value: string) => string})[]} filters
 * @property {import("./data_table.js").Column[]} columns
 * @property {string} sort field, when the address has none
 * @property {string[]} signals of live that say the list is out of date
 * @property {string} empty
 * @property {(id: string, context: any, onClose: () => void) => {close: () => void}} openPanel
 */

export class ListView {
	#offs = [];

	/** @param {ListConfig} config @param {any} context */
	constructor(config, context) {
		this.config = config;
		this.context = context;
		this.title = config.title;
		this.panel = new PanelHost(config.view, (id, onClose) =>
			config.openPanel(id, context, onClose)
		);
		this.refresher = new Refresher((turn) => this.#load(turn));
		this.filters = new FilterBar(`Filter ${config.title}`, config.filters, (values) =>
			this.#go({...values, page: ""})
		);
		this.table = new DataTable({
			caption: config.title,
			columns: config.columns,
			empty: config.empty,
			href: (row) => this.#href(row.id),
			onSort: (key) => this.#sort(key),
		});
		this.problem = h("div");
		this.range = h("span", {role: "status"});
		this.previous = button("Previous", {disabled: true, onclick: () => this.#turn(-1)});
		this.following = button("Next", {disabled: true, onclick: () => this.#turn(1)});
		this.element = h(
			"div.view",
			h("h1", {tabindex: "-1"}, config.title),
			this.filters.element,
			this.problem,
			this.table.element,
			h(
				"nav.pager",
				{"aria-label": "Pages"},
				this.range,
				this.previous,
				this.following
			)
		);
	}

	/** @param {import("./route.js").Route} route */
	mount(route) {
		for (const signal of [...this.config.signals, "resync"])
			this.#offs.push(this.context.live.on(signal, () => this.refresher.poke()));
		this.update(route);
	}

	/** @param {import("./route.js").Route} route */
	update(route) {
		const before = this.query && JSON.stringify(this.query);
		this.query = route.query;
		this.filters.setValues(route.query);
		if (JSON.stringify(this.query) !== before) {
			this.refresher.forget();
			this.refresher.now();
		}
		this.panel.show(route.id);
	}

	unmount() {
		this.#offs.forEach((off) => off());
		this.refresher.stop();
		this.filters.close();
		this.panel.show("");
	}

	#href(id) {
		return routeHash(this.config.view, id, this.query);
	}

	#go(changes) {
		location.hash = routeHash(this.config.view, "", {...this.query, ...changes});
	}

	get #sorting() {
		return {
			field: this.query.sort || this.config.sort,
			isDescending: this.query.dir !== "asc",
		};
	}

	#sort(key) {
		const {field, isDescending} = this.#sorting;
		this.#go({
			sort: key,
			dir: field === key && isDescending ? "asc" : "desc",
			page: "",
		});
	}

	get #page() {
		return Math.max(0, Math.floor(Number(this.query.page) || 1) - 1);
	}

	#turn(step) {
		this.#go({page: String(this.#page + step + 1)});
		this.table.element.scrollIntoView({block: "nearest"});
	}

	async #load(turn) {
		const {field, isDescending} = this.#sorting;
		this.table.setSort(field, isDescending);
		this.table.setBusy(true);
		try {
			const answer = await this.context.api.get(
				withQuery(this.config.path, {
					$filter: odataAnd(
						this.config.filters.map((f) =>
							this.query[f.name]
								? f.term(this.query[f.name])
								: ""
						)
					),
					$orderby: `${field} ${isDescending ? "desc" : "asc"}`,
					$top: PAGE,
					$skip: this.#page * PAGE || null,
					$count: true,
				}),
				turn.signal
			);
			if (!turn.claim())
				return;
			this.#show(answer);
		} catch (error) {
			if (!turn.claim())
				return;
			setChildren(this.problem, errorNotice(error));
		}
		this.table.setBusy(false);
	}

	#show(answer) {
		const rows = answer.value ?? [];
		const first = this.#page * PAGE;
		const total = answer["@odata.count"];
		const isMore =
			total === undefined ? rows.length === PAGE : first + rows.length < total;
		setChildren(this.problem);
		this.table.setRows(rows);
		setText(
			this.range,
			rows.length === 0
				? "No rows"
				: `${formatCount(first + 1)}–${formatCount(first + rows.length)}` +
						(total === undefined
							? ""
							: ` of ${formatCount(total)}`)
		);
		this.previous.disabled = first === 0;
		this.following.disabled = !isMore;
	}
}
