// SPDX-License-Identifier: GPL-2.0-or-later
/* Modules that make elements: which ones are kept, and what those lead to. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";
import {fillScanBar} from "../../console/page/scan_monitor.js";
import {DataTable} from "../../console/page/data_table.js";
import {h} from "../../console/page/dom.js";
import {openForm} from "../../console/page/overlay.js";
import {newDocument} from "./small_dom.mjs";

beforeEach(newDocument);

test("the buttons of a scan go with it", () => {
	const pressed = [];
	const actions = {
		buttonsFor: (scan) => [h("button", {onclick: () => pressed.push(scan.id)}, "Pause")],
	};
	const bar = h("div", {hidden: true, dataset: {state: ""}});
	const press = () => bar.querySelector("button").click();
	fillScanBar(bar, {id: "a", status: "InProgress"}, actions);
	const kept = bar.querySelector("button");
	fillScanBar(bar, {id: "a", status: "InProgress"}, actions);
	assert.equal(bar.querySelector("button"), kept);
	press();
	kept.focus();
	fillScanBar(bar, {id: "b", status: "InProgress"}, actions);
	press();
	assert.deepEqual(pressed, ["a", "b"]);
	assert.equal(document.activeElement, kept); /* the next one is not pressed by mistake */
	fillScanBar(bar, null, actions);
	assert.equal(bar.querySelector("button"), null);
	assert.equal(bar.hidden, true);
	fillScanBar(bar, {id: "b", status: "InProgress"}, actions);
	assert.equal(bar.hidden, false);
	fillScanBar(bar, {id: "b", status: "Succeeded"}, actions);
	assert.equal(bar.hidden, true);
});

test("a fixed dialog stays until it is confirmed or left by its own button", async () => {
	for (const isFixed of [true, false]) {
		newDocument();
		const form = openForm({
			title: "t",
			confirm: "c",
			isFixed,
			fields: [],
			isReady: () => true,
			onConfirm: async () => {},
		});
		form.element.close(); /* Escape, twice */
		assert.equal(form.element.open, isFixed);
		assert.equal(form.element.isConnected, isFixed);
		if (isFixed)
			form.element.querySelector("form").dispatchEvent(new Event("submit"));
		await Promise.resolve();
		await Promise.resolve();
		assert.equal(form.element.isConnected, false);
	}
});

test("a row that is kept leads where the list is now", () => {
	let query = "?a";
	const table = new DataTable({
		caption: "c",
		columns: [{key: "id", label: "ID", cell: (row) => row.id}],
		empty: "none",
		href: (row) => `#/x/${row.id}${query}`,
	});
	table.setRows([{id: "1"}]);
	const link = table.body.querySelector("a");
	query = "?b";
	table.setRows([{id: "1"}]);
	assert.equal(table.body.querySelector("a"), link);
	assert.equal(link.getAttribute("href"), "#/x/1?b");
});
