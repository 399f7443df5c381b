// SPDX-License-Identifier: GPL-2.0-or-later
/* Server-sent events in pieces, and the stream that goes on where the last one ended. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {backoffMs} from "../../console/page/backoff.js";
import {EventStream} from "../../console/page/event_stream.js";
import {SseParser} from "../../console/page/sse_parser.js";

const STREAM =
	': hello\nevent: timeline\nid: 7\ndata: {"a":1}\n\n' +
	"event: progress\ndata: one\ndata: two\n\n: keep-alive\n\nretry: 250\nid: 8\ndata:x\n\nid: 9\n\n";
const EVENTS = [
	{type: "timeline", id: "7", data: '{"a":1}'},
	{type: "progress", id: null, data: "one\ntwo"},
	{type: "message", id: "8", data: "x"},
];

test("every cut of a stream gives the same events", () => {
	for (const text of [
		STREAM,
		STREAM.replaceAll("\n", "\r\n"),
		STREAM.replaceAll("\n", "\r"),
	]) {
		for (let size = 1; size <= text.length; size++) {
			const parser = new SseParser();
			const events = [];
			for (let i = 0; i < text.length; i += size)
				events.push(...parser.feed(text.slice(i, i + size)));
			events.push(
				...parser.feed("\n")
			); /* a CR at the end waits for what follows */
			assert.deepEqual(events, EVENTS, `pieces of ${size}`);
			assert.equal(parser.retryMs, 250);
		}
	}
});

test("half an event is no event", () => {
	const parser = new SseParser();
	assert.deepEqual(parser.feed("id: 3\ndata: lost"), []);
	assert.deepEqual(new SseParser().feed("\n\n"), []);
});

test("an endless line and an endless event end the stream", () => {
	assert.throws(
		() => new SseParser().feed("data: " + "x".repeat(5 * 1024 * 1024)),
		RangeError
	);
	const parser = new SseParser();
	assert.throws(() => {
		for (let i = 0; i < 6; i++)
			parser.feed("data: " + "x".repeat(1024 * 1024) + "\n");
	}, RangeError);
});

test("back-off doubles, ends at 15 s and is spread", () => {
	assert.deepEqual(
		[1, 2, 3, 6, 7, 100].map((n) => backoffMs(n, 0)),
		[500, 1000, 2000, 15000, 15000, 15000]
	);
	assert.equal(backoffMs(1, 0.999), 375);
});

/* A server of which each connection is a list of pieces, or a status. */
class Server {
	constructor(connections) {
		this.connections = connections;
		this.asked = [];
	}

	async fetch(path, {headers, signal}) {
		this.asked.push(headers["Last-Event-ID"] ?? null);
		const next = this.connections.shift();
		if (next === undefined)
			return new Promise((resolve, reject) =>
				signal.addEventListener("abort", () => reject(signal.reason))
			);
		if (typeof next === "number")
			return new Response("", {status: next});
		return new Response(
			new ReadableStream({
				start(controller) {
					next.forEach((piece) =>
						controller.enqueue(new TextEncoder().encode(piece))
					);
					controller.close();
				},
			})
		);
	}
}

async function run(server, until) {
	const seen = [];
	const stream = new EventStream(server, "/api/events", {
		onEvent: (event) => seen.push(event.data),
		onOpen: () => seen.push("open"),
		onLost: () => {
			seen.push("lost");
			stream.retryNow();
		},
		onUnauthorized: () => seen.push("401"),
		onForbidden: () => seen.push("403"),
	});
	stream.start();
	for (let i = 0; i < 400 && seen.length < until; i++)
		await new Promise((resolve) => setTimeout(resolve, 5));
	stream.stop();
	return {seen, stream};
}

test("a lost stream goes on after its last event with an id", async () => {
	const server = new Server([
		[
			"id: 4\ndata: a\n\nid: 5\nda",
			"ta: b\n\nevent: progress\ndata: p\n\nid: 6\ndata: cut",
		],
		503,
		["id: 6\ndata: c\n\n"],
	]);
	const {seen} = await run(server, 9);
	assert.deepEqual(seen.slice(0, 9), [
		"open",
		"a",
		"b",
		"p",
		"lost",
		"lost",
		"open",
		"c",
		"lost",
	]);
	assert.deepEqual(server.asked.slice(0, 4), [null, "5", "5", "6"]);
});

test("401 ends it; a new start goes on", async () => {
	const server = new Server([["id: 1\ndata: a\n\n"], 401, ["id: 2\ndata: b\n\n"]]);
	const {seen, stream} = await run(server, 4);
	assert.deepEqual(seen, ["open", "a", "lost", "401"]);
	stream.start();
	for (let i = 0; i < 400 && !seen.includes("b"); i++)
		await new Promise((resolve) => setTimeout(resolve, 5));
	stream.stop();
	assert.deepEqual(server.asked.slice(0, 3), [null, "1", "1"]);
	assert.ok(seen.includes("b"));
});

test("403 ends it for good", async () => {
	const server = new Server([403, ["id: 1\ndata: a\n\n"]]);
	const {seen} = await run(server, 1);
	await new Promise((resolve) => setTimeout(resolve, 20));
	assert.deepEqual(seen, ["403"]);
	assert.equal(server.asked.length, 1);
});

test("an event whose listener fails comes again", async () => {
	const server = new Server([["id: 1\ndata: a\n\n"], ["id: 1\ndata: a\n\n"]]);
	let calls = 0;
	const warn = console.warn;
	console.warn = () => {};
	const stream = new EventStream(server, "/", {
		onEvent: () => {
			calls++;
			if (calls === 1)
				throw new Error("a defect");
		},
		onOpen: () => {},
		onUnauthorized: () => {},
		onLost: () => stream.retryNow(),
	});
	stream.start();
	for (let i = 0; i < 400 && server.asked.length < 3; i++)
		await new Promise((resolve) => setTimeout(resolve, 5));
	stream.stop();
	console.warn = warn;
	assert.equal(calls, 2);
	assert.deepEqual(server.asked.slice(0, 3), [null, null, "1"]);
});
