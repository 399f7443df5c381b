// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers as text: accurate, and "not known" is never "0". */
import assert from "node:assert/strict";
import {test} from "node:test";
import * as format from "../../console/page/format.js";

test("what is not known is a dash", () => {
	for (const f of [
		format.formatCount,
		format.formatBytes,
		format.formatDuration,
		format.formatPercent,
		format.formatLimit,
		format.formatTime,
	]) {
		for (const value of [null, undefined, NaN, Infinity, "7 of them"])
			assert.equal(f(value), format.UNKNOWN, `${f.name}(${value})`);
	}
});

test("counts and bytes", () => {
	assert.equal(format.formatCount(0), "0");
	assert.equal(format.formatCount(50123), "50,123");
	const cases = [
		[0, "0 B"],
		[1023, "1023 B"],
		[1024, "1.0 KiB"],
		[1536, "1.5 KiB"],
		[1048575, "1.0 MiB"],
		[734003200, "700.0 MiB"],
		[5e15, "4.4 PiB"],
	];
	for (const [bytes, text] of cases)
		assert.equal(format.formatBytes(bytes), text);
});

test("durations do not jump at their borders", () => {
	const cases = [
		[0, "0.0 s"],
		[0.44, "0.4 s"],
		[9.96, "10 s"],
		[59.4, "59 s"],
		[59.6, "1 min 00 s"],
		[185, "3 min 05 s"],
		[3599.6, "1 h 00 min"],
		[7620, "2 h 07 min"],
		[90000, "1 d 1 h"],
		[-1, "–"],
	];
	for (const [seconds, text] of cases)
		assert.equal(format.formatDuration(seconds), text);
});

test("loads and limits", () => {
	assert.equal(format.formatPercent(49.966), "50.0 %");
	assert.equal(format.formatPercent(49.966, 2), "49.97 %");
	assert.deepEqual([0, 100, 50, 12.5].map(format.formatLimit), [
		"no limit",
		"no limit",
		"50 %",
		"12.5 %",
	]);
});

test("times have seven digits after the point", () => {
	assert.equal(
		format.parseTime("2026-11-24T03:55:12.1234567Z"),
		Date.UTC(2026, 10, 24, 3, 55, 12, 123)
	);
	assert.equal(format.parseTime("2026-11-24T03:55:12Z"), Date.UTC(2026, 10, 24, 3, 55, 12));
	assert.ok(Number.isNaN(format.parseTime(null)));
	assert.match(
		format.formatTime("2026-11-24T03:55:12.1234567Z", true),
		/^2026-11-2\d \d\d:\d\d:12\.123$/
	);
});

test("ages", () => {
	const now = Date.UTC(2026, 10, 24, 12);
	const ago = (seconds) =>
		format.formatAge(new Date(now - seconds * 1000).toISOString(), now);
	assert.deepEqual([0, 44, 60, 3500, 3600, 86400, 86400 * 8].map(ago), [
		"just now",
		"just now",
		"1 min ago",
		"58 min ago",
		"1 h ago",
		"24 h ago",
		"8 d ago",
	]);
	assert.equal(format.formatAge(null, now), "never");
	assert.equal(ago(-100), "in the future");
});

test("labels of a time axis", () => {
	assert.deepEqual([0, 30, 750, 3750].map(format.formatClock), [
		"0:00",
		"0:30",
		"12:30",
		"1:02:30",
	]);
});
