// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses, queries, tokens, labels of events, the load's drawing, how often to ask. */
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";
import {describeEvent, EVENT_TYPES} from "../../console/page/event_text.js";
import {isFinal, statusLabel} from "../../console/page/labels.js";
import {
	addReading,
	drawLoad,
	endOf,
	seriesPoints,
	ticks,
} from "../../console/page/load_geometry.js";
import {odataAnd, odataEquals, withQuery} from "../../console/page/odata.js";
import {nextRefresh, Refresher} from "../../console/page/refresher.js";
import {parseRoute, routeHash} from "../../console/page/route.js";
import {hasRole, readClaims} from "../../console/page/token_claims.js";
import {Turns} from "../../console/page/turns.js";

test("addresses survive the way there and back", () => {
	for (const route of [
		{view: "actions", id: "", query: {}},
		{view: "timeline", id: "77", query: {scanId: "a b&c=d#?/"}},
		{view: "alerts", id: "da1/2?3", query: {x: "100%"}},
	])
		assert.deepEqual(
			parseRoute(routeHash(route.view, route.id, route.query), "device"),
			route
		);
	assert.deepEqual(parseRoute("", "device"), {view: "device", id: "", query: {}});
	assert.equal(parseRoute("#/x?a=%zz", "device").query.a, "%zz");
	assert.equal(routeHash("actions", "", {status: ""}), "#/actions");
});

test("a value never becomes syntax of a query", () => {
	assert.equal(
		odataEquals("requestor", "o'brien' or 'a' eq 'a"),
		"requestor eq 'o''brien'' or ''a'' eq ''a'"
	);
	assert.equal(
		odataEquals("status", ["New", "InProgress"]),
		"status in ('New','InProgress')"
	);
	assert.equal(odataEquals("status", ""), "");
	assert.equal(odataAnd(["", "a eq 'b'", "", "c eq 'd'"]), "a eq 'b' and c eq 'd'");
	assert.equal(
		withQuery("/alerts", {$filter: "a eq 'b&c'", $top: 5, x: null, y: ""}),
		"/alerts?$filter=a%20eq%20'b%26c'&$top=5"
	);
});

test("claims are read, and what cannot be read forbids nothing", () => {
	const part = Buffer.from(
		JSON.stringify({app_displayname: "Ünal", roles: ["Machine.Scan"], exp: 9})
	).toString("base64url");
	const claims = readClaims(`x.${part}.y`);
	assert.deepEqual(claims, {name: "Ünal", roles: ["Machine.Scan"], expiresMs: 9000});
	assert.equal(hasRole(claims, "Machine.Scan"), true);
	assert.equal(hasRole(claims, "Alert.Read.All"), false);
	for (const token of ["", "a.b.c", "..", "x"])
		assert.equal(hasRole(readClaims(token), "Machine.Scan"), true);
});

