// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Live events over one long answer, and over as many as it takes.
 *
 * Happy path:    connect → events → on and on.
 * Failure modes: the connection ends, is refused, or is silent for longer than
 *                the server's keep-alives allow → wait (backoff.js) → connect
 *                with Last-Event-ID, so that the server sends what was missed.
 *                401 → stopped; start() again after a new login, which goes on
 *                from the same id.
 *                403 → stopped: this client may not listen.
 * On stop:       the request is aborted; nothing is called any more.
 *
 * An event is handed on before its id is kept: an exception in a listener
 * costs a repeated event, never a lost one.
 */
import {ApiError} from "./api.js";
import {backoffMs} from "./backoff.js";
import {SseParser} from "./sse_parser.js";

/** The server sends a comment each 15 s. */
const SILENCE_MS = 40000;

/**
 * @typedef {object} StreamHooks
 * @property {(event: import("./sse_parser.js").SseEvent) => void} onEvent
 * @property {() => void} onOpen
 * @property {(waitMs: number) => void} onLost the next attempt is in so many ms
 * @property {() => void} onUnauthorized
 * @property {() => void} onForbidden
 */

export class EventStream {
	#abort = null;
	#timer = 0;
	#attempt = 0;

	/**
	 * @param {import("./api.js").Api} api
	 * @param {string} path
	 * @param {StreamHooks} hooks
	 */
	constructor(api, path, hooks) {
		this.api = api;
		this.path = path;
		this.hooks = hooks;
		this.lastId = "";
	}

	start() {
		this.stop();
		this.#attempt = 0;
		this.#run();
	}

	stop() {
		clearTimeout(this.#timer);
		this.#abort?.abort();
		this.#abort = null;
	}

	/** Do not wait any longer; nothing happens while a connection is open or being made. */
	retryNow() {
		if (!this.#abort)
			this.#run();
	}

	async #run() {
		clearTimeout(this.#timer);
		const abort = new AbortController();
		this.#abort = abort;
		try {
			await this.#connect(abort);
		} catch (error) {
			if (!(error instanceof ApiError) && error.name !== "AbortError")
				console.warn("event stream:", error);
		}
		if (this.#abort !== abort) return; /* stopped, or 401 */
		abort.abort();
		this.#abort = null;
		this.#attempt++;
		const waitMs = backoffMs(this.#attempt, Math.random());
		this.#timer = setTimeout(() => this.#run(), waitMs);
		this.hooks.onLost(waitMs);
	}

	async #connect(abort) {
		const headers = {Accept: "text/event-stream"};
		if (this.lastId !== "")
			headers["Last-Event-ID"] = this.lastId;
		const watchdog = new Watchdog(SILENCE_MS, () => abort.abort());
		try {
			const response = await this.api.fetch(this.path, {
				headers,
				signal: abort.signal,
			});
			if (this.#abort !== abort) return; /* stopped meanwhile */
			if (response.status === 401 || response.status === 403) {
				this.#abort = null;
				return void (response.status === 401
					? this.hooks.onUnauthorized()
					: this.hooks.onForbidden());
			}
			if (!response.ok)
				throw new ApiError(
					response.status,
					"Refused",
					"the stream was refused"
				);
			this.hooks.onOpen();
			await this.#read(response.body.getReader(), abort, watchdog);
		} finally {
			watchdog.stop();
		}
	}

	async #read(reader, abort, watchdog) {
		const parser = new SseParser();
		const decoder = new TextDecoder();
		for (;;) {
			const {done, value} = await reader.read().catch(() => {
				throw new ApiError(0, "Network", "the stream broke");
			});
			if (done || this.#abort !== abort)
				return;
			watchdog.feed();
			this.#attempt = 0;
			for (const event of parser.feed(decoder.decode(value, {stream: true}))) {
				this.hooks.onEvent(event);
				if (event.id !== null)
					this.lastId = event.id;
			}
		}
	}
}

class Watchdog {
	constructor(ms, onSilence) {
		this.ms = ms;
		this.onSilence = onSilence;
		this.feed();
	}

	feed() {
		clearTimeout(this.timer);
		this.timer = setTimeout(this.onSilence, this.ms);
	}

	stop() {
		clearTimeout(this.timer);
	}
}
