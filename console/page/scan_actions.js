// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an operator does: run, pause, resume and cancel a scan, change tags.
 */
import {h, newId} from "./dom.js";
import {hasRole} from "./token_claims.js";
import {note} from "./notices.js";
import {commentField, openForm} from "./overlay.js";
import {button, explain} from "./parts.js";
import {routeHash} from "./route.js";
import {visible} from "./text.js";

const SCAN_TYPES = [
	[
		"Quick",
		"Quick scan",
		"Where malware starts from: running programs, autostart, temporary and home folders.",
	],
	[
		"Full",
		"Full scan",
		"Every file of the local file systems. It may take hours within the load limit.",
	],
];

export class ScanActions {
	/**
	 * @param {import("./api.js").Api} api
	 * @param {import("./live.js").Live} live
	 */
	constructor(api, live) {
		this.api = api;
		this.live = live;
	}

	get mayScan() {
		return hasRole(this.api.claims, "Machine.Scan");
	}

	get mayTag() {
		return hasRole(this.api.claims, "Machine.ReadWrite.All");
	}

	/** The dialog "Run antivirus scan". */
	openRun() {
		const comment = commentField("Comment", true);
		const name = newId("type");
		let chosen = "Quick";
		const options = SCAN_TYPES.map(([value, label, hint], i) =>
			h(
				"label.choice",
				h("input", {
					type: "radio",
					name,
					value,
					checked: i === 0,
					onchange: () => {
						chosen = value;
					},
				}),
				h("span", h("strong", label), h("span.hint", hint))
			)
		);
		openForm({
			title: "Run antivirus scan",
			confirm: "Confirm",
			fields: [h("fieldset", h("legend", "Scan type"), options), comment.element],
			isReady: comment.isGood,
			onConfirm: () => this.#run(chosen, comment.text()),
			explain: (error) =>
				error.code === "ActiveRequestAlreadyExists"
					? `A ${chosen.toLowerCase()} scan is already pending or running.`
					: explain(error),
		});
	}

	async #run(type, text) {
		const machine = encodeURIComponent(this.live.machineId);
		const action = await this.api.post(`/machines/${machine}/runAntiVirusScan`, {
			Comment: text,
			ScanType: type,
		});
		this.live.emit("actions");
		note(`${type} scan submitted.`, {
			text: "Open in Action center",
			href: routeHash("actions", action.id),
		});
	}

	/**
	 * @param {{id: string, type?: string}} subject a scan or an action
	 * @returns {void}
	 */
	openCancel(subject) {
		const comment = commentField("Comment", true);
		openForm({
			title: "Cancel scan",
			confirm: "Cancel the scan",
			isDanger: true,
			fields: [
				h(
					"p",
					"The scan ends; what it found so far stays. It cannot be taken up again."
				),
				comment.element,
			],
			isReady: comment.isGood,
			onConfirm: async () => {
				await this.api.post(
					`/machineactions/${encodeURIComponent(subject.actionId ?? subject.id)}/cancel`,
					{Comment: comment.text()}
				);
				this.live.emit("actions");
				note("Cancellation requested.");
			},
		});
	}

	/**
	 * @param {string} verb pause or resume
	 * @param {any} scan
	 * @param {HTMLButtonElement} pressed
	 */
	async #steer(verb, scan, pressed) {
		pressed.disabled = true;
		try {
			await this.api.post(`/scans/${encodeURIComponent(scan.id)}/${verb}`);
			this.live.emit("actions");
			this.live.wake();
		} catch (error) {
			if (!this.api.isClosed)
				note(`Could not ${verb} the scan: ${explain(error)}`);
		}
		pressed.disabled = false;
	}

	/**
	 * @param {any} scan not over
	 * @returns {HTMLElement[]}
	 */
	buttonsFor(scan) {
		const title = this.mayScan ? undefined : "This client lacks the role Machine.Scan";
		const make = (text, attributes) =>
			button(text, {disabled: !this.mayScan, title, ...attributes});
		const verb = scan.status === "Paused" ? "resume" : "pause";
		const steer = make(verb === "resume" ? "Resume" : "Pause", {
			onclick: () =>
				this.#steer(verb, scan, /** @type {HTMLButtonElement} */ (steer)),
		});
		return [
			scan.status === "Pending" ? null : steer,
			make("Cancel scan…", {
				class: "danger-quiet",
				onclick: () => this.openCancel(scan),
			}),
		].filter(Boolean);
	}

	/** The dialog for the device's tags: each change is one call. */
	openTags() {
		const id = newId("tag");
		const input = /** @type {HTMLInputElement} */ (
			h("input", {id, type: "text", maxlength: "200"})
		);
		const list = h("ul.tags");
		const change = async (action, value) => {
			const machine = encodeURIComponent(this.live.machineId);
			this.live.setMachine(
				await this.api.post(`/machines/${machine}/tags`, {
					Value: value,
					Action: action,
				})
			);
			draw();
		};
		const draw = () =>
			list.replaceChildren(
				...(this.live.machine?.machineTags ?? []).map((tag) =>
					h(
						"li.tag",
						h("bdi", visible(tag)),
						button("✕", {
							class: "icon",
							"aria-label": `Remove tag ${visible(tag)}`,
							onclick: () =>
								change("Remove", tag).catch(
									(error) =>
										this.api.isClosed ||
										note(explain(error))
								),
						})
					)
				)
			);
		draw();
		openForm({
			title: "Manage device tags",
			confirm: "Add tag",
			fields: [list, h("div.field", h("label", {for: id}, "New tag"), input)],
			isReady: () => input.value.trim() !== "",
			onConfirm: () => change("Add", input.value.trim()),
		});
	}
}
