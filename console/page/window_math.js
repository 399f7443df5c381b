// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which rows of a long list are on the screen. All rows are of one height, so
 * that any place is found without having seen those before it.
 *
 * Browsers cut elements at some 33 million pixels. A list that would be taller
 * is scrolled in proportion instead: the bar's place gives the row.
 *
 * Pure.
 */

/** Tallest list in pixels that is laid out one to one. */
export const MAX_HEIGHT = 16_000_000;

/** Rows beyond the edges, so that a slow frame shows no white. */
const MARGIN = 8;

/**
 * @typedef {object} ListWindow
 * @property {number} height px of the whole list as laid out
 * @property {number} first index of the first row to draw
 * @property {number} end index after the last row to draw
 * @property {number} firstVisible index of the row at the upper edge
 * @property {number} offset px from the top of the list to row `first`
 */

/**
 * @param {{total: number, rowHeight: number, viewHeight: number, scrollTop: number}} at
 * @returns {ListWindow}
 */
export function listWindow({total, rowHeight, viewHeight, scrollTop}) {
	const full = total * rowHeight;
	const height = Math.min(full, MAX_HEIGHT);
	const room = Math.max(0, height - viewHeight);
	const top = Math.min(Math.max(0, scrollTop), room);
	/* Pixels of the list as it would be without the limit. */
	const virtualTop = room > 0 ? top * (Math.max(0, full - viewHeight) / room) : 0;
	const firstVisible = Math.min(Math.floor(virtualTop / rowHeight), Math.max(0, total - 1));
	const first = Math.max(0, firstVisible - MARGIN);
	const end = Math.min(total, Math.ceil((virtualTop + viewHeight) / rowHeight) + MARGIN);
	return {height, first, end, firstVisible, offset: top - (virtualTop - first * rowHeight)};
}

/**
 * Where to scroll so that a row is in view; the present place if it is.
 *
 * @param {number} index
 * @param {{total: number, rowHeight: number, viewHeight: number, scrollTop: number}} at
 * @returns {number} scrollTop
 */
export function scrollTopFor(index, at) {
	const full = at.total * at.rowHeight;
	const room = Math.max(0, Math.min(full, MAX_HEIGHT) - at.viewHeight);
	const virtualRoom = Math.max(0, full - at.viewHeight);
	if (room === 0)
		return 0;
	const scale = virtualRoom / room;
	const top = at.scrollTop * scale;
	let wanted = top;
	if (index * at.rowHeight < top)
		wanted = index * at.rowHeight;
	else if ((index + 1) * at.rowHeight > top + at.viewHeight)
		wanted = (index + 1) * at.rowHeight - at.viewHeight;
	return Math.min(Math.max(0, wanted), virtualRoom) / scale;
}

/**
 * Blocks of a list that have to be there to draw rows first to end.
 *
 * @param {number} first
 * @param {number} end
 * @param {number} blockSize
 * @returns {number[]} block numbers
 */
export function blocksOf(first, end, blockSize) {
	const blocks = [];
	for (let block = Math.floor(first / blockSize); block * blockSize < end; block++)
		blocks.push(block);
	return blocks;
}
