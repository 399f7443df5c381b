// SPDX-License-Identifier: GPL-2.0-or-later
/* Modules that make elements: which ones are kept, and what those lead to. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";
import {fillScanBar} from "../../console/page/scan_monitor.js";
import {DataTable} from "../../console/page/data_table.js";
import {h} from "../../console/page/dom.js";
import {Emitter} from "../../console/page/emitter.js";
import {initNotices} from "../../console/page/notices.js";
import {openForm} from "../../console/page/overlay.js";
import {QuarantineActions} from "../../console/page/quarantine_actions.js";
import {newDocument} from "./small_dom.mjs";

beforeEach(newDocument);

test("the buttons of a scan go with it", () => {
	const pressed = [];
	const actions = {
		buttonsFor: (scan) => [
			h("button", {onclick: () => pressed.push(scan.id)}, "Pause"),
		],
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

const ITEM = {id: "82ff", path: "/srv/a.zip"};
const OFFERED = ["Restore…", "Delete…"];

/** Actions before an API that answers when answer() is called, with what it was asked. */
function quarantineActions(roles) {
	const made = {live: new Emitter(), asked: []};
	initNotices(document.body);
	made.actions = new QuarantineActions(
		{
			claims: {roles},
			post: (path, body) => {
				made.asked.push([path, body.Comment]);
				return new Promise((resolve, reject) =>
					Object.assign(made, {resolve, reject})
				);
			},
		},
		made.live
	);
	made.offered = () => made.actions.controlsFor(ITEM).map((e) => e.text);
	made.notes = () => {
		/* Whoever reads them: they do not go by themselves, and nobody waits for that. */
		for (const element of document.body.all())
			element.dispatchEvent(new Event("focusin"));
		return document.body.text;
	};
	made.submit = (number, comment) => {
		made.actions.controlsFor(ITEM)[number].click();
		const form = document.body.querySelector("form");
		form.querySelector("textarea").value = comment;
		form.dispatchEvent(new Event("submit"));
		return form;
	};
	return made;
}

const soon = () => new Promise((resolve) => setImmediate(resolve));
const event = (actionType, more) => ({actionType, quarantineId: "82ff", sequence: 7, ...more});

test("without its role nothing is offered for a file in quarantine", () => {
	const [hint, ...more] = quarantineActions(["Machine.Scan"]).offered();
	assert.match(hint, /Machine.StopAndQuarantine/);
	assert.deepEqual(more, []);
});

test("what was asked of a file in quarantine is offered again when it has failed", async () => {
	const made = quarantineActions(["Machine.StopAndQuarantine"]);
	assert.deepEqual(made.offered(), OFFERED);
	made.submit(0, "  ");
	assert.deepEqual(made.asked, []); /* blanks are no comment */
	document.body.querySelector("dialog").close();
	made.submit(0, " ours ");
	assert.deepEqual(made.asked, [["/quarantine/82ff/restore", "ours"]]);
	made.resolve({id: "82ff", outcome: "Accepted"});
	await soon();
	assert.deepEqual(made.offered(), ["It is being restored."]);
	made.live.emit("event", event("QuarantineItemRestored", {quarantineId: "another"}));
	assert.deepEqual(made.offered(), ["It is being restored."]);
	made.live.emit("event", event("QuarantineItemRestoreFailed", {outcome: "TargetExists"}));
	assert.deepEqual(made.offered(), OFFERED);
	assert.match(made.notes(), /not restored from quarantine: TargetExists/);
	const form = made.submit(1, "enough");
	assert.deepEqual(made.asked[1], ["/quarantine/82ff/delete", "enough"]);
	made.reject(Object.assign(new Error("no"), {status: 404, code: "ResourceNotFound"}));
	await soon();
	assert.deepEqual(made.offered(), OFFERED);
	assert.match(form.text, /ResourceNotFound/);
	assert.doesNotMatch(made.notes(), /Deletion requested/);
});

test("the end of what was asked may come before the answer, or never", async () => {
	const made = quarantineActions(["Machine.StopAndQuarantine"]);
	made.submit(1, "enough");
	made.live.emit("event", event("QuarantineItemDeleted"));
	made.resolve({id: "82ff", outcome: "Accepted"});
	await soon();
	assert.match(made.notes(), /deleted/);
	assert.doesNotMatch(made.notes(), /requested/);
	assert.deepEqual(made.offered(), OFFERED);
	made.submit(0, "ours");
	made.resolve({id: "82ff", outcome: "Accepted"});
	await soon();
	made.live.emit("resync"); /* the service was away */
	assert.deepEqual(made.offered(), OFFERED);
	assert.match(made.notes(), /Restore requested/);
});
