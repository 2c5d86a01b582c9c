// Sheets: what a card draws its maps from, one pixel a cell.
import { element, paint, pixels } from "../../../core/base.js";

/** @import { Colour } from "../../../core/base.js" */

// all maps of a step, one below the other; bytes, of which 128 is zero, on one scale a step (`stretch` 1) or one for
// all
/**
 * @param {Uint8Array} bytes
 * @param {number} rows
 * @param {number} cols
 * @param {number} stretch
 * @param {(share: number) => Colour} colour
 */
export function sheet(bytes, rows, cols, stretch, colour) {
  const canvas = element("canvas");
  const table = Array.from({ length: 256 }, (_, byte) => colour(((byte - 128) / 127) * stretch));
  paint(canvas, [rows, cols], (at) => table[bytes[at]]);
  return canvas;
}

/** @param {Uint8Array} picture @param {number[]} shape rows, columns, channels */
export function pictureSheet(picture, [rows, cols, channels]) {
  const canvas = element("canvas");
  paint(canvas, [rows, cols], pixels(picture, channels));
  return canvas;
}
