// SPDX-License-Identifier: GPL-2.0-or-later
/* Text from outside: nothing invisible, nothing that turns its direction, nothing lost. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {visible, visibleLines} from "../../console/page/text.js";

test("what is harmless stays as it is", () => {
	for (const text of [
		"plain",
		"<img src=x onerror=alert(1)>",
		"naïve 日本語 עברית",
		"a\\x41b",
		"👍🏽 ✓",
		"",
	])
		assert.equal(visible(text), text);
});

test("what steers or hides is written out", () => {
	const cases = [
		["a\nb", "a\\x0ab"],
		["\u001b[31m", "\\x1b[31m"],
		["a\u202egpj.exe", "a\\u202egpj.exe"],
		["\u2066x\u2069", "\\u2066x\\u2069"],
		["a\u200bb", "a\\u200bb"],
		["\ufeffx", "\\ufeffx"],
		["\u0085", "\\u0085"],
		["\ud800", "\\ud800"],
		["a\u{e0041}", "a\\U000e0041"],
		["\u2028", "\\u2028"],
		["\0", "\\x00"],
	];
	for (const [text, shown] of cases)
		assert.equal(visible(text), shown);
});

test("a comment keeps its lines and nothing else", () => {
	assert.equal(visibleLines("one\r\ntwo\tthree\u202e"), "one\ntwo\tthree\\u202e");
	assert.equal(visibleLines(null), "");
});

test("values that are no text", () => {
	assert.equal(visible(null), "");
	assert.equal(visible(undefined), "");
	assert.equal(visible(0), "0");
	assert.equal(visible({a: "\u202e"}), '{"a":"\\u202e"}');
});
