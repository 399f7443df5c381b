// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls to the console by one client. The token lives in a private field of one
 * object: not in storage, not in a cookie, not in an address; it goes with the
 * page, or with close(). Who signs in next has another object.
 *
 * It is sent to this page's own origin only: links of answers are reduced to
 * their path (and CSP's connect-src says the same).
 *
 *   401   the session ended: onUnauthorized; the call fails
 *   429   reading waits as long as asked and tries again; else it fails
 *   5xx, no answer   onUnreachable; the call fails
 */
import {readClaims} from "./token_claims.js";

const TOKEN_PATH = "/quietscan/oauth2/v2.0/token";
const API = "/api";
const RETRY_MAX_S = 60;

export class ApiError extends Error {
	/**
	 * @param {number} status 0 = no answer
	 * @param {string} code Defender's, or "Network"
	 * @param {string} message
	 * @param {string} [target] the request's GUID
	 */
	constructor(status, code, message, target = "") {
		super(message);
		this.name = "ApiError";
		this.status = status;
		this.code = code;
		this.target = target;
		this.retryAfter = 0;
	}
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The error of an answer, whatever its body is. */
async function errorOf(response) {
	let body = null;
	try {
		body = await response.json();
	} catch {
		/* a proxy's page, or nothing */
	}
	const error = body?.error;
	if (typeof error === "string")
		/* OAuth2's own form */
		return new ApiError(response.status, error, body.error_description ?? error);
	const made = new ApiError(
		response.status,
		error?.code ?? `HTTP ${response.status}`,
		error?.message ?? response.statusText,
		error?.target ?? response.headers.get("X-Request-Id") ?? ""
	);
	made.retryAfter = Number(response.headers.get("Retry-After")) || 0;
	return made;
}

export class Api {
	#token = "";
	#end = new AbortController();

	constructor() {
		/** @type {import("./token_claims.js").Claims|null} */
		this.claims = null;
		this.onUnauthorized = () => {};
		this.onUnreachable = () => {};
		this.onReached = () => {};
	}

	/** Whether close() was called. */
	get isClosed() {
		return this.#end.signal.aborted;
	}

	/**
	 * @param {string} clientId
	 * @param {string} secret
	 */
	async signIn(clientId, secret) {
		const form = new URLSearchParams({
			grant_type: "client_credentials",
			client_id: clientId,
			client_secret: secret,
			scope: `${location.origin}/.default`,
		});
		const response = await this.fetch(TOKEN_PATH, {method: "POST", body: form});
		if (!response.ok)
			throw await errorOf(response);
		const answer = await response.json();
		this.#end.signal.throwIfAborted();
		this.#token = answer.access_token;
		this.claims = readClaims(this.#token);
		if (answer.expires_in > 0) /* the two clocks may differ */
			this.claims.expiresMs = Date.now() + answer.expires_in * 1000;
	}

	/** The token is forgotten; what is under way fails, and so does what is called after. */
	close() {
		this.#token = "";
		this.claims = null;
		this.onUnauthorized = this.onUnreachable = this.onReached = () => {};
		this.#end.abort();
	}

	/**
	 * fetch() with what every request has in common.
	 * Credentials are same-origin for the sake of TLS client certificates; there
	 * are no cookies.
	 *
	 * @param {string} path from the root of this origin
	 * @param {RequestInit} [init]
	 * @returns {Promise<Response>}
	 */
	async fetch(path, init = {}) {
		const signals = [this.#end.signal, init.signal].filter(Boolean);
		const headers = new Headers(init.headers);
		if (this.#token)
			headers.set("Authorization", `Bearer ${this.#token}`);
		try {
			return await fetch(path, {
				...init,
				signal: AbortSignal.any(signals),
				headers,
				cache: "no-store",
				credentials: "same-origin",
				redirect: "error",
				referrerPolicy: "no-referrer",
			});
		} catch (error) {
			if (signals.some((signal) => signal.aborted))
				throw error;
			throw new ApiError(0, "Network", "no answer");
		}
	}

	/**
	 * @param {string} method
	 * @param {string} path below /api, with its query
	 * @param {object} [body]
	 * @param {AbortSignal} [signal]
	 * @returns {Promise<any>} the answer's JSON
	 */
	async call(method, path, body, signal) {
		const init = {method, signal, headers: {Accept: "application/json"}};
		if (body !== undefined) {
			init.body = JSON.stringify(body);
			init.headers["Content-Type"] = "application/json";
		}
		for (let attempt = 0; ; attempt++) {
			const error = await this.#attempt(path, init);
			if (!(error instanceof ApiError))
				return error.answer;
			const mayWait =
				error.status === 429 &&
				method === "GET" &&
				attempt < 3 &&
				error.retryAfter <= RETRY_MAX_S;
			if (!mayWait)
				throw error;
			await sleep(1000 * Math.max(1, error.retryAfter));
			this.#end.signal.throwIfAborted();
			signal?.throwIfAborted();
		}
	}

	/** One try: {answer}, or the error it gave. Aborting throws. */
	async #attempt(path, init) {
		let response;
		try {
			response = await this.fetch(API + path, init);
		} catch (error) {
			if (error instanceof ApiError)
				this.onUnreachable(error);
			throw error;
		}
		if (response.ok) {
			this.onReached();
			return {answer: await response.json()};
		}
		const error = await errorOf(response);
		if (response.status === 401)
			this.onUnauthorized();
		else if (response.status >= 502 && response.status <= 504)
			this.onUnreachable(error);
		return error;
	}

	/** @param {string} path @param {AbortSignal} [signal] */
	get(path, signal) {
		return this.call("GET", path, undefined, signal);
	}

	/** @param {string} path @param {object} [body] */
	post(path, body = {}) {
		return this.call("POST", path, body);
	}

	/** @param {string} path @param {object} body */
	patch(path, body) {
		return this.call("PATCH", path, body);
	}

	/**
	 * @param {string} link an @odata.nextLink
	 * @param {AbortSignal} [signal]
	 */
	next(link, signal) {
		const url = new URL(link, location.origin);
		const path = url.pathname.replace(/^\/api(\/v1\.0)?(?=\/)/, "");
		if (path === url.pathname)
			throw new ApiError(0, "BadLink", "the next page is not of this API");
		return this.get(path + url.search, signal);
	}
}
