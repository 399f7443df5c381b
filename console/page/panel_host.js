// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one panel a view shows, and the address that names it: #/view/id. Closing
 * the panel takes the id out of the address, unless the reader went elsewhere
 * in the meantime.
 */
import {parseRoute, routeHash} from "./route.js";

export class PanelHost {
	#panel = null;
	#id = "";

	/**
	 * @param {string} view
	 * @param {(id: string, onClose: () => void) => {close: () => void}} open
	 */
	constructor(view, open) {
		this.view = view;
		this.open = open;
	}

	/** @param {string} id "" = none */
	show(id) {
		if (id === this.#id)
			return;
		this.#id = id;
		this.#panel?.close();
		this.#panel = id ? this.open(id, () => this.#onClose(id)) : null;
	}

	#onClose(id) {
		if (this.#id !== id)
			return;
		this.#id = "";
		this.#panel = null;
		const route = parseRoute(location.hash, "");
		if (route.view === this.view && route.id === id)
			location.hash = routeHash(this.view, "", route.query);
	}
}
