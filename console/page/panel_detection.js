// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fly-out of a detection: which file, which threat, what was done.
 */
import {h, setChildren} from "./dom.js";
import {formatBytes, formatCount} from "./format.js";
import {remediationLabel, severityLabel} from "./labels.js";
import {odataEquals, withQuery} from "./odata.js";
import {openFlyout} from "./overlay.js";
import {badge, errorNotice, facts, nameText, timeText} from "./parts.js";
import {routeHash} from "./route.js";
import {visible} from "./text.js";
import {Turns} from "./turns.js";

function remediationHint(d) {
	if (d.remediationStatus === "Detected" && d.remediationAction !== "NoAction")
		return `${visible(d.remediationAction)} is to come.`;
	return d.remediationBy ? `By ${visible(d.remediationBy)}.` : "";
}

/** Who ran it; it may have ended since. */
function executingText(d) {
	if (!d.wasExecutingWhileDetected)
		return "No process";
	const more = d.processCount - d.processIds.length;
	const noun = d.processCount === 1 ? "Process" : "Processes";
	return (
		`${noun} ${d.processIds.map(visible).join(", ")}` +
		(more > 0 ? ` and ${formatCount(more)} more` : "")
	);
}

function show(panel, d) {
	panel.heading.textContent = visible(d.threatName);
	setChildren(
		panel.body,
		h(
			"p.links",
			d.alertId
				? h("a", {href: routeHash("alerts", d.alertId)}, "Open alert")
				: null,
			h(
				"a",
				{href: routeHash("timeline", "", {scanId: d.scanId})},
				"Timeline of the scan"
			)
		),
		facts([
			[
				"What was done",
				[
					badge(remediationLabel(d.remediationStatus)),
					h("span.hint", remediationHint(d)),
				],
			],
			["File", nameText(d.path)],
			[
				"Inside of containers",
				d.containerPath ? nameText(d.containerPath) : undefined,
			],
			["Raw path, base64", d.pathBytes ? nameText(d.pathBytes) : undefined],
			["Severity", badge(severityLabel(d.severity))],
			["Category", visible(d.category)],
			["Detected", timeText(d.time)],
			["Executed when detected by", executingText(d)],
			["Size", `${formatBytes(d.size)} (${formatCount(d.size)} bytes)`],
			[
				"Owner",
				d.owner
					? `uid ${visible(d.owner.uid)}, gid ${visible(d.owner.gid)}`
					: undefined,
			],
			["Mode", d.mode ? visible(d.mode) : undefined],
			["Modified", d.modificationTime ? timeText(d.modificationTime) : undefined],
			["SHA-256", nameText(d.sha256)],
			["SHA-1", nameText(d.sha1)],
			["Threat ID", nameText(d.threatId)],
			["Scan ID", nameText(d.scanId)],
			["Detection ID", nameText(d.id)],
		])
	);
}

/**
 * @param {string} id
 * @param {any} context
 * @param {() => void} onClose
 * @returns {{close: () => void}}
 */
export function openDetectionPanel(id, context, onClose) {
	const turns = new Turns();
	const turn = turns.take();
	const panel = openFlyout("Detection", () => {
		turns.forget();
		onClose();
	});
	setChildren(panel.body, h("p.hint", "Loading…"));
	context.api
		.get(
			withQuery("/detections", {$filter: odataEquals("id", id), $top: 1}),
			turn.signal
		)
		.then((answer) => {
			if (!turn.claim())
				return;
			const found = answer.value?.[0];
			if (found)
				show(panel, found);
			else
				setChildren(
					panel.body,
					h(
						"p.empty",
						"This detection is not kept any more; its event is in the timeline."
					)
				);
		})
		.catch((error) => turn.claim() && setChildren(panel.body, errorNotice(error)));
	return panel;
}
