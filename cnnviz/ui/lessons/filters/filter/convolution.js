// The stages of a filtered picture, number by number as Python computes them.
//
// They agree to the bit. Every sum is taken in double precision and in one order (Python's `correlate` and `pooled` add
// shifted pictures, position by position in reading order), each product and each addition is rounded by itself in
// NumPy as in JavaScript, and only what comes out is rounded to float32. A weight of 0 is left out here: what it would
// add is a zero, and no sum is a negative one, which that could change.

import { axisOf } from "./axis.js";

/** @import { Axis, Padding } from "./axis.js" */
/** @import { Size } from "./chain.js" */

/** @typedef {{ rows: number, cols: number, values: (number | null)[] }} Grid */
/** @typedef {{ size: Size, pixels: Uint8Array }} Picture */

/**
 * @typedef {object} Settings
 * @property {number} stride
 * @property {Padding} padding
 * @property {boolean} relu
 * @property {"none" | "max" | "average"} pool
 * @property {number} window of the pooling
 * @property {"automatic" | "signed" | "grey"} colours
 */

/**
 * @typedef {object} Stages by the names that Python gives their hashes
 * @property {Int32Array} rows taps
 * @property {Int32Array} cols
 * @property {Float32Array} convolved
 * @property {Float32Array} [rectified]
 * @property {Float32Array} [pooled]
 */

/** @typedef {{ signed: boolean, scale: [low: number, high: number] }} Look how values become colours */

/**
 * @param {Picture} picture
 * @param {Settings} settings
 * @param {Grid} kernel
 * @param {number} bias
 * @returns {Stages & Look & { ring: Size }}
 */
export function filtered(picture, settings, kernel, bias) {
  const rows = axisOf(picture.size[0], kernel.rows, settings.stride, settings.padding);
  const cols = axisOf(picture.size[1], kernel.cols, settings.stride, settings.padding);
  const sums = convolve(picture, kernel, bias, rows, cols);
  const kept = settings.relu ? sums.map((value) => Math.max(0, value)) : sums;
  /** @type {Stages} */
  const stages = { rows: rows.taps, cols: cols.taps, convolved: new Float32Array(sums) };
  if (settings.relu) stages.rectified = new Float32Array(kept);
  if (settings.pool !== "none") stages.pooled = pool(kept, [rows.outputs, cols.outputs], settings);
  return { ...stages, ...lookOf(sums, kernel, settings), ring: [rows.before, cols.before] };
}

/** @param {Picture} picture @param {Grid} kernel @param {number} bias @param {Axis} rows @param {Axis} cols */
function convolve({ size: [height, width], pixels }, kernel, bias, rows, cols) {
  const across = width + 1; // the last column is the zero that padding reads
  const cells = new Float64Array(height * across);
  for (let r = 0; r < height; r++) cells.set(pixels.subarray(r * width, (r + 1) * width), r * across);
  const columns = Array.from({ length: kernel.cols }, (_, b) =>
    Int32Array.from({ length: cols.outputs }, (_, j) => {
      const col = cols.taps[j * kernel.cols + b];
      return col < 0 ? width : col;
    }),
  );
  const sums = new Float64Array(rows.outputs * cols.outputs);
  for (let i = 0; i < rows.outputs; i++) {
    const line = sums.subarray(i * cols.outputs, (i + 1) * cols.outputs);
    for (let a = 0; a < kernel.rows; a++) {
      const row = rows.taps[i * kernel.rows + a];
      if (row < 0) continue;
      for (let b = 0; b < kernel.cols; b++) {
        const weight = kernel.values[a * kernel.cols + b];
        if (weight) add(line, weight, cells, row * across, columns[b]);
      }
    }
    for (let j = 0; j < line.length; j++) line[j] += bias;
  }
  return sums;
}

/**
 * @param {Float64Array} line of sums
 * @param {number} weight
 * @param {Float64Array} cells
 * @param {number} from where the picture's row begins
 * @param {Int32Array} column that each sum meets
 */
function add(line, weight, cells, from, column) {
  for (let j = 0; j < line.length; j++) line[j] += weight * cells[from + column[j]];
}

/** @param {Float64Array} values @param {Size} size @param {Settings} settings */
function pool(values, [height, width], { pool: kind, window }) {
  const rows = Math.floor(height / window);
  const cols = Math.floor(width / window);
  const pooled = new Float32Array(rows * cols);
  for (let m = 0, at = 0; m < rows; m++) {
    for (let n = 0; n < cols; n++, at++) {
      let most = -Infinity;
      let sum = 0;
      for (let a = 0; a < window; a++) {
        const from = (m * window + a) * width + n * window;
        for (let b = 0; b < window; b++) {
          sum += values[from + b];
          if (values[from + b] > most) most = values[from + b];
        }
      }
      pooled[at] = kind === "max" ? most : sum / (window * window);
    }
  }
  return pooled;
}

// colour means a sign where that is asked for, or where there are signs and the result is no picture; the ends are the
// same for all stages
/** @param {Float64Array} sums @param {Grid} kernel @param {Settings} settings @returns {Look} */
function lookOf(sums, kernel, { colours }) {
  let low = Infinity;
  let high = -Infinity;
  for (let at = 0; at < sums.length; at++) {
    if (sums[at] < low) low = sums[at];
    if (sums[at] > high) high = sums[at];
  }
  const total = kernel.values.reduce((/** @type {number} */ sum, value) => sum + (value ?? 0), 0);
  const keepsBrightness = Math.abs(total - 1) < 0.05;
  const signed = colours === "automatic" ? low < 0 && !keepsBrightness : colours === "signed";
  const largest = Math.max(-low, high) || 1;
  if (signed) return { signed, scale: [-largest, largest] };
  return { signed, scale: [0, keepsBrightness ? 255 : Math.max(255, high)] };
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

// zlib.crc32 of an array's bytes: not for secrets, but any two stages that differ by chance differ in it
/** @param {Int32Array | Float32Array} array */
export function hashOf(array) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let crc = -1;
  for (let at = 0; at < bytes.length; at++) crc = CRC[(crc ^ bytes[at]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
