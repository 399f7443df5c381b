// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The timeline: every event of the device, newest first, as it comes.
 */
import {h, setChildren, setText} from "./dom.js";
import {EVENT_TYPES, describeEvent, eventLabel} from "./event_text.js";
import {FilterBar} from "./filter_bar.js";
import {formatCount} from "./format.js";
import {withQuery} from "./odata.js";
import {openEventPanel} from "./panel_event.js";
import {PanelHost} from "./panel_host.js";
import {badge, button, errorNotice, timeText} from "./parts.js";
import {routeHash} from "./route.js";
import {Turns} from "./turns.js";
import {BLOCK, FilteredSource, SequenceSource} from "./timeline_source.js";
import {VirtualList} from "./virtual_list.js";

const TYPE_OPTIONS = EVENT_TYPES.map((type) => [type, eventLabel(type)]).sort((a, b) =>
	a[1].localeCompare(b[1], "en")
);

const FILTERS = [
	{name: "actionType", label: "Event type", options: TYPE_OPTIONS, all: "All events"},
	{name: "scanId", label: "Scan ID"},
	{name: "actionId", label: "Action ID"},
];

export class TimelineView {
	#offs = [];
	#unseen = 0;
	#turns = new Turns();

	/** @param {any} context */
	constructor(context) {
		this.context = context;
		this.title = "Timeline";
		this.query = null;
		this.panel = new PanelHost("timeline", (id, onClose) =>
			openEventPanel(Number(id), context, onClose)
		);
		this.filters = new FilterBar("Filter timeline", FILTERS, (values) => {
			location.hash = routeHash("timeline", "", values);
		});
		this.list = new VirtualList({
			label: "Timeline events, newest first",
			columns: ["Time", "Event", "What happened", "No."],
			cells: (event) => {
				const {label, tone, text} = describeEvent(event);
				return [
					timeText(event.time, true),
					badge([label, tone]),
					h("bdi.text", {title: text}, text),
					h("span.figure", formatCount(event.sequence)),
				];
			},
			onOpen: (event) => {
				location.hash = routeHash(
					"timeline",
					String(event.sequence),
					this.query
				);
			},
		});
		this.count = h("span.count", {role: "status"});
		this.fresh = button("", {
			class: "fresh",
			hidden: true,
			onclick: () => {
				this.list.toTop();
				this.#seen();
			},
		});
		this.problem = h("div");
		this.element = h(
			"div.view.fills",
			h("h1", {tabindex: "-1"}, "Timeline"),
			this.filters.element,
			this.problem,
			h("div.list-head", this.count, this.fresh),
			this.list.element
		);
		this.list.element.addEventListener(
			"scroll",
			() => {
				if (this.#unseen > 0 && this.list.isAtTop)
					this.#seen();
			},
			{passive: true}
		);
	}

	/** @param {import("./route.js").Route} route */
	mount(route) {
		const {live} = this.context;
		this.#offs.push(
			live.on("event", (event) => this.#onEvent(event)),
			live.on("newest", () => this.#restart()),
			live.on("resync", () => this.list.refresh())
		);
		this.update(route);
	}

	/** @param {import("./route.js").Route} route */
	update(route) {
		const isOther = JSON.stringify(route.query) !== JSON.stringify(this.query);
		this.query = route.query;
		this.filters.setValues(route.query);
		if (isOther)
			this.#restart();
		this.panel.show(/^\d+$/.test(route.id) ? route.id : "");
	}

	unmount() {
		this.#offs.forEach((off) => off());
		this.#turns.forget();
		this.list.close();
		this.filters.close();
		this.panel.show("");
	}

	#restart() {
		const {api, live} = this.context;
		const wanted = Object.fromEntries(
			FILTERS.map(({name}) => [name, this.query[name] ?? ""])
		);
		const isFiltered = Object.values(wanted).some((value) => value !== "");
		this.#turns.forget();
		const turn = this.#turns.take();
		const onChange = (error) => turn.claim() && this.#onSourceChange(error);
		if (isFiltered) {
			const first = withQuery("/timeline", {
				...wanted,
				order: "desc",
				$top: BLOCK,
			});
			this.source = new FilteredSource(
				(link) =>
					link
						? api.next(link, turn.signal)
						: api.get(first, turn.signal),
				(event) =>
					Object.entries(wanted).every(
						([name, value]) =>
							value === "" || event[name] === value
					),
				onChange
			);
		} else {
			this.source = new SequenceSource(
				live.newest,
				async (after, limit) =>
					(
						await api.get(
							withQuery("/timeline", {
								afterSequence: after,
								$top: limit,
								order: "asc",
							}),
							turn.signal
						)
					).value,
				onChange
			);
		}
		this.list.setSource(this.source);
		this.#seen();
		this.#showCount();
	}

	#onSourceChange(error) {
		setChildren(this.problem, error ? errorNotice(error) : null);
		this.list.refresh();
		this.#showCount();
	}

	#onEvent(event) {
		if (!this.source?.push(event))
			return;
		const isSeen = this.list.isAtTop;
		this.list.grow();
		if (!isSeen) {
			this.#unseen++;
			setText(this.fresh, `${formatCount(this.#unseen)} new ↑`);
			this.fresh.hidden = false;
		}
		this.#showCount();
	}

	#seen() {
		this.#unseen = 0;
		this.fresh.hidden = true;
	}

	#showCount() {
		const {total, isWhole} = this.source;
		if (total === 0 && !this.context.live.isNewestKnown)
			return setText(this.count, "");
		const events = `${formatCount(total)} ${total === 1 ? "event" : "events"}`;
		setText(this.count, isWhole ? events : `${events} shown, more below`);
	}
}
