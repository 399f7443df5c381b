// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an operator does with a file in quarantine: restore, delete. The service
 * accepts both and does them later; how what was asked for here has ended is told
 * when its event comes.
 */
import {h} from "./dom.js";
import {describeEvent} from "./event_text.js";
import {note} from "./notices.js";
import {commentField, openForm} from "./overlay.js";
import {button, nameText} from "./parts.js";
import {routeHash} from "./route.js";
import {hasRole} from "./token_claims.js";
import {visible} from "./text.js";

const VERBS = {
	restore: {
		title: "Restore file",
		button: "Restore…",
		confirm: "Restore the file",
		asked: "Restore requested.",
		busy: "It is being restored.",
		warning:
			"The file goes back to its place as it was. If it is a threat it can do harm " +
			"there, and the next scan may take it away again.",
	},
	delete: {
		title: "Delete file",
		button: "Delete…",
		confirm: "Delete the file",
		asked: "Deletion requested.",
		busy: "It is being deleted.",
		warning: "The file is deleted for good. It cannot be brought back.",
		isDanger: true,
	},
};

/** @param {{actionType: string}} event @returns {boolean} an item's end, or a try that failed */
export const isItemEvent = (event) => /^QuarantineItem/.test(event.actionType);

/** @param {{actionType: string}} event @returns {boolean} */
export const isFailure = (event) => event.actionType.endsWith("Failed");

export class QuarantineActions {
	/** Ids of items and what was asked of them, until it has ended. */
	#asked = new Map();

	/**
	 * @param {import("./api.js").Api} api
	 * @param {import("./live.js").Live} live
	 */
	constructor(api, live) {
		this.api = api;
		this.live = live;
		live.on("event", (event) => this.#onEvent(event));
		/* A service that was started anew has forgotten it. */
		live.on("resync", () => this.#asked.clear());
	}

	get mayMove() {
		return hasRole(this.api.claims, "Machine.StopAndQuarantine");
	}

	#onEvent(event) {
		if (!isItemEvent(event) || !this.#asked.delete(event.quarantineId))
			return;
		const {label} = describeEvent(event);
		note(isFailure(event) ? `${label}: ${visible(event.outcome)}.` : `${label}.`, {
			text: "Open in timeline",
			href: routeHash("timeline", String(event.sequence)),
		});
	}

	/** The event may come before the answer: it is waited for from the beginning. */
	async #ask(verb, item, comment) {
		this.#asked.set(item.id, verb);
		try {
			await this.api.post(`/quarantine/${encodeURIComponent(item.id)}/${verb}`, {
				Comment: comment,
			});
		} catch (error) {
			this.#asked.delete(item.id);
			throw error;
		}
		if (this.#asked.has(item.id))
			note(VERBS[verb].asked);
		this.live.emit("quarantineAsked", item.id);
	}

	#open(verb, item) {
		const words = VERBS[verb];
		const comment = commentField("Comment", true);
		openForm({
			title: words.title,
			confirm: words.confirm,
			isDanger: words.isDanger,
			fields: [
				h("p", nameText(item.path)),
				h("p", words.warning),
				comment.element,
			],
			isReady: comment.isGood,
			onConfirm: () => this.#ask(verb, item, comment.text()),
		});
	}

	/**
	 * What stands in an item's bar: buttons, or why there are none.
	 *
	 * @param {any} item
	 * @returns {HTMLElement[]}
	 */
	controlsFor(item) {
		if (!this.mayMove)
			return [
				h(
					"p.hint",
					"This client lacks the role Machine.StopAndQuarantine."
				),
			];
		const verb = this.#asked.get(item.id);
		if (verb)
			return [h("p.hint", VERBS[verb].busy)];
		return Object.entries(VERBS).map(([name, words]) =>
			button(words.button, {
				class: words.isDanger ? "danger-quiet" : "",
				onclick: () => this.#open(name, item),
			})
		);
	}
}
