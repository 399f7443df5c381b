// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fly-out of an alert: what was found, what an analyst says about it.
 */
import {h, newId, setChildren} from "./dom.js";
import {
	ALERT_STATUSES,
	alertStatusLabel,
	classificationLabel,
	DETERMINATIONS_OF,
	determinationLabel,
	remediationLabel,
	severityLabel,
} from "./labels.js";
import {note} from "./notices.js";
import {odataEquals, withQuery} from "./odata.js";
import {commentField, openFlyout} from "./overlay.js";
import {badge, errorNotice, explain, facts, innerCard, nameText, timeText} from "./parts.js";
import {Refresher} from "./refresher.js";
import {routeHash} from "./route.js";
import {hasRole} from "./token_claims.js";
import {visible, visibleLines} from "./text.js";

const EVIDENCE_MAX = 50;

/** A labelled choice. */
function choice(label, options, value) {
	const id = newId("choice");
	const known = options.some(([word]) => word === value)
		? options
		: [...options, [value, value]];
	const select = /** @type {HTMLSelectElement} */ (
		h(
			"select",
			{id},
			known.map(([word, text]) => h("option", {value: word}, visible(text)))
		)
	);
	select.value = value;
	return {select, element: h("div.field", h("label", {for: id}, label), select)};
}

/** What the form is made of, and what of it differs from the alert. */
class AlertForm {
	/** @param {any} alert @param {(changes: object) => Promise<void>} save */
	constructor(alert, save) {
		this.alert = alert;
		this.status = choice(
			"Status",
			ALERT_STATUSES.map((s) => [s, alertStatusLabel(s)[0]]),
			alert.status
		);
		this.classification = choice(
			"Classification",
			[
				["", "Not set"],
				...Object.keys(DETERMINATIONS_OF).map((c) => [
					c,
					classificationLabel(c),
				]),
			],
			alert.classification ?? ""
		);
		this.determination = choice(
			"Determination",
			this.#determinations(),
			alert.determination ?? ""
		);
		this.comment = commentField("Comment", false);
		this.submit = /** @type {HTMLButtonElement} */ (
			h("button.primary", {type: "submit", disabled: true}, "Save")
		);
		this.problem = h("p.notice.bad", {role: "alert", hidden: true});
		const id = newId("assigned");
		this.assigned = /** @type {HTMLInputElement} */ (
			h("input", {id, type: "text", maxlength: "200"})
		);
		this.assigned.value = alert.assignedTo ?? "";
		this.element = h(
			"form.alert-form",
			{novalidate: true},
			this.status.element,
			h("div.field", h("label", {for: id}, "Assigned to"), this.assigned),
			this.classification.element,
			this.determination.element,
			this.comment.element,
			this.problem,
			h("footer", this.submit)
		);
		this.classification.select.addEventListener("change", () =>
			this.#offerDeterminations()
		);
		this.element.addEventListener("input", () => this.#refresh());
		this.element.addEventListener("submit", (event) => {
			event.preventDefault();
			this.#save(save);
		});
	}

	#determinations() {
		const words = DETERMINATIONS_OF[this.classification.select.value] ?? [];
		return [["", "Not set"], ...words.map((word) => [word, determinationLabel(word)])];
	}

	#offerDeterminations() {
		setChildren(
			this.determination.select,
			this.#determinations().map(([word, text]) =>
				h("option", {value: word}, text)
			)
		);
		this.#refresh();
	}

	changes() {
		const now = {
			status: this.status.select.value,
			assignedTo: this.assigned.value.trim(),
			classification: this.classification.select.value,
			determination: this.determination.select.value,
		};
		const changed = Object.entries(now).filter(
			([name, value]) => value !== (this.alert[name] ?? "")
		);
		const comment = this.comment.text();
		return Object.fromEntries(comment ? [...changed, ["comment", comment]] : changed);
	}

	get isDirty() {
		return Object.keys(this.changes()).length > 0;
	}

	#refresh() {
		this.submit.disabled = !this.isDirty || !this.comment.isGood();
	}

	async #save(save) {
		if (!this.isDirty || !this.comment.isGood())
			return;
		this.submit.disabled = true;
		this.problem.hidden = true;
		try {
			await save(this.changes());
		} catch (error) {
			this.problem.textContent = explain(error);
			this.problem.hidden = false;
			this.#refresh();
		}
	}
}

