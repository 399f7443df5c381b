// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text that somebody else wrote (comments, names of threats and clients), made
 * harmless to read: nothing invisible, nothing that turns the direction of what
 * follows. File names come from the service in such a form already ("path");
 * to run over them again changes nothing but what a defect let through.
 *
 * Pure. The forms are those of base/display.h: \xNN below U+0080, else \uNNNN.
 */

/* C0, DEL, C1, soft hyphen, zero widths, bidi controls, separators, fillers, BOM, tags,
 * lone halves of pairs. */
const UNSEEN =
	/[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}\ud800-\udfff]/gu;

function escape(character) {
	const code = character.codePointAt(0);
	if (code < 0x80)
		return "\\x" + code.toString(16).padStart(2, "0");
	if (code > 0xffff)
		return "\\U" + code.toString(16).padStart(8, "0");
	return "\\u" + code.toString(16).padStart(4, "0");
}

/**
 * A value as one line of visible text.
 *
 * @param {unknown} value anything from an answer; null and undefined are ""
 * @returns {string}
 */
export function visible(value) {
	if (value === null || value === undefined)
		return "";
	const text = typeof value === "object" ? JSON.stringify(value) : String(value);
	return text.replace(UNSEEN, escape);
}

/**
 * The same for text of several lines: its line feeds and tabs stay.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function visibleLines(value) {
	if (value === null || value === undefined)
		return "";
	return String(value)
		.replace(/\r\n/g, "\n")
		.replace(UNSEEN, (c) => (c === "\n" || c === "\t" ? c : escape(c)));
}
