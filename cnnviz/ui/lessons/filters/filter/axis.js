// Where the windows lie along one axis of the picture, and which of its cells each of them meets.
import { clamp } from "../../../core/base.js";

/** @typedef {"none" | "zeros" | "reflect" | "replicate" | "circular"} Padding */

/**
 * @typedef {object} Axis
 * @property {number} before cells of padding before the picture
 * @property {number} outputs
 * @property {Int32Array} taps for each output, and within it for each position of the kernel, the picture's cell that
 *   it meets; -1 is a zero of the padding
 */

/** @type {Record<Padding, (at: number, size: number) => number>} the cell that stands at a place outside of the picture */
const SOURCES = {
  none: () => -1, // there is no such place
  zeros: () => -1,
  reflect: (at, size) => (at < 0 ? -at : 2 * (size - 1) - at),
  replicate: (at, size) => clamp(at, 0, size - 1),
  circular: (at, size) => (at + size) % size,
};

/** @param {number} size @param {number} kernel @param {number} stride @param {Padding} padding @returns {Axis} */
export function axisOf(size, kernel, stride, padding) {
  const ring = padding === "none" ? 0 : kernel - 1; // keeps the size at stride 1
  const before = Math.floor(ring / 2);
  const outputs = Math.floor((size + ring - kernel) / stride) + 1;
  const taps = new Int32Array(outputs * kernel);
  for (let output = 0; output < outputs; output++) {
    for (let k = 0; k < kernel; k++) {
      const at = output * stride + k - before;
      taps[output * kernel + k] = at >= 0 && at < size ? at : SOURCES[padding](at, size);
    }
  }
  return { before, outputs, taps };
}
