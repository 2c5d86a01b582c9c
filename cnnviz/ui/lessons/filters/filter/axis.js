// Where the windows lie along one axis of the picture, and which of its cells each of them meets.
import { behind, convolutionAxis, samePadding } from "../../../components/stage/windows.js";

/** @import { Mode } from "../../../components/stage/windows.js" */

/** @typedef {"none" | Mode} Padding */

/**
 * @typedef {object} Axis
 * @property {number} before cells of padding before the picture
 * @property {number} outputs
 * @property {Int32Array} taps for each output, and within it for each position of the kernel, the picture's cell that
 *   it meets, padding traced back to the cell that it repeats; -1 is a zero
 */

/** @param {number} size @param {number} kernel @param {number} stride @param {Padding} padding @returns {Axis} */
export function axisOf(size, kernel, stride, padding) {
  const axis = convolutionAxis(size, kernel, stride, padding === "none" ? [0, 0] : samePadding(kernel, 1), 1, false);
  const cells = axis && behind(axis, padding === "none" ? "zeros" : padding);
  if (!axis || !cells) throw new Error(`a picture of ${size} cells is too small for a kernel of ${kernel}`);
  const taps = Int32Array.from(axis.taps.flat(), (at) => (at === null ? null : cells[at]) ?? -1);
  return { before: axis.before, outputs: axis.taps.length, taps };
}
