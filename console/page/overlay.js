// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dialogs and fly-outs: both are <dialog>, modal, so that the browser itself
 * keeps the focus inside, closes them on Escape and gives the focus back.
 */
import {h, newId, setChildren, setText} from "./dom.js";
import {button, explain} from "./parts.js";

/**
 * @typedef {object} Overlay
 * @property {HTMLDialogElement} element
 * @property {HTMLElement} body
 * @property {HTMLElement} heading
 * @property {() => void} close
 */

/** What had the focus may be gone (a list was drawn anew): the heading of what is left is not. */
function restoreFocus(before) {
	if (before instanceof HTMLElement && before.isConnected && before !== document.body)
		before.focus();
	else if (!document.activeElement?.closest("dialog[open]"))
		(
			document.querySelector("dialog[open] h2") ?? document.querySelector("main h1")
		)?.focus();
}

/** @param {() => boolean} [mayClose] false: it is shown again, whatever closed it */
function open(className, title, body, onClose, mayClose = () => true) {
	const id = newId("title");
	const before = document.activeElement;
	const heading = h("h2", {id, tabindex: "-1"}, title);
	const closer = button("✕", {class: "icon", "aria-label": "Close"});
	const element = /** @type {HTMLDialogElement} */ (
		h(
			"dialog",
			{class: className, "aria-labelledby": id},
			h("header", heading, closer),
			body
		)
	);
	const overlay = {element, body, heading, close: () => element.close()};
	closer.addEventListener("click", overlay.close);
	element.addEventListener("mousedown", (event) => {
		if (event.target === element && className === "flyout")
			/* its backdrop */
			overlay.close();
	});
	element.addEventListener("close", () => {
		if (!mayClose())
			return element.showModal();
		element.remove();
		onClose?.();
		restoreFocus(before);
	});
	document.body.append(element);
	element.showModal();
	return overlay;
}

/** Close all, but for a form that is fixed: it closes itself. */
export function closeOverlays() {
	document.querySelectorAll("dialog:not(.fixed)").forEach((dialog) => {
		dialog.close();
		dialog.remove(); /* now: its close event comes later */
	});
}

/**
 * A panel at the right edge.
 *
 * @param {string} title
 * @param {() => void} onClose
 * @returns {Overlay}
 */
export function openFlyout(title, onClose) {
	const overlay = open("flyout", title, h("div.flyout-body"), onClose);
	overlay.heading.focus();
	return overlay;
}

/**
 * New content in a part of a panel; the focus, if it was in the old one, goes to the heading.
 *
 * @param {Overlay} panel
 * @param {Element} part
 * @param {...(import("./dom.js").Child|import("./dom.js").Child[])} children
 */
export function refill(panel, part, ...children) {
	const hadFocus = part.contains(document.activeElement);
	setChildren(part, ...children);
	if (hadFocus)
		panel.heading.focus();
}

/** Sending a form: its button, Enter in a field of one line, Ctrl+Enter anywhere. */
function onSubmit(form, submit) {
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		submit();
	});
	form.addEventListener("keydown", (event) => {
		if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
			submit();
	});
}

function confirmButton({isDanger, confirm}) {
	return /** @type {HTMLButtonElement} */ (
		h(
			"button",
			{type: "submit", class: isDanger ? "danger" : "primary", disabled: true},
			confirm
		)
	);
}

/**
 * A form in a dialog: Confirm works when isReady() says so.
 *
 * @param {object} options
 * @param {string} options.title
 * @param {import("./dom.js").Child[]} options.fields
 * @param {string} options.confirm the button's text
 * @param {boolean} [options.isDanger]
 * @param {boolean} [options.isFixed] it cannot be closed but by signing out
 * @param {() => void} [options.onBack] it was closed by its own button
 * @param {() => boolean} options.isReady
 * @param {() => Promise<void>} options.onConfirm rejects with what is to be shown; else it closes
 * @param {(error: any) => import("./dom.js").Child} [options.explain]
 * @returns {Overlay & {refresh: () => void}}
 */
export function openForm(options) {
	const problem = h("p.notice.bad", {role: "alert", hidden: true});
	const confirm = confirmButton(options);
	const cancel = button(options.isFixed ? "Sign out" : "Back");
	const form = h(
		"form",
		{novalidate: true},
		options.fields,
		problem,
		h("footer", cancel, confirm)
	);
	let isOver = !options.isFixed;
	const overlay = open(
		options.isFixed ? "form-dialog fixed" : "form-dialog",
		options.title,
		form,
		undefined,
		() => isOver
	);
	let isBusy = false;
	const refresh = () => {
		confirm.disabled = isBusy || !options.isReady();
	};
	const submit = async () => {
		if (isBusy || !options.isReady())
			return;
		isBusy = true;
		refresh();
		problem.hidden = true;
		try {
			await options.onConfirm();
			isOver = true;
			overlay.close();
		} catch (error) {
			problem.replaceChildren(options.explain?.(error) ?? explain(error));
			problem.hidden = false;
		}
		isBusy = false;
		refresh();
	};
	form.addEventListener("input", refresh);
	onSubmit(form, submit);
	cancel.addEventListener("click", () => {
		isOver = true;
		overlay.close();
		options.onBack?.();
	});
	/* A second Escape closes it all the same: browsers ask once. */
	if (options.isFixed)
		overlay.element.addEventListener("cancel", (event) => event.preventDefault());
	refresh();
	form.querySelector("input:checked, input, textarea, select")?.focus();
	return {...overlay, refresh};
}

/** Bytes a comment may have. */
const COMMENT_MAX = 4000;

/**
 * A comment's field: label, text, and how much room is left.
 *
 * @param {string} label
 * @param {boolean} isRequired
 * @returns {{element: HTMLElement, input: HTMLTextAreaElement, text: () => string,
 *   isGood: () => boolean}}
 */
export function commentField(label, isRequired) {
	const id = newId("comment");
	const input = /** @type {HTMLTextAreaElement} */ (
		h("textarea", {
			id,
			rows: "3",
			"aria-describedby": `${id}-hint`,
			"aria-required": String(isRequired),
		})
	);
	const hint = h("span.hint", {id: `${id}-hint`});
	const size = () => new TextEncoder().encode(input.value).length;
	const text = () => input.value.trim();
	const advise = () => {
		const over = size() - COMMENT_MAX;
		setText(
			hint,
			over > 0
				? `${over} bytes too long.`
				: isRequired && text() === ""
					? "Required. It is recorded with your name."
					: "Recorded with your name."
		);
	};
	input.addEventListener("input", advise);
	advise();
	return {
		element: h("div.field", h("label", {for: id}, label), input, hint),
		input,
		text,
		isGood: () => size() <= COMMENT_MAX && (!isRequired || text() !== ""),
	};
}
