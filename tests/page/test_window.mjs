// SPDX-License-Identifier: GPL-2.0-or-later
/* The windowed list: which rows are drawn where, and which events are fetched for them. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {BLOCK, FilteredSource, SequenceSource} from "../../console/page/timeline_source.js";
import {blocksOf, listWindow, MAX_HEIGHT, scrollTopFor} from "../../console/page/window_math.js";

const view = (total, scrollTop) => ({total, rowHeight: 30, viewHeight: 600, scrollTop});

test("the window covers the view and little more", () => {
	for (const total of [0, 1, 19, 20, 21, 50000, 3_000_000]) {
		const height = Math.min(total * 30, MAX_HEIGHT);
		for (let step = 0; step <= 50; step++) {
			const at = view(total, (Math.max(0, height - 600) * step) / 50);
			const {first, end, firstVisible, offset, height: made} = listWindow(at);
			assert.equal(made, height);
			assert.ok(
				first >= 0 && end <= total && end - first <= 38,
				`${total} at ${at.scrollTop}`
			);
			if (total === 0)
				continue;
			/* Pixels, relative to the view's upper edge. */
			const upper = offset - at.scrollTop;
			const lower = upper + (end - first) * 30;
			assert.ok(
				first === 0
					? upper <= 0.01 + Math.max(0, 600 - total * 30)
					: upper <= 0,
				`upper edge ${upper}`
			);
			assert.ok(
				end === total
					? lower >= Math.min(600, total * 30) - 0.01
					: lower >= 600,
				`lower edge ${lower}`
			);
			assert.ok(firstVisible >= first && firstVisible < end);
		}
	}
});

test("first and last row are reached, however long the list", () => {
	for (const total of [30, 50000, 5_000_000]) {
		const end = scrollTopFor(total - 1, view(total, 0));
		assert.equal(listWindow(view(total, end)).end, total);
		assert.equal(scrollTopFor(0, view(total, end)), 0);
	}
});

test("a row that is in view moves nothing", () => {
	assert.equal(scrollTopFor(105, view(50000, 3000)), 3000);
	assert.equal(scrollTopFor(99, view(50000, 3000)), 2970);
	assert.equal(scrollTopFor(120, view(50000, 3000)), 3030);
});

test("blocks of a window", () => {
	assert.deepEqual(blocksOf(0, 10, 250), [0]);
	assert.deepEqual(blocksOf(240, 510, 250), [0, 1, 2]);
	assert.deepEqual(blocksOf(250, 250, 250), []);
});

/* A log of n events whose pages are shorter than asked for, as with long names. */
function log(n, pageMax = 1000) {
	const asked = [];
	return {
		asked,
		fetch: async (after, limit) => {
			asked.push([after, limit]);
			const events = [];
			for (
				let s = after + 1;
				s <= n && events.length < Math.min(limit, pageMax);
				s++
			)
				events.push({sequence: s});
			return events;
		},
	};
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

test("any row of 50,000 is fetched by its block alone", async () => {
	const {asked, fetch} = log(50000);
	const source = new SequenceSource(50000, fetch, () => {});
	source.need(0, 20);
	source.need(0, 20);
	source.need(25000, 25020);
	source.need(49980, 50000);
	await settle();
	assert.equal(asked.length, 3);
	assert.equal(source.get(0).sequence, 50000);
	assert.equal(source.get(25019).sequence, 24981);
	assert.equal(source.get(49999).sequence, 1);
	assert.equal(source.get(10000), undefined);
});

test("short pages are gone on with until the block is whole", async () => {
	const {asked, fetch} = log(600, 40);
	const source = new SequenceSource(600, fetch, () => {});
	source.need(100, 200);
	await settle();
	for (let row = 100; row < 200; row++)
		assert.equal(source.get(row)?.sequence, 600 - row);
	assert.equal(asked.length, Math.ceil(BLOCK / 40));
});

test("new events move rows down and leave no hole", async () => {
	const {fetch} = log(1005);
	const source = new SequenceSource(1000, fetch, () => {});
	source.need(0, 10);
	await settle();
	assert.equal(source.push({sequence: 1001}), true);
	assert.equal(source.push({sequence: 1001}), false);
	assert.equal(source.push({sequence: 1005}), true); /* 1002 to 1004 were not heard */
	assert.equal(source.total, 1005);
	assert.equal(source.get(2), undefined);
	source.need(0, 10);
	await settle();
	for (let row = 0; row < 10; row++)
		assert.equal(source.get(row).sequence, 1005 - row);
});

test("a failing server is not asked again at once", async () => {
	let calls = 0;
	const errors = [];
	const source = new SequenceSource(
		100,
		async () => {
			calls++;
			throw new Error("down");
		},
		(error) => {
			errors.push(error?.message);
			source.need(0, 10);
		}
	);
	source.need(0, 10);
	await settle();
	assert.equal(calls, 1);
	assert.deepEqual(errors, ["down"]);
});

test("a filtered list grows by pages and by what comes", async () => {
	const pages = {
		start: {value: [{sequence: 9}, {sequence: 7}], "@odata.nextLink": "more"},
		more: {value: [{sequence: 7}, {sequence: 3}]},
	};
	const source = new FilteredSource(
		async (link) => pages[link ?? "start"],
		(e) => e.sequence % 2 === 1,
		() => {}
	);
	source.need(0, 1);
	await settle();
	assert.deepEqual([source.total, source.isWhole], [2, false]);
	source.need(0, 2);
	await settle();
	assert.deepEqual(
		[0, 1, 2].map((row) => source.get(row).sequence),
		[9, 7, 3]
	);
	assert.equal(source.isWhole, true);
	assert.equal(source.push({sequence: 10}), false);
	assert.equal(source.push({sequence: 11}), true);
	assert.equal(source.push({sequence: 11}), false);
	assert.equal(source.get(0).sequence, 11);
});
