// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is around every view: head with device, connection and account,
 * navigation, the banner while the connection is lost.
 */
import {h, setText} from "./dom.js";
import {formatCount} from "./format.js";
import {odataEquals, withQuery} from "./odata.js";
import {badge, button} from "./parts.js";
import {Refresher} from "./refresher.js";
import {themeButton} from "./theme.js";
import {visible} from "./text.js";

const PLACES = [
	["device", "Device"],
	["alerts", "Alerts"],
	["actions", "Action center"],
	["detections", "Detections"],
	["quarantine", "Quarantine"],
	["timeline", "Timeline"],
	["health", "Health"],
];

const CONNECTION = {
	connecting: ["Connecting", "off"],
	live: ["Live", "good"],
	reconnecting: ["Reconnecting", "warn"],
	unreachable: ["Service unreachable", "bad"],
	deaf: ["Not live", "off"],
};

/** The head's and the banner's view of the connection. */
class ConnectionSign {
	#timer = 0;

	constructor(onRetry) {
		this.state = h(
			"span.connection",
			{role: "status", "aria-label": "Connection"},
			badge(CONNECTION.connecting)
		);
		this.wait = h("span");
		this.text = h("strong");
		this.banner = h(
			"div.banner",
			{hidden: true},
			this.text,
			this.wait,
			button("Retry now", {class: "quiet", onclick: onRetry})
		);
	}

	show({state, retryAtMs}) {
		this.state.replaceChildren(badge(CONNECTION[state]));
		this.state.dataset.state = state;
		this.state.title =
			state === "deaf"
				? "This client lacks the role Machine.Read.All: nothing is updated by itself"
				: "";
		const isLost = state === "reconnecting" || state === "unreachable";
		this.banner.hidden = !isLost;
		setText(
			this.text,
			state === "unreachable"
				? "The scanning service does not answer the console."
				: "Reconnecting… What is shown may be old; nothing is lost."
		);
		clearInterval(this.#timer);
		setText(this.wait, "");
		if (retryAtMs > 0)
			this.#count(retryAtMs);
	}

	/** The countdown is for the eye: it is in no live region. */
	#count(retryAtMs) {
		const tell = () => {
			const seconds = Math.ceil((retryAtMs - Date.now()) / 1000);
			setText(
				this.wait,
				seconds > 0 ? `Next attempt in ${seconds} s.` : "Trying…"
			);
		};
		tell();
		this.#timer = setInterval(tell, 500);
	}

	close() {
		clearInterval(this.#timer);
	}
}

export class Shell {
	#offs = [];
	#links = new Map();
	#alertRefresh = new Refresher((turn) => this.#countAlerts(turn));

	/**
	 * @param {any} context
	 * @param {() => void} onSignOut
	 */
	constructor(context, onSignOut) {
		const {api, live} = context;
		this.context = context;
		this.sign = new ConnectionSign(() => live.wake());
		this.device = h("bdi.device-name");
		this.newAlerts = h("span.pill", {hidden: true});
		this.main = h("main", {id: "main", tabindex: "-1"});
		const roles = (api.claims?.roles ?? []).map(visible).join(", ");
		this.element = h(
			"div.shell",
			h(
				"a.skip",
				{
					href: "#main",
					onclick: (event) => {
						event.preventDefault();
						this.main.focus();
					},
				},
				"Skip to content"
			),
			h(
				"header.top",
				h("span.brand", "quietscan"),
				this.device,
				this.sign.state,
				h(
					"span.account",
					{title: roles},
					h("bdi", visible(api.claims?.name))
				),
				themeButton(),
				button("Sign out", {class: "quiet", onclick: onSignOut})
			),
			h(
				"nav.places",
				{"aria-label": "Console"},
				h(
					"ul",
					PLACES.map(([view, text]) =>
						h("li", this.#link(view, text))
					)
				)
			),
			h("div.content", this.sign.banner, this.main)
		);
		this.#offs.push(
			live.on("connection", (connection) => this.sign.show(connection)),
			live.on("machine", () =>
				setText(this.device, visible(live.machine?.computerDnsName))
			),
			live.on("alerts", () => this.#alertRefresh.poke()),
			live.on("resync", () => this.#alertRefresh.poke())
		);
	}

	#link(view, text) {
		const link = h(
			"a",
			{href: `#/${view}`},
			text,
			view === "alerts" ? this.newAlerts : null
		);
		this.#links.set(view, link);
		return link;
	}

	async #countAlerts(turn) {
		try {
			const answer = await this.context.api.get(
				withQuery("/alerts", {
					$filter: odataEquals("status", "New"),
					$top: 1,
					$count: true,
				}),
				turn.signal
			);
			if (!turn.claim())
				return;
			const count = answer["@odata.count"] ?? answer.value.length;
			this.newAlerts.hidden = count === 0;
			this.newAlerts.replaceChildren(
				formatCount(count),
				h("span.only-spoken", " new")
			);
		} catch {
			if (turn.claim())
				this.newAlerts.hidden = true; /* may not read alerts; their view says so */
		}
	}

	/** @param {string} view that is shown */
	mark(view) {
		for (const [name, link] of this.#links) {
			if (name === view)
				link.setAttribute("aria-current", "page");
			else
				link.removeAttribute("aria-current");
		}
	}

	close() {
		this.#offs.forEach((off) => off());
		this.#alertRefresh.stop();
		this.sign.close();
	}
}
