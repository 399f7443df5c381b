// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fly-out of a detection: which file, which threat, what was done.
 */
import {h, setChildren} from "./dom.js";
import {formatBytes, formatCount} from "./format.js";
import {remediationActionLabel, remediationLabel, severityLabel} from "./labels.js";
import {odataEquals, withQuery} from "./odata.js";
import {openFlyout, refill} from "./overlay.js";
import {badge, errorNotice, facts, nameText, timeText} from "./parts.js";
import {Refresher} from "./refresher.js";
import {routeHash} from "./route.js";
import {visible} from "./text.js";

/** Decided and not done yet. */
const isToCome = (d) => d.remediationStatus === "Detected" && d.remediationAction !== "NoAction";

function links(d) {
	return h(
		"p.links",
		d.alertId ? h("a", {href: routeHash("alerts", d.alertId)}, "Open alert") : null,
		d.quarantineId && d.remediationStatus === "Quarantined"
			? h(
					"a",
					{href: routeHash("quarantine", d.quarantineId)},
					"Open in quarantine"
				)
			: null,
		h(
			"a",
			{href: routeHash("timeline", "", {scanId: d.scanId})},
			"Timeline of the scan"
		)
	);
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

function remediationFacts(d) {
	return [
		[
			"What was done",
			[
				badge(remediationLabel(d.remediationStatus)),
				isToCome(d) ? h("span.hint", "The action is to come.") : null,
			],
		],
		["Action", remediationActionLabel(d.remediationAction)],
		["Decided by", d.remediationBy ? nameText(d.remediationBy) : undefined],
		["Quarantine ID", d.quarantineId ? nameText(d.quarantineId) : undefined],
	];
}

function fileFacts(d) {
	return [
		["File", nameText(d.path)],
		["Inside of containers", d.containerPath ? nameText(d.containerPath) : undefined],
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
	];
}

class DetectionPanel {
	#offs = [];
	#refresh = new Refresher((turn) => this.#load(turn));
	#shown = "";

	constructor(id, context, onClose) {
		this.id = id;
		this.context = context;
		this.panel = openFlyout("Detection", () => {
			this.#offs.forEach((off) => off());
			this.#refresh.stop();
			onClose();
		});
		setChildren(this.panel.body, h("p.hint", "Loading…"));
		for (const signal of ["detections", "resync"])
			this.#offs.push(context.live.on(signal, () => this.#refresh.poke()));
		this.#refresh.now();
	}

	close() {
		this.panel.close();
	}

	async #load(turn) {
		try {
			const answer = await this.context.api.get(
				withQuery("/detections", {
					$filter: odataEquals("id", this.id),
					$top: 1,
				}),
				turn.signal
			);
			if (turn.claim())
				this.#show(answer.value?.[0] ?? null);
		} catch (error) {
			if (!turn.claim())
				return;
			this.#shown = "";
			refill(this.panel, this.panel.body, errorNotice(error));
		}
	}

	/** Others come in: what is the same is left alone, with the focus in it. */
	#show(d) {
		const state = JSON.stringify(d);
		if (state === this.#shown)
			return;
		this.#shown = state;
		if (d)
			this.panel.heading.textContent = visible(d.threatName);
		refill(
			this.panel,
			this.panel.body,
			d
				? [links(d), facts([...remediationFacts(d), ...fileFacts(d)])]
				: h(
						"p.empty",
						"This detection is not kept any more; its event is in the timeline."
					)
		);
	}
}

/**
 * @param {string} id
 * @param {any} context
 * @param {() => void} onClose
 * @returns {{close: () => void}}
 */
export function openDetectionPanel(id, context, onClose) {
	return new DetectionPanel(id, context, onClose);
}
