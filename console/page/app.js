// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console's page. Call tree:
 *
 *   App.start ─► loginView ─► signedIn ─► Live.start: stream, health, machine
 *                                     └─► Shell, and route: one view at a time
 *   hashchange ─► route ─► view.mount / view.update / view.unmount
 *   401 anywhere ─► openSignInAgain ─► signedIn: all is built anew, where one was
 */
import {Api} from "./api.js";
import {ACTION_CENTER, ALERTS, DETECTIONS, QUARANTINE} from "./lists.js";
import {ListView} from "./list_view.js";
import {Live} from "./live.js";
import {clearNotes, initNotices} from "./notices.js";
import {closeOverlays} from "./overlay.js";
import {refreshAges} from "./parts.js";
import {QuarantineActions} from "./quarantine_actions.js";
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
	quarantine: (context) => new ListView(QUARANTINE, context),
	timeline: (context) => new TimelineView(context),
	health: (context) => new HealthView(context),
};

class App {
	constructor(root) {
		this.root = root;
		this.context = null; /* api, live, actions, quarantine of who is signed in */
		this.shell = null;
		this.view = null;
		this.viewName = "";
		this.nextApi = null; /* while the session has ended */
		this.expiryTimer = 0;
	}

	start() {
		initNotices(document.body);
		this.showLogin();
		window.addEventListener("hashchange", () => this.route());
		setInterval(refreshAges, AGES_MS);
		window.addEventListener("online", () => this.context?.live.wake());
		document.addEventListener("visibilitychange", () => {
			if (!document.hidden)
				this.context?.live.wake();
		});
	}

	showLogin() {
		const api = new Api();
		document.title = "Sign in · quietscan";
		this.root.replaceChildren(
			h(
				"main.login-page",
				h("div.corner", themeButton()),
				loginView(api, () => this.signedIn(api))
			)
		);
		this.root.querySelector("input").focus();
	}

	/** Everything is made for the client that signed in: nothing of a former one is left. */
	signedIn(api) {
		this.endSession();
		const live = new Live(api);
		this.context = {
			api,
			live,
			actions: new ScanActions(api, live),
			quarantine: new QuarantineActions(api, live),
		};
		api.onUnauthorized = () => this.askAgain();
		this.shell = new Shell(this.context, () => this.signOut());
		this.root.replaceChildren(this.shell.element);
		live.start();
		this.watchExpiry();
		this.route();
	}

	/** What was made for a client goes, what it asked for is not waited for. */
	endSession() {
		clearTimeout(this.expiryTimer);
		this.view?.unmount();
		this.shell?.close();
		this.context?.live.stop();
		this.context?.api.close();
		this.nextApi = this.context = this.view = this.shell = null;
		this.viewName = "";
		closeOverlays();
		clearNotes();
	}

	signOut() {
		this.nextApi?.close();
		this.endSession();
		this.showLogin();
	}

	/** A stream that is open may outlive its token; calls do not. */
	watchExpiry() {
		clearTimeout(this.expiryTimer);
		const leftMs = (this.context.api.claims?.expiresMs ?? Infinity) - Date.now();
		if (leftMs < 2 ** 31)
			this.expiryTimer = setTimeout(() => this.askAgain(), Math.max(leftMs, 0));
	}

	askAgain() {
		if (this.nextApi || !this.context)
			return;
		const api = new Api();
		this.nextApi = api;
		this.context.live.stop();
		openSignInAgain(
			api,
			() => this.signedIn(api),
			() => this.signOut()
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
