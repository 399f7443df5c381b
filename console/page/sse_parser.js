// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Server-sent events, from text in pieces of any size (HTML standard, 9.2.6).
 * EventSource cannot send an Authorization header; hence our own.
 *
 * Pure. One object a connection: half a line of a broken connection must not
 * become the beginning of the next one's first.
 */

/** More than an event may have; a server that sends more is not ours. */
const MAX_EVENT = 4 * 1024 * 1024;

/**
 * @typedef {{type: string, id: string|null, data: string}} SseEvent
 *   id: null when the event has none (it does not move Last-Event-ID)
 */

export class SseParser {
	constructor() {
		this.rest = "";
		this.retryMs = null;
		this.reset();
	}

	reset() {
		this.type = "";
		this.id = null;
		this.data = [];
		this.size = 0;
	}

	/**
	 * @param {string} chunk decoded text
	 * @returns {SseEvent[]} the events it completes
	 */
	feed(chunk) {
		const events = [];
		let text = this.rest + chunk;
		/* A CR at the end may be the first half of CR LF. */
		const held = text.endsWith("\r") ? "\r" : "";
		if (held)
			text = text.slice(0, -1);
		const lines = text.split(/\r\n|\n|\r/);
		this.rest = lines.pop() + held;
		if (this.rest.length > MAX_EVENT)
			throw new RangeError("an event without an end");
		for (const line of lines) {
			if (line === "")
				this.dispatch(events);
			else
				this.field(line);
		}
		return events;
	}

	dispatch(events) {
		if (this.data.length > 0)
			events.push({
				type: this.type || "message",
				id: this.id,
				data: this.data.join("\n"),
			});
		this.reset();
	}

	field(line) {
		const colon = line.indexOf(":");
		if (colon === 0) return; /* a comment: the connection lives */
		const name = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
		if (name === "event")
			this.type = value;
		else if (name === "id" && !value.includes("\0"))
			this.id = value;
		else if (name === "retry" && /^\d+$/.test(value))
			this.retryMs = Number(value);
		else if (name === "data")
			this.append(value);
	}

	append(value) {
		this.size += value.length;
		if (this.size > MAX_EVENT)
			throw new RangeError("an event too long");
		this.data.push(value);
	}
}
