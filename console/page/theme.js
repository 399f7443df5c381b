// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Light, dark, or as the system has it. The choice is the only thing this page
 * stores; where storage is not allowed it lasts as long as the page.
 */
import {button} from "./parts.js";

const KEY = "quietscan-theme";
const NEXT = {"": "light", light: "dark", dark: ""};
const NAMES = {"": "system", light: "light", dark: "dark"};
const SIGNS = {"": "◐", light: "☀", dark: "☾"};

function stored() {
	try {
		const value = localStorage.getItem(KEY) ?? "";
		return Object.hasOwn(NEXT, value) ? value : "";
	} catch {
		return "";
	}
}

function apply(theme, element) {
	document.documentElement.dataset.theme = theme;
	element.textContent = SIGNS[theme];
	element.setAttribute("aria-label", `Theme: ${NAMES[theme]}. Change`);
	element.title = `Theme: ${NAMES[theme]}`;
}

/** @returns {HTMLElement} the button that goes through the themes */
export function themeButton() {
	let theme = stored();
	const element = button("", {
		class: "icon theme",
		onclick: () => {
			theme = NEXT[theme];
			apply(theme, element);
			try {
				localStorage.setItem(KEY, theme);
			} catch {
				/* not allowed here */
			}
		},
	});
	apply(theme, element);
	return element;
}
