// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the page says by itself: short notes at the lower edge. The live region
 * is there from the beginning, since one that comes with its text is not read.
 */
import {h} from "./dom.js";
import {button} from "./parts.js";

const NOTE_MS = 9000;

let notes = null;

/** @param {HTMLElement} host where the region is put */
export function initNotices(host) {
	notes = h("div.notes", {role: "status", "aria-label": "Notes"});
	host.append(notes);
}

/** What was said to one client is not for the next. */
export function clearNotes() {
	notes.replaceChildren();
}

/**
 * @param {string} text
 * @param {{text: string, href: string}} [link]
 */
export function note(text, link) {
	const closer = button("✕", {class: "icon", "aria-label": "Dismiss"});
	const element = h(
		"div.note",
		h("span", text),
		link ? h("a", {href: link.href}, link.text) : null,
		closer
	);
	const remove = () => element.remove();
	closer.addEventListener("click", remove);
	element.addEventListener("focusin", () => clearTimeout(timer));
	const timer = setTimeout(remove, NOTE_MS);
	notes.append(element);
	while (notes.children.length > 3)
		notes.firstElementChild.remove();
}
