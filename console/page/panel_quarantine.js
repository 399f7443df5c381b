// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fly-out of a file in quarantine: what it is, where it was, and what may be
 * done with it. It stays open when the file has gone, and says how.
 */
import {h, setChildren} from "./dom.js";
import {describeEvent} from "./event_text.js";
import {formatBytes, formatCount} from "./format.js";
import {openFlyout, refill} from "./overlay.js";
import {badge, errorNotice, facts, nameText, timeText} from "./parts.js";
import {isFailure, isItemEvent} from "./quarantine_actions.js";
import {Refresher} from "./refresher.js";
import {routeHash} from "./route.js";
import {visible} from "./text.js";

function itemFacts(item) {
	return facts([
		["Original place", nameText(item.path)],
		["Raw path, base64", nameText(item.pathBytes)],
		["Threat", nameText(item.threatName)],
		["Quarantined", timeText(item.quarantinedTime)],
		["Decided by", item.reason ? nameText(item.reason) : undefined],
		["Size", `${formatBytes(item.size)} (${formatCount(item.size)} bytes)`],
		[
			"Owner",
			item.owner
				? `uid ${visible(item.owner.uid)}, gid ${visible(item.owner.gid)}`
				: undefined,
		],
		["Names removed", formatCount(item.names)],
		["SHA-256", nameText(item.sha256)],
		["Detection ID", nameText(item.detectionId)],
		["Quarantine ID", nameText(item.id)],
	]);
}

/** They hold when the item is gone, too. */
function links(item) {
	if (!item?.detectionId)
		return null;
	return h(
		"p.links",
		h("a", {href: routeHash("detections", item.detectionId)}, "Open detection")
	);
}

function failureNotice(event) {
	const {label, text} = describeEvent(event);
	return h("p.notice.bad", {role: "alert"}, `${label}: `, h("bdi", text));
}

class QuarantinePanel {
	#offs = [];
	#refresh = new Refresher((turn) => this.#load(turn));
	#shown = "";

	constructor(id, context, onClose) {
		const {live} = context;
		this.id = id;
		this.context = context;
		this.item = null;
		this.ended = null; /* the event with which it went */
		this.isGone = false;
		this.panel = openFlyout("File in quarantine", () => {
			this.#offs.forEach((off) => off());
			this.#refresh.stop();
			onClose();
		});
		this.bar = h("div.bar", {
			role: "group",
			"aria-label": "Quarantine actions",
			hidden: true,
		});
		this.failure = h("div");
		this.about = h("div", h("p.hint", "Loading…"));
		setChildren(this.panel.body, this.bar, this.failure, this.about);
		this.#offs.push(
			live.on("quarantine", () => this.#refresh.poke()),
			live.on("resync", () => {
				this.#showControls();
				this.#refresh.poke();
			}),
			live.on("quarantineAsked", () => this.#showControls()),
			live.on("event", (event) => this.#onEvent(event))
		);
		this.#refresh.now();
	}

	close() {
		this.panel.close();
	}

	#onEvent(event) {
		if (!isItemEvent(event) || event.quarantineId !== this.id)
			return;
		this.ended = isFailure(event) ? null : event;
		this.isGone ||= this.ended !== null;
		setChildren(this.failure, isFailure(event) ? failureNotice(event) : null);
		this.#showControls();
	}

	#showControls() {
		const isThere = this.item && !this.isGone;
		refill(
			this.panel,
			this.bar,
			isThere ? this.context.quarantine.controlsFor(this.item) : null
		);
		this.bar.hidden = !isThere;
	}

	async #load(turn) {
		try {
			const item = await this.context.api.get(
				`/quarantine/${encodeURIComponent(this.id)}`,
				turn.signal
			);
			if (turn.claim())
				this.#show(item);
		} catch (error) {
			if (!turn.claim())
				return;
			this.#shown = "";
			if (error.status === 404)
				this.#showGone();
			else
				refill(this.panel, this.about, errorNotice(error));
		}
	}

	/** Other files come and go: what is the same is left alone, with the focus in it. */
	#show(item) {
		const state = JSON.stringify(item);
		if (state === this.#shown)
			return;
		this.#shown = state;
		this.item = item;
		this.isGone = false;
		this.panel.heading.textContent = visible(item.threatName);
		refill(this.panel, this.about, links(item), itemFacts(item));
		this.#showControls();
	}

	#showGone() {
		const said = this.ended && describeEvent(this.ended);
		this.isGone = true;
		this.#showControls();
		refill(
			this.panel,
			this.about,
			said
				? [
						h("p", badge([said.label, said.tone])),
						h("p", h("bdi", said.text)),
					]
				: h(
						"p.empty",
						"This file is not in quarantine any more; how it went is in the timeline."
					),
			links(this.item)
		);
	}
}

/**
 * @param {string} id of the item
 * @param {any} context
 * @param {() => void} onClose
 * @returns {{close: () => void}}
 */
export function openQuarantinePanel(id, context, onClose) {
	return new QuarantinePanel(id, context, onClose);
}
