// Windows along one axis, worked out in the browser: which cell of the padded input each position of the kernel meets.
// The one formula that stands in Python (ops/windows.py, ops/arithmetic.py) and here, so that a stepper's consequences
// are seen in the next frame however far away the server is; tests/ui/components/test_foresee.py holds the two
// together. What Python would refuse is null here: its sentence comes with its answer.

/** @typedef {(number | null)[][]} Taps which cell of the padded input each kernel position meets, per output */
/** @typedef {{ size: number, before: number, padded: number, taps: Taps }} Axis an input of `size` cells, padded */
/** @typedef {"zeros" | "reflect" | "replicate" | "circular"} Mode of padding */

/** @param {number} count @param {(n: number) => number | null} what */
const listOf = (count, what) => Array.from({ length: count }, (_, n) => what(n));

/** @param {number} kernel @param {number} dilation */
const extent = (kernel, dilation) => dilation * (kernel - 1) + 1;

// cells of the output, in ceil mode without a window that would start beyond the input and its leading padding
/** @param {number} size @param {number} kernel @param {number} stride @param {[before: number, after: number]} padding */
function outputSize(size, kernel, stride, [before, after], dilation = 1, ceil = false) {
  const free = size + before + after - extent(kernel, dilation);
  if (free < 0) return 0;
  if (!ceil) return Math.floor(free / stride) + 1;
  const count = Math.ceil(free / stride) + 1;
  return (count - 1) * stride >= size + before ? count - 1 : count;
}

/** @param {number} kernel @param {number} dilation @returns {[before: number, after: number]} */
export function samePadding(kernel, dilation) {
  const total = extent(kernel, dilation) - 1;
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

// `flip` turns cross-correlation into the convolution of the textbooks
/**
 * @param {number} size @param {number} kernel @param {number} stride @param {[before: number, after: number]} padding
 * @param {number} dilation @param {boolean} flip
 * @returns {Axis | null}
 */
export function convolutionAxis(size, kernel, stride, padding, dilation, flip) {
  const count = outputSize(size, kernel, stride, padding, dilation);
  if (!count) return null;
  const step = (/** @type {number} */ k) => (flip ? kernel - 1 - k : k) * dilation;
  const taps = Array.from({ length: count }, (_, o) => listOf(kernel, (k) => o * stride + step(k)));
  return { size, before: padding[0], padded: size + padding[0] + padding[1], taps };
}

// output o gets input i through kernel position k where i × stride + k × dilation − padding = o
/**
 * @param {number} size @param {number} kernel @param {number} stride @param {number} padding
 * @param {number} dilation @param {number} outputPadding
 * @returns {Axis | null}
 */
export function transposedAxis(size, kernel, stride, padding, dilation, outputPadding) {
  const count = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1;
  if (count < 1 || outputPadding >= Math.max(stride, dilation)) return null;
  const tap = (/** @type {number} */ place) =>
    place % stride === 0 && place >= 0 && place / stride < size ? place / stride : null;
  const taps = Array.from({ length: count }, (_, o) => listOf(kernel, (k) => tap(o + padding - k * dilation)));
  return { size, before: 0, padded: size, taps };
}

// in ceil mode the last window may hang over the end, where it meets nothing
/**
 * @param {number} size @param {number} kernel @param {number} stride @param {number} padding @param {boolean} ceil
 * @returns {Axis | null}
 */
export function poolingAxis(size, kernel, stride, padding, ceil) {
  const padded = size + 2 * padding;
  const count = outputSize(size, kernel, stride, [padding, padding], 1, ceil);
  if (!count) return null;
  const tap = (/** @type {number} */ cell) => (cell < padded ? cell : null);
  const taps = Array.from({ length: count }, (_, o) => listOf(kernel, (k) => tap(o * stride + k)));
  return { size, before: padding, padded, taps };
}

// windows of uneven size, filled up with null to the longest
/** @param {number} size @param {number} outputs @returns {Axis} */
export function adaptiveAxis(size, outputs) {
  const ends = Array.from({ length: outputs }, (_, o) => [
    Math.floor((o * size) / outputs),
    Math.ceil(((o + 1) * size) / outputs),
  ]);
  const longest = Math.max(...ends.map(([first, end]) => end - first));
  const taps = ends.map(([first, end]) => listOf(longest, (k) => (first + k < end ? first + k : null)));
  return { size, before: 0, padded: size, taps };
}

// the input cell behind every cell of the padded axis: null where it is a zero, or null altogether where the mode
// cannot give that much
/** @param {Axis} axis @param {Mode} mode @returns {(number | null)[] | null} */
export function behind({ size, before, padded }, mode) {
  const most = { zeros: Infinity, replicate: Infinity, reflect: size - 1, circular: size }[mode];
  if (Math.max(before, padded - size - before) > most) return null;
  return listOf(padded, (cell) => {
    const at = cell - before;
    if (at >= 0 && at < size) return at;
    if (mode === "replicate") return at < 0 ? 0 : size - 1;
    if (mode === "reflect") return at < 0 ? -at : 2 * (size - 1) - at;
    return mode === "circular" ? (at + size) % size : null;
  });
}

// rows or columns of the padded input that no window meets
/** @param {Axis} axis */
export function unreached({ padded, taps }) {
  const met = new Set(taps.flat());
  return Array.from({ length: padded }, (_, at) => at).filter((at) => !met.has(at));
}
