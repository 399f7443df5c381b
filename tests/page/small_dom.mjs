// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * As much of a document as single modules of the page need; what a browser makes
 * of them is tested in one (e2e console_page).
 */

class SmallNode extends EventTarget {
	constructor(text = "") {
		super();
		this.textContent = text;
	}
}

class SmallElement extends SmallNode {
	constructor(tag) {
		super();
		this.tagName = tag.toUpperCase();
		this.className = "";
		this.classList = {
			add: (...names) => {
				this.className = [this.className, ...names].filter(Boolean).join(" ");
			},
			toggle: () => {},
		};
		this.attributes = {};
		this.dataset = {};
		this.children = [];
		this.parent = null;
		this.hidden = false;
		this.open = false;
		this.value = "";
	}

	get isConnected() {
		return this === document.body || Boolean(this.parent?.isConnected);
	}

	setAttribute(name, value) {
		this.attributes[name] = value;
	}

	getAttribute(name) {
		return this.attributes[name] ?? null;
	}

	append(...nodes) {
		for (const node of nodes) {
			const child = typeof node === "string" ? new SmallNode(node) : node;
			child.remove?.();
			child.parent = this;
			this.children.push(child);
		}
	}

	insertBefore(node, before) {
		node.remove();
		const at = before ? this.children.indexOf(before) : this.children.length;
		node.parent = this;
		this.children.splice(at, 0, node);
	}

	replaceChildren(...nodes) {
		this.children = [];
		this.append(...nodes);
	}

	remove() {
		if (this.parent)
			this.parent.children = this.parent.children.filter((c) => c !== this);
		this.parent = null;
	}

	*all() {
		for (const child of this.children) {
			if (!(child instanceof SmallElement))
				continue;
			yield child;
			yield* child.all();
		}
	}

	contains(node) {
		return node === this || [...this.all()].includes(node);
	}

	/** Of the selectors there are: a tag, and what comes after it is not looked at. */
	querySelector(selector) {
		const tag = /^\w+/.exec(selector)?.[0].toUpperCase();
		return [...this.all()].find((e) => e.tagName === tag) ?? null;
	}

	closest() {
		return null;
	}

	focus() {
		document.activeElement = this;
	}

	click() {
		this.dispatchEvent(new Event("click"));
	}

	showModal() {
		this.open = true;
	}

	/** As the browser does, which tells of it afterwards. */
	close() {
		if (!this.open)
			return;
		this.open = false;
		this.dispatchEvent(new Event("close"));
	}

	/** All text in it. */
	get text() {
		return this.textContent + this.children.map((c) => c.text ?? c.textContent).join("");
	}
}

/** Make this process's document a new one. */
export function newDocument() {
	const body = new SmallElement("body");
	globalThis.Node = SmallNode;
	globalThis.HTMLElement = SmallElement;
	globalThis.document = {
		body,
		activeElement: body,
		createElement: (tag) => new SmallElement(tag),
		querySelector: (selector) => body.querySelector(selector),
	};
}
