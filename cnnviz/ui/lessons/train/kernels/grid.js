// Kernels as small pictures: one canvas each, kept and painted anew when other numbers come.
import { divergingScale, element, paint } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";

/** @import { ColourOf } from "../../../core/base.js" */
/** @typedef {[count: number, channels: number, rows: number, cols: number]} Shape */

/** @param {ArrayLike<number>} numbers @returns {[low: number, high: number]} of those that are finite */
export function extent(numbers) {
  const finite = Array.from(numbers).filter(Number.isFinite);
  if (!finite.length) return [0, 0];
  return [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
}

/** @param {ArrayLike<number>} values */
export const largest = (values) => Math.max(...extent(values).map(Math.abs));

// paints all kernels of that shape; those of three channels in colour, others on the scale up to `most`
/** @param {HTMLElement} root @param {HTMLElement} grid @param {Shape} shape @param {Float32Array} values */
export function paintKernels(root, grid, shape, values, most = largest(values) || 1) {
  const [count, channels, rows, cols] = shape;
  const cells = channels * rows * cols;
  layOut(grid, count, rows, cols);
  const shade = channels === 3 ? inColour(values, most, rows * cols) : onScale(root, values, most);
  grid.querySelectorAll("canvas").forEach((canvas, index) => {
    paint(canvas, [rows, cols], (at) => shade(index * cells + at));
    const [low, high] = extent(values.subarray(index * cells, (index + 1) * cells));
    canvas.title = `Kernel ${index + 1} of ${count}: from ${short(low)} to ${short(high)}`;
  });
}

/** @param {HTMLElement} grid @param {number} count @param {number} rows @param {number} cols */
function layOut(grid, count, rows, cols) {
  while (grid.children.length > count) grid.lastElementChild?.remove();
  while (grid.children.length < count) grid.append(element("canvas"));
  grid.style.setProperty("--side", `${count <= 8 ? 76 : count <= 16 ? 60 : count <= 32 ? 48 : 38}px`);
  grid.style.setProperty("--gap", `${count <= 16 ? 10 : 6}px`);
  grid.style.setProperty("--aspect", `${cols} / ${rows}`);
}

// one number -> a colour between the two ends, through that of zero
/** @param {HTMLElement} root @param {Float32Array} values @param {number} most @returns {ColourOf} */
function onScale(root, values, most) {
  const shade = divergingScale(root);
  return (at) => shade(values[at] / most);
}

// three numbers, one a channel, -> red, green and blue about mid-grey
/** @param {Float32Array} values @param {number} most @param {number} plane @returns {ColourOf} */
function inColour(values, most, plane) {
  const part = (/** @type {number} */ at) => 127.5 * (1 + (values[at] || 0) / most);
  return (at) => [part(at), part(at + plane), part(at + 2 * plane)];
}
