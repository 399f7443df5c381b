// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The page's sources: they parse, they are small, they have no way to turn data
 * into markup or code, and they load nothing from elsewhere.
 */
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {readdirSync, readFileSync} from "node:fs";
import {test} from "node:test";
import {fileURLToPath} from "node:url";

const FOLDER = new URL("../../console/page/", import.meta.url);
const FILE_MAX = 350;
const FUNCTION_MAX = 60;
const names = readdirSync(FOLDER);
const scripts = names.filter((name) => name.endsWith(".js"));
const source = (name) => readFileSync(new URL(name, FOLDER), "utf8");

/** Functions and methods as the house style writes them: the closing brace is as far in as the first line. */
function functions(lines) {
	const found = [];
	lines.forEach((line, i) => {
		const start =
			/^(\t*)(?:export )?(?:static )?(?:async )?(?:get |set )?(?:function \w+|[#\w]+)\(.*\{$/.exec(
				line
			);
		if (!start || /^\t*(if|for|while|switch|catch)\b/.test(line))
			return;
		const end = lines.findIndex(
			(other, j) => j > i && other.startsWith(start[1] + "}")
		);
		found.push({name: line.trim(), length: end - i + 1});
	});
	return found;
}

test("the page is here", () => assert.ok(scripts.length > 20 && names.includes("index.html")));

for (const name of scripts) {
	const text = source(name);
	const lines = text.split("\n");

	test(`${name} parses`, () => {
		const run = spawnSync(process.execPath, [
			"--check",
			fileURLToPath(new URL(name, FOLDER)),
		]);
		assert.equal(run.status, 0, String(run.stderr));
	});

	test(`${name} is small and says what it is`, () => {
		assert.ok(lines.length <= FILE_MAX + 1, `${lines.length} lines`);
		assert.equal(lines[0], "// SPDX-License-Identifier: GPL-2.0-or-later");
		assert.equal(lines[1], "/*");
		for (const {name: which, length} of functions(lines))
			assert.ok(length <= FUNCTION_MAX, `${which}: ${length} lines`);
	});

	test(`${name} makes neither markup nor code of data`, () => {
		const has = (pattern) =>
			pattern.exec(text.replace(/name === "innerHTML"/, ""))?.[0];
		assert.equal(
			has(
				/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|setHTML|createContextualFragment|cssText/
			),
			undefined
		);
		assert.equal(
			has(/\bimport\((?!"\.\/)|sessionStorage|document\.cookie|indexedDB/),
			undefined
		);
		for (const [, from] of text.matchAll(/^(?:import|export|\}).* from "([^"]+)";$/gm))
			assert.ok(
				/^\.\/[a-z_]+\.js$/.test(from) && names.includes(from.slice(2)),
				from
			);
	});

	test(`${name} says what its exported functions take`, () => {
		lines.forEach((line, i) => {
			if (/^export (async )?function/.test(line))
				assert.match(lines[i - 1], /\*\/$/, line);
		});
	});
}

test("the document has no script or style of its own and nothing from elsewhere", () => {
	const html = source("index.html");
	assert.doesNotMatch(html, /<style|style=|\son\w+=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
	for (const [, inner] of html.matchAll(/<script[^>]*>([^]*?)<\/script>/g))
		assert.equal(inner, "");
	for (const name of names.filter((n) => n.endsWith(".css")))
		assert.doesNotMatch(source(name), /@import|url\(/);
});