test("every documented event has a sentence without holes", () => {
	const samples = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8")
		.split("\n")
		.filter((line) => line.startsWith("{"))
		.map((line) => JSON.parse(line));
	assert.ok(samples.length > 25);
	for (const event of samples) {
		assert.ok(EVENT_TYPES.includes(event.actionType), event.actionType);
		const {label, text} = describeEvent(event);
		assert.doesNotMatch(label + text, /undefined|null|NaN|\[object/, event.actionType);
	}
});

test("an event of a newer service is shown with its fields", () => {
	const {label, text} = describeEvent({
		sequence: 1,
		actionType: "toString",
		speed: 3,
		name: "a\u202eb",
	});
	assert.equal(label, "toString");
	assert.equal(text, "speed: 3, name: a\\u202eb");
});

test("words that are not known are shown as they came", () => {
	assert.deepEqual(statusLabel("constructor"), ["constructor", "off"]);
	assert.deepEqual(["Pending", "Paused", "TimeOut"].map(isFinal), [false, false, true]);
});

test("the load is drawn in steps, with the limit beside it", () => {
	const points = seriesPoints([
		{duration: 5, asked: 50, achieved: 40},
		{duration: 5, asked: 0, achieved: 80},
	]);
	const drawn = drawLoad(points, {left: 0, right: 100, top: 0, bottom: 100});
	assert.equal(endOf(points), 10);
	assert.ok(drawn.topPercent >= 80);
	const y = (percent) => Math.round((100 - (percent / drawn.topPercent) * 100) * 10) / 10;
	assert.equal(drawn.achieved, `M0 ${y(40)}H50V${y(80)}H100`);
	assert.equal(drawn.asked, `M0 ${y(50)}H50`); /* no limit: no line */
	assert.equal(drawn.yTicks[0].y, 100);
	assert.deepEqual(
		drawn.xTicks.map((t) => t.seconds),
		[0, 2, 4, 6, 8, 10]
	);
	assert.equal(drawLoad([], {left: 0, right: 1, top: 0, bottom: 1}).achieved, "");
});

test("joining readings keeps time and mean", () => {
	const points = [];
	for (let i = 0; i < 1000; i++)
		addReading(points, {duration: 0.5, asked: 50, achieved: i % 100}, 100);
	assert.ok(points.length <= 100);
	assert.ok(Math.abs(endOf(points) - 500) < 1e-6);
	const mean = points.reduce((sum, p) => sum + p.achieved * p.duration, 0) / 500;
	assert.ok(Math.abs(mean - 49.5) < 1e-6);
	for (let i = 1; i < points.length; i++)
		assert.ok(
			Math.abs(points[i].at - points[i - 1].at - points[i - 1].duration) < 1e-6
		);
});

test("axes have round numbers", () => {
	assert.deepEqual(ticks(57.5, 4), [0, 20, 40]);
	assert.deepEqual(ticks(5.75, 4), [0, 2, 4]);
	assert.deepEqual(ticks(40000, 5, [60, 3600], true), [0, 10800, 21600, 32400]);
});

test("a steady stream of changes asks fewer than 500 times an hour", () => {
	let [at, last, interval, runs] = [0, -Infinity, 1000, 0];
	while (at < 3600000) {
		const next = nextRefresh(at - last, interval);
		at += next.waitMs;
		last = at;
		interval = next.intervalMs;
		runs++;
		at += 50; /* the next change */
	}
	assert.ok(runs < 500, `${runs} runs`);
	assert.equal(nextRefresh(60000, 1000).waitMs, 120);
});

test("changes at any pace stay below the API's limits", () => {
	const CALLS = 7; /* of a page for one change */
	const HEALTH = 120; /* an hour, whatever happens */
	for (const every of [50, 700, 2200, 5000, 10000, 19000, 41000, 119000, 121000]) {
		let [at, last, interval, waits] = [0, -Infinity, 1000, null];
		const runs = [];
		while (at < 3600000) {
			waits = nextRefresh(at - last, interval);
			interval = waits.intervalMs;
			last = at + waits.waitMs;
			runs.push(last);
			at = Math.ceil((last + 1) / every) * every; /* the first change after it */
		}
		const inMinute = runs.map((t) => runs.filter((u) => u >= t && u < t + 60000).length);
		assert.ok(runs.length * CALLS + HEALTH < 1500, `each ${every} ms: ${runs.length} runs`);
		assert.ok(Math.max(...inMinute) * CALLS + 2 < 100, `each ${every} ms: a minute`);
	}
});

test("an older answer is good until a newer one is there", () => {
	const turns = new Turns();
	const [first, second, third] = [turns.take(), turns.take(), turns.take()];
	assert.equal(first.claim(), true);
	assert.equal(third.claim(), true);
	assert.equal(first.claim(), false);
	assert.equal(second.claim(), false);
	assert.equal(third.claim(), true);
	assert.equal(third.signal.aborted, false);
});

test("what is forgotten is aborted and never claimed, what comes after is", () => {
	const turns = new Turns();
	const before = [turns.take(), turns.take()];
	turns.forget();
	const after = turns.take();
	for (const turn of before) {
		assert.equal(turn.signal.aborted, true);
		assert.equal(turn.claim(), false);
	}
	assert.equal(after.signal.aborted, false);
	assert.equal(after.claim(), true);
	turns.forget();
	turns.forget();
	assert.equal(after.claim(), false);
});

test("a refresher that is stopped runs no more and drops what it began", async () => {
	const turns = [];
	const refresher = new Refresher((turn) => void turns.push(turn));
	await refresher.now();
	refresher.poke();
	refresher.stop();
	await new Promise((resolve) => setTimeout(resolve, 200)); /* longer than a poke waits */
	assert.equal(turns.length, 1);
	assert.equal(turns[0].claim(), false);
	await refresher.now();
	assert.equal(turns[1].claim(), true);
	refresher.forget();
	assert.equal(turns[1].claim(), false);
});
