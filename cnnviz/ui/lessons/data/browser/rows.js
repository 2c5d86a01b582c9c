// Where the images of a wall stand: rows of tiles, each with the name of its class below it.

export const GAP = 6;
export const LABEL = 16; // pixels of the line below a tile
const MIN_TILE = 26; // pixels of the page; smaller ones are enlarged a whole number of times
const LARGE = 32; // pixels of an image's own; larger ones are made smaller

/** @typedef {{ tile: [height: number, width: number], columns: number, rows: number, row: number, step: number }} Grid
 *   pixels of a tile and of a row with what is below it, and the pixels from one tile to the next */

/**
 * @param {number} count of images
 * @param {readonly [height: number, width: number]} size of one, in its own pixels
 * @param {number} scale how many pixels of the page each of these takes
 * @param {number} width of the wall in pixels
 * @returns {Grid}
 */
export function grid(count, size, scale, width) {
  const longest = Math.max(...size);
  const wanted = scale * Math.min(1, LARGE / longest);
  const factor = longest * wanted < MIN_TILE ? Math.ceil(MIN_TILE / longest) : wanted;
  const tile = /** @type {[number, number]} */ (size.map((side) => Math.max(1, Math.round(side * factor))));
  const columns = Math.max(1, Math.floor((width - GAP) / (tile[1] + GAP)));
  const step = Math.max(tile[1] + GAP, Math.floor((width - GAP) / columns)); // what is left over goes between them
  return { tile, columns, rows: Math.ceil(count / columns), row: tile[0] + LABEL + GAP, step };
}

/**
 * The rows that are in sight, or nearly: first and last.
 * @param {Grid} one
 * @param {number} top pixels that are scrolled away
 * @param {number} height of what is in sight
 * @returns {[first: number, last: number]}
 */
export function inSight(one, top, height, beyond = 2) {
  const first = Math.max(0, Math.floor((top - GAP) / one.row) - beyond);
  return [first, Math.min(one.rows - 1, Math.floor((top + height) / one.row) + beyond)];
}

/** The place in the order at a point of the wall; -1 where no image is. @param {Grid} one @param {number} count
 * @param {number} x @param {number} y */
export function placeAt(one, count, x, y) {
  const [row, column] = [Math.floor((y - GAP) / one.row), Math.floor((x - GAP) / one.step)];
  const inside = x >= GAP && y >= GAP && column < one.columns && (x - GAP) % one.step < one.tile[1];
  const place = row * one.columns + column;
  return inside && place < count ? place : -1;
}

/** Where a place of the order stands: its left upper corner. @param {Grid} one @param {number} place
 * @returns {[x: number, y: number]} */
export const cornerOf = (one, place) => [
  GAP + (place % one.columns) * one.step,
  GAP + Math.floor(place / one.columns) * one.row,
];

/** @type {Record<string, (one: Grid, page: number) => number>} by how many places a key moves on */
export const MOVES = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: ({ columns }) => -columns,
  ArrowDown: ({ columns }) => columns,
  PageUp: ({ columns }, page) => -columns * page,
  PageDown: ({ columns }, page) => columns * page,
  Home: () => -Infinity,
  End: () => Infinity,
};
