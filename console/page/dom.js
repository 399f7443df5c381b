// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The only way this page makes elements. Text becomes text nodes, never markup;
 * no attribute can carry script or style, and links stay on this page. Whatever
 * a file, a comment or a threat is called, it is shown and does nothing.
 */

const SVG = "http://www.w3.org/2000/svg";

/** Properties that are set on the object, since the attribute is only their default. */
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "indeterminate"]);

/**
 * @typedef {Node|string|number|null|undefined|false} Child
 * @typedef {Record<string, any>} Attributes "class", "onclick" (functions only), "dataset", others
 */

/** @param {Element} element @param {string} name @param {any} value */
function setAttribute(element, name, value) {
	if (value === undefined || value === null)
		return;
	if (name.startsWith("on")) {
		if (typeof value !== "function")
			throw new TypeError(`${name}: a function is expected`);
		element.addEventListener(name.slice(2), value);
	} else if (name === "dataset") {
		Object.assign(element.dataset, value);
	} else if (PROPERTIES.has(name)) {
		element[name] = value;
	} else if (name === "style" || name === "srcdoc" || name === "innerHTML") {
		throw new TypeError(`${name} is not to be used`);
	} else if (name === "href" && !String(value).startsWith("#")) {
		throw new TypeError("links stay on this page");
	} else if (value !== false) {
		element.setAttribute(name, value === true ? "" : String(value));
	}
}

/** @param {Element} element @param {Child[]} children */
function append(element, children) {
	for (const child of children.flat(3)) {
		if (child !== null && child !== undefined && child !== false)
			element.append(child instanceof Node ? child : String(child));
	}
}

/**
 * Make an element.
 *
 * @param {string} tag "button", or "button.primary.wide"
 * @param {Attributes|Child} [attributes] may be left out
 * @param {...(Child|Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes, ...children) {
	const [name, ...classes] = tag.split(".");
	const element = document.createElement(name);
	if (classes.length > 0)
		element.className = classes.join(" ");
	fill(element, attributes, children);
	return element;
}

/**
 * Make an element of a drawing.
 *
 * @param {string} name
 * @param {Attributes|Child} [attributes]
 * @param {...(Child|Child[])} children
 * @returns {SVGElement}
 */
export function svg(name, attributes, ...children) {
	const element = document.createElementNS(SVG, name);
	fill(element, attributes, children);
	return element;
}

function fill(element, attributes, children) {
	const isPlain =
		attributes &&
		typeof attributes === "object" &&
		!(attributes instanceof Node) &&
		!Array.isArray(attributes);
	if (isPlain) {
		for (const [key, value] of Object.entries(attributes)) {
			if (key === "class" && value)
				element.classList.add(...String(value).split(" ").filter(Boolean));
			else if (key !== "class")
				setAttribute(element, key, value);
		}
		append(element, children);
	} else {
		append(element, [attributes, ...children]);
	}
}

/**
 * Replace all children.
 *
 * @param {Element} element
 * @param {...(Child|Child[])} children
 */
export function setChildren(element, ...children) {
	element.replaceChildren();
	append(element, children);
}

/**
 * Set text only if it is another: assistive technology hears changes alone.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
	if (element.textContent !== text)
		element.textContent = text;
}

let lastId = 0;

/**
 * @param {string} prefix
 * @returns {string} an id nobody else has
 */
export function newId(prefix) {
	lastId++;
	return `${prefix}-${lastId}`;
}
