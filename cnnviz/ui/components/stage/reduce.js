// What a window comes to: sum, maximum with its winner, average, L2 norm, and what an activation makes of it. The same
// as ops/windows.py and ops/activations.py, for what is shown before Python has answered (foresee.js).

/** @import { Output, Planes } from "./draw.js" */
/** @import { Term } from "./highlight.js" */

const LEAK = 0.01; // torch.nn.LeakyReLU's negative_slope

// the series near zero, the continued fraction beyond it, where the series would cancel
/** @param {number} x */
function erf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let sum = x;
    for (let n = 1, term = x; Math.abs(term) > 1e-17; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = size;
  for (let n = 60; n > 0; n--) fraction = size + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-size * size) / (Math.sqrt(Math.PI) * fraction));
}

/** @type {Record<string, (x: number) => number>} */
export const ACTIVATIONS = {
  ReLU: (x) => Math.max(x, 0),
  "Leaky ReLU": (x) => (x > 0 ? x : LEAK * x),
  Sigmoid: (x) => (x >= 0 ? 1 : Math.exp(x)) / (1 + Math.exp(-Math.abs(x))),
  Tanh: Math.tanh,
  GELU: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
};

/** @param {Term} term */
export function isPadding({ row, col, x }) {
  const [top, left, rows, cols] = x.core;
  return row < top || row >= top + rows || col < left || col >= left + cols;
}

/**
 * @typedef {object} Window what one window of an output is: the cells that it meets, and how many it would have whole
 * @property {Term[]} terms of all its sources
 * @property {number} whole
 */

/**
 * What a window comes to, with its divisor (average: the cells that count; L2: the share of a full window that is left)
 * and the place of the maximum.
 * @param {Output} output
 * @param {Window} window
 * @param {Planes} planes
 * @param {boolean} countsPadding whether an average counts padding cells
 * @returns {{ value: number, divisor: number, winner: [row: number, col: number] | null }}
 */
export function resultOf(output, { terms, whole }, planes, countsPadding) {
  const sum = (/** @type {(term: Term) => number} */ of) => terms.reduce((total, term) => total + of(term), 0);
  switch (output.reduce) {
    case "sum": {
      const bias = output.bias ? (planes[output.bias].values[0] ?? 0) : 0;
      return { value: sum(({ value, weight }) => value * weight) + bias, divisor: 1, winner: null };
    }
    case "max": {
      const inside = terms.filter((term) => !isPadding(term));
      const best = inside.reduce((one, other) => (other.value > one.value ? other : one));
      return { value: best.value, divisor: 1, winner: [best.row, best.col] };
    }
    case "average": {
      const divisor = countsPadding ? terms.length : terms.filter((term) => !isPadding(term)).length;
      return { value: sum(({ value }) => value) / divisor, divisor, winner: null };
    }
    case "l2": {
      const share = terms.length / whole;
      return { value: Math.sqrt(sum(({ value }) => value ** 2) / share), divisor: share, winner: null };
    }
  }
}
