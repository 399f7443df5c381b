// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console's page. Call tree:
 *
 *   App.start ─► loginView ─► signedIn ─► Live.start: stream, health, machine
 *                                     └─► Shell, and route: one view at a time
 *   hashchange ─► route ─► view.mount / view.update / view.unmount
 *   401 anywhere ─► openSignInAgain ─► the stream goes on from its last event
 */
import {Api} from "./api.js";
import {ACTION_CENTER, ALERTS, DETECTIONS} from "./lists.js";
import {ListView} from "./list_view.js";
import {Live} from "./live.js";
import {initNotices} from "./notices.js";
import {refreshAges} from "./parts.js";
import {parseRoute} from "./route.js";
import {ScanActions} from "./scan_actions.js";
import {Shell} from "./shell.js";
import {themeButton} from "./theme.js";
import {DeviceView} from "./view_device.js";
import {HealthView} from "./view_health.js";
import {loginView, openSignInAgain} from "./view_login.js";
import {TimelineView} from "./view_timeline.js";
import {h} from "./dom.js";

const HOME = "device";
const AGES_MS = 15000;
const VIEWS = {
	device: (context) => new DeviceView(context),
	alerts: (context) => new ListView(ALERTS, context),
	actions: (context) => new ListView(ACTION_CENTER, context),
	detections: (context) => new ListView(DETECTIONS, context),
	timeline: (context) => new TimelineView(context),
	health: (context) => new HealthView(context),
};

class App {
	constructor(root) {
		this.root = root;
		this.api = new Api();
		this.live = null;
		this.shell = null;
		this.view = null;
		this.viewName = "";
		this.isAskingAgain = false;
		this.expiryTimer = 0;
	}

	start() {
		initNotices(document.body);
		this.showLogin();
		window.addEventListener("hashchange", () => this.route());
		setInterval(refreshAges, AGES_MS);
		window.addEventListener("online", () => this.live?.wake());
		document.addEventListener("visibilitychange", () => {
			if (!document.hidden)
				this.live?.wake();
		});
	}

	showLogin() {
		document.title = "Sign in · quietscan";
		this.root.replaceChildren(
			h(
				"main.login-page",
				h("div.corner", themeButton()),
				loginView(this.api, () => this.signedIn())
			)
		);
		this.root.querySelector("input").focus();
	}

	signedIn() {
		this.live = new Live(this.api);
		this.api.onUnauthorized = () => this.askAgain();
		const context = {
			api: this.api,
			live: this.live,
			actions: new ScanActions(this.api, this.live),
		};
		this.context = context;
		this.shell = new Shell(context, () => this.signOut());
		this.root.replaceChildren(this.shell.element);
		this.live.start();
		this.watchExpiry();
		this.route();
	}

	signOut() {
		this.live?.stop();
		this.view?.unmount();
		this.shell?.close();
		this.live = this.view = this.shell = null;
		this.viewName = "";
		clearTimeout(this.expiryTimer);
		this.api.onUnauthorized = () => {};
		this.api.signOut();
		document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
		this.showLogin();
	}

	/** A stream that is open may outlive its token; calls do not. */
	watchExpiry() {
		clearTimeout(this.expiryTimer);
		const leftMs = (this.api.claims?.expiresMs ?? Infinity) - Date.now();
		if (leftMs < 2 ** 31)
			this.expiryTimer = setTimeout(() => this.askAgain(), Math.max(leftMs, 0));
	}

	askAgain() {
		if (this.isAskingAgain || !this.live)
			return;
		this.isAskingAgain = true;
		this.live.stop();
		const over = () => {
			this.isAskingAgain = false;
		};
		openSignInAgain(
			this.api,
			() => {
				over();
				this.watchExpiry();
				this.live.start();
			},
			() => {
				over();
				this.signOut();
			}
		);
	}

	route() {
		if (!this.shell)
			return;
		const route = parseRoute(location.hash, HOME);
		const name = Object.hasOwn(VIEWS, route.view) ? route.view : HOME;
		if (name === this.viewName) {
			this.view.update(route);
			return;
		}
		const isFirst = this.viewName === "";
		this.view?.unmount();
		this.viewName = name;
		this.view = VIEWS[name](this.context);
		this.shell.main.replaceChildren(this.view.element);
		this.shell.mark(name);
		document.title = `${this.view.title} · quietscan`;
		this.view.mount(route);
		if (!document.querySelector("dialog[open]"))
			this.view.element.querySelector("h1")?.focus({preventScroll: isFirst});
	}
}

new App(document.getElementById("app")).start();
