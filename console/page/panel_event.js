// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One event of the timeline with all its fields.
 */
import {h, setChildren, setText} from "./dom.js";
import {describeEvent} from "./event_text.js";
import {withQuery} from "./odata.js";
import {openFlyout} from "./overlay.js";
import {badge, errorNotice, facts, nameText, timeText} from "./parts.js";
import {routeHash} from "./route.js";
import {visible} from "./text.js";
import {Turns} from "./turns.js";

const ID_LINKS = [
	["actionId", "Open action", (id) => routeHash("actions", id)],
	["alertId", "Open alert", (id) => routeHash("alerts", id)],
	["detectionId", "Open detection", (id) => routeHash("detections", id)],
	["scanId", "All events of this scan", (id) => routeHash("timeline", "", {scanId: id})],
];

/** A field's value: lists and objects as their names and values. */
function valueOf(value) {
	if (Array.isArray(value))
		return h(
			"ul.plain",
			value.map((item) => h("li", valueOf(item)))
		);
	if (value && typeof value === "object")
		return facts(
			Object.entries(value).map(([name, inner]) => [
				visible(name),
				valueOf(inner),
			])
		);
	return nameText(value);
}

/**
 * @param {number} sequence
 * @param {any} context
 * @param {() => void} onClose
 * @returns {{close: () => void}}
 */
export function openEventPanel(sequence, context, onClose) {
	const turns = new Turns();
	const turn = turns.take();
	const panel = openFlyout(`Event ${sequence}`, () => {
		turns.forget();
		onClose();
	});
	const path = withQuery("/timeline", {afterSequence: sequence - 1, $top: 1, order: "asc"});
	setChildren(panel.body, h("p.hint", "Loading…"));
	context.api
		.get(path, turn.signal)
		.then((answer) => {
			if (!turn.claim())
				return;
			const event = answer.value?.[0];
			if (event?.sequence === sequence)
				show(panel, event);
			else
				setChildren(panel.body, h("p.empty", "There is no such event."));
		})
		.catch((error) => turn.claim() && setChildren(panel.body, errorNotice(error)));
	return panel;
}

function show(panel, event) {
	const {label, tone, text} = describeEvent(event);
	const rest = Object.entries(event).filter(
		([name]) => !["sequence", "time", "actionType"].includes(name)
	);
	setText(panel.heading, `${label} · ${event.sequence}`);
	setChildren(
		panel.body,
		h("p", badge([label, tone])),
		h("p", h("bdi", text)),
		h(
			"p.links",
			ID_LINKS.filter(([name]) => event[name]).map(([name, title, href]) =>
				h("a", {href: href(event[name])}, title)
			)
		),
		facts(
			[
				["Time", timeText(event.time, true)],
				["Type", nameText(event.actionType)],
				...rest.map(([name, value]) => [visible(name), valueOf(value)]),
			],
			"wide"
		)
	);
}
