// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signing in with a client's id and secret. The secret goes into one request and
 * is not kept; the token it gives is kept by api.js alone.
 */
import {h, newId} from "./dom.js";
import {openForm} from "./overlay.js";
import {explain} from "./parts.js";

/** Sentences for what the token endpoint says. */
function explainSignIn(error) {
	if (error.code === "invalid_client" || error.status === 401 || error.status === 400)
		return "Client ID or secret is wrong, or the client was revoked.";
	return explain(error);
}

function field(label, attributes) {
	const id = newId("login");
	const input = /** @type {HTMLInputElement} */ (
		h("input", {
			id,
			required: true,
			spellcheck: "false",
			autocapitalize: "none",
			...attributes,
		})
	);
	return {input, element: h("div.field", h("label", {for: id}, label), input)};
}

const clientField = () => field("Client ID", {type: "text", autocomplete: "username"});
const secretField = () =>
	field("Client secret", {type: "password", autocomplete: "current-password"});

/**
 * The page before anybody has signed in.
 *
 * @param {import("./api.js").Api} api
 * @param {() => void} onSignedIn
 * @returns {HTMLElement}
 */
export function loginView(api, onSignedIn) {
	const client = clientField();
	const secret = secretField();
	const problem = h("p.notice.bad", {role: "alert", hidden: true});
	const submit = /** @type {HTMLButtonElement} */ (
		h("button.primary", {type: "submit"}, "Sign in")
	);
	const form = h(
		"form.login-form",
		{novalidate: true},
		client.element,
		secret.element,
		problem,
		submit
	);
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		const values = [client.input.value.trim(), secret.input.value];
		if (values.includes(""))
			return void (values[0] === "" ? client : secret).input.focus();
		submit.disabled = true;
		problem.hidden = true;
		try {
			await api.signIn(values[0], values[1]);
			onSignedIn();
		} catch (error) {
			problem.textContent = explainSignIn(error);
			problem.hidden = false;
			secret.input.select();
		}
		submit.disabled = false;
	});
	return h(
		"div.login",
		h("h1", {tabindex: "-1"}, "Sign in to quietscan"),
		form,
		h(
			"p.hint",
			"A client is made with “quietscan-console client add”. You are signed out when this page is closed or reloaded."
		)
	);
}

/**
 * A token lives for an hour. What is on the screen stays until somebody has signed in.
 *
 * @param {import("./api.js").Api} api
 * @param {() => void} onSignedIn
 * @param {() => void} onSignOut
 */
export function openSignInAgain(api, onSignedIn, onSignOut) {
	const client = clientField();
	const secret = secretField();
	openForm({
		title: "Session ended",
		confirm: "Sign in",
		isFixed: true,
		onBack: onSignOut,
		fields: [
			h("p", "Sign in again to go on where you are."),
			client.element,
			secret.element,
		],
		isReady: () => client.input.value.trim() !== "" && secret.input.value !== "",
		onConfirm: async () => {
			await api.signIn(client.input.value.trim(), secret.input.value);
			onSignedIn();
		},
		explain: explainSignIn,
	});
}