function comments(list) {
	if (!list?.length)
		return h("p.empty", "No comments yet.");
	return h(
		"ol.comments",
		list.map((c) =>
			h(
				"li",
				h("p.by", nameText(c.createdBy), " ", timeText(c.createdTime)),
				h("bdi.comment", visibleLines(c.comment))
			)
		)
	);
}

function evidence(detections) {
	if (detections.length === 0)
		return h("p.empty", "No detections are kept for this alert.");
	return h(
		"ul.findings",
		detections.map((d) =>
			h(
				"li",
				h(
					"a",
					{href: routeHash("detections", d.id)},
					h("bdi.name", visible(d.path))
				),
				badge(remediationLabel(d.remediationStatus))
			)
		)
	);
}

class AlertPanel {
	#offs = [];
	#refresh = new Refresher((turn) => this.#load(turn));

	constructor(id, context, onClose) {
		this.id = id;
		this.context = context;
		this.form = null;
		this.panel = openFlyout("Alert", () => {
			this.#offs.forEach((off) => off());
			this.#refresh.stop();
			onClose();
		});
		this.about = h("div");
		this.manage = h("div");
		this.comments = h("div");
		this.evidence = h("div");
		this.manageCard = innerCard("Manage alert", this.manage);
		setChildren(
			this.panel.body,
			this.about,
			this.manageCard,
			innerCard("Detections", this.evidence),
			innerCard("Comments and history", this.comments)
		);
		this.#offs.push(
			context.live.on("alerts", () => this.#refresh.poke()),
			context.live.on("detections", () => this.#refresh.poke()),
			context.live.on("resync", () => this.#refresh.poke())
		);
		this.#refresh.now();
	}

	close() {
		this.panel.close();
	}

	get #path() {
		return `/alerts/${encodeURIComponent(this.id)}`;
	}

	async #load(turn) {
		const {api} = this.context;
		try {
			const alert = await api.get(this.#path, turn.signal);
			if (!turn.claim())
				return;
			const found = await api.get(
				withQuery("/detections", {
					$filter: odataEquals("alertId", this.id),
					$top: EVIDENCE_MAX,
				}),
				turn.signal
			);
			if (!turn.claim())
				return;
			this.#show(alert);
			setChildren(
				this.evidence,
				evidence(found.value ?? []),
				h(
					"p",
					h(
						"a",
						{
							href: routeHash("detections", "", {
								alertId: this.id,
							}),
						},
						"All detections of this alert"
					)
				)
			);
		} catch (error) {
			if (turn.claim())
				setChildren(this.about, errorNotice(error));
		}
	}

	#show(alert) {
		this.panel.heading.textContent = visible(alert.title);
		setChildren(
			this.about,
			facts([
				["Severity", badge(severityLabel(alert.severity))],
				["Status", badge(alertStatusLabel(alert.status))],
				["Classification", classificationLabel(alert.classification)],
				["Determination", determinationLabel(alert.determination)],
				[
					"Assigned to",
					alert.assignedTo ? nameText(alert.assignedTo) : "Nobody",
				],
				["Threat", nameText(alert.threatName)],
				["Category", visible(alert.category)],
				["Source", visible(alert.detectionSource)],
				["Device", nameText(alert.computerDnsName)],
				["Created", timeText(alert.alertCreationTime)],
				["Last update", timeText(alert.lastUpdateTime)],
				[
					"Resolved",
					alert.resolvedTime
						? timeText(alert.resolvedTime)
						: undefined,
				],
				["Alert ID", nameText(alert.id)],
			])
		);
		setChildren(this.comments, comments(alert.comments));
		if (this.form?.isDirty) return; /* somebody is writing: their words stay */
		if (!hasRole(this.context.api.claims, "Alert.ReadWrite.All")) {
			setChildren(
				this.manage,
				h("p.hint", "This client lacks the role Alert.ReadWrite.All.")
			);
			return;
		}
		this.#showForm(alert);
	}

	#showForm(alert) {
		const hadFocus = this.manage.contains(document.activeElement);
		this.form = new AlertForm(alert, async (changes) => {
			const updated = await this.context.api.patch(this.#path, changes);
			this.form = null;
			this.#refresh.forget(); /* what was asked for before has not this change */
			note("Alert saved.");
			this.#show(updated);
			this.context.live.emit("alerts");
		});
		setChildren(this.manage, this.form.element);
		if (hadFocus)
			this.form.status.select.focus();
	}
}

/**
 * @param {string} id
 * @param {any} context
 * @param {() => void} onClose
 * @returns {{close: () => void}}
 */
export function openAlertPanel(id, context, onClose) {
	return new AlertPanel(id, context, onClose);
}
