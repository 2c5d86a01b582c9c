// The window under the cursor, number by number: neighbourhood, kernel, products, sum, ReLU, pooling. The grids are the
// stage's (draw.js); what the cursor changes is written into them here.

import { buildPlane, writePlanes } from "../../../components/stage/draw.js";
import { element, find } from "../../../core/base.js";
import { bracketed, whole } from "../../../core/numbers.js";
import { met, poolCells, stageOf, winnerOf } from "./chain.js";
import { rounded } from "./pictures.js";

/** @import { Plane } from "../../../components/stage/draw.js" */
/** @import { Chain, Data } from "./chain.js" */
/** @import { View } from "./pictures.js" */

/**
 * @param {string} id
 * @param {string} role
 * @param {string} title
 * @param {number} rows
 * @param {number} cols
 * @param {string} [note]
 */
function gridOf(id, role, title, rows, cols, note) {
  const fixed = { editable: false, most: null, drafts: {}, unreached: { rows: [], cols: [] } };
  /** @type {Plane} */
  const plane = { ...fixed, id, role, title, rows, cols, note, core: [0, 0, rows, cols], values: [] };
  plane.values = Array(rows * cols).fill(0);
  return plane;
}

// what stands in a grid
/** @param {Plane} plane @param {number} at */
const numberOf = (plane, at) => plane.values[at] ?? NaN;

// the grids in groups that do not break apart; each group is [operator, plane, operator, plane ...]
/** @param {View} view */
export function layOut(view) {
  const { data } = view;
  const { w0, b0 } = data.planes;
  const { rows, cols } = w0;
  const one = (/** @type {string} */ id, /** @type {string} */ title) => gridOf(id, "output", title, 1, 1, "");
  const n0 = gridOf("n0", "input", "Window", rows, cols);
  const p0 = gridOf("p0", "window", "Products", rows, cols);
  view.groups = [
    [
      ["", n0],
      ["×", w0],
      ["=", p0],
    ],
    [
      ["Σ +", { ...b0, note: "" }],
      ["=", one("s0", "Convolved")],
    ],
  ];
  const last = view.groups[1];
  if (data.relu) last.push(["→", one("r0", "ReLU")]);
  if (data.pool) {
    const { window, kind } = data.pool;
    last.push(
      ["→", gridOf("q0", "output", "Pooling window", window, window, "")],
      ["→", one("m0", kind === "max" ? "Max" : "Average")],
    );
  }
  data.planes = Object.fromEntries(view.groups.flat().map(([, plane]) => [plane.id, plane]));
}

/** @param {View} view */
export const sumsLayout = (view) =>
  JSON.stringify(view.groups.map((group) => group.map(([sign, p]) => [sign, p.id, p.title, p.rows, p.cols])));

/** @param {View} view */
export function buildSums(view) {
  const holder = find(view.root, ".planes");
  holder.replaceChildren();
  view.cells = {};
  view.windows = {};
  for (const group of view.groups) {
    const box = element("div", group === view.groups[0] ? "group" : "group after");
    for (const [sign, plane] of group) {
      const part = element("div", "part"); // an operator goes with the grid behind it where the row breaks
      if (sign) part.append(element("div", "operator", sign));
      part.append(buildPlane(view, plane));
      box.append(part);
    }
    holder.append(box);
  }
}

// cells as large as the first screen allows: three grids of the kernel's size in a row, or under one another; what
// comes after the products stands beside them, or in a lower row of its own
/** @param {View} view */
export function fitSums(view) {
  const { w0, q0 } = view.data.planes;
  const coarse = window.matchMedia("(pointer: coarse)").matches;
  const width = view.root.clientWidth - 16;
  const inRow = (width - 110) / (3 * w0.cols);
  const least = coarse ? 34 : 28;
  const low = w0.rows > 4 ? 217 : 230; // leaves room for the lower row
  const size =
    inRow >= least
      ? Math.min(44, inRow, Math.max(28, low / w0.rows))
      : Math.min(44, Math.max(least, (width - 44) / w0.cols));
  const after = Math.min(size, Math.max(coarse ? 30 : 24, (w0.rows > 4 ? 112 : 150) / (q0?.rows ?? 1)));
  view.root.style.setProperty("--cell", `${Math.floor(size)}px`);
  view.root.style.setProperty("--cell-after", `${Math.floor(after)}px`);
}

/** @param {View} view @param {Chain} chain */
export function showSums(view, { i, j, pooled }) {
  const { data } = view;
  const { n0, w0, p0, s0, r0, q0, m0 } = data.planes;
  const [rows, cols] = data.sizes.picture;
  const outside = [];
  for (let a = 0, at = 0; a < w0.rows; a++) {
    for (let b = 0; b < w0.cols; b++, at++) {
      const [r, c] = [i * data.stride + a - data.ring[0], j * data.stride + b - data.ring[1]];
      const value = met(data, [w0.rows, w0.cols], cols, [i, j], a, b);
      n0.values[at] = value;
      p0.values[at] = value * numberOf(w0, at);
      outside.push(r < 0 || c < 0 || r >= rows || c >= cols);
    }
  }
  const sum = rounded(stageOf(view, "convolved").value(i, j));
  const kept = data.relu ? Math.max(0, sum) : sum;
  s0.values[0] = sum;
  if (r0) r0.values[0] = kept;
  const group = pooled && poolCells(view, pooled.m, pooled.n);
  if (pooled && group) {
    q0.values = group.map((cell) => rounded(cell.value));
    m0.values[0] = rounded(stageOf(view, "pooled").value(pooled.m, pooled.n));
  }
  writePlanes(view);
  outside.forEach((is, at) => view.cells.n0[at].classList.toggle("padding", is));
  view.cells.s0[0].classList.add("now");
  const winner = pooled && data.pool?.kind === "max" ? winnerOf(view, pooled.m, pooled.n) : null;
  for (const id of ["q0", "m0"].filter((id) => data.planes[id])) {
    view.cells[id][0].closest(".part")?.classList.toggle("none", !group);
  }
  group?.forEach((cell, at) => {
    view.cells.q0[at].classList.toggle("now", cell.i === i && cell.j === j);
    view.cells.q0[at].classList.toggle("winner", cell.i === winner?.i && cell.j === winner.j);
  });
  const parts = [...convolved(data, i, j, sum)];
  if (data.relu) parts.push(where("; ReLU: "), `max(0, ${whole(sum)}) = `, y(kept));
  if (pooled) parts.push(...pooling(pooled, numberOf(m0, 0), winner, { i, j }, q0.values.length));
  else if (data.pool) parts.push(where("; no pooling window reaches this cell"));
  find(view.root, ".arithmetic").replaceChildren(...parts);
}

/** @param {string} text */
const where = (text) => element("span", "where", text);

/** @param {number} value */
const y = (value) => element("span", "y", whole(value));

// Convolved [58, 59] = 114·(−1) + … = −212
/** @param {Data} data @param {number} i @param {number} j @param {number} sum @returns {(string | Node)[]} */
function convolved({ planes: { n0, w0, b0 } }, i, j, sum) {
  const terms = w0.values.flatMap((_, at) => {
    const [value, weight] = [numberOf(n0, at), numberOf(w0, at)];
    const term = element("span", `term${weight * value === 0 ? " nothing" : ""}`);
    term.append(element("span", "x", bracketed(value)), "·", element("span", "w", bracketed(weight)));
    return at ? [" + ", term] : [term];
  });
  const products = w0.values.length <= 9 ? terms : [`the sum of the ${w0.values.length} products`];
  const bias = element("span", "b", bracketed(numberOf(b0, 0)));
  return [where(`Convolved [${i + 1}, ${j + 1}] = `), ...products, " + ", bias, " = ", y(sum)];
}

// ; max pooling [29, 30] takes 88 from [58, 60]
/** @param {{ m: number, n: number }} at @param {number} value @param {{ i: number, j: number } | null} winner
 * @param {{ i: number, j: number }} cursor @param {number} count of the window's cells */
function pooling({ m, n }, value, winner, { i, j }, count) {
  const place = `pooling [${m + 1}, ${n + 1}]`;
  if (!winner) return [where(`; average ${place} of its ${count} cells = `), y(value)];
  const from = winner.i === i && winner.j === j ? "this cell" : `[${winner.i + 1}, ${winner.j + 1}]`;
  return [where(`; max ${place} takes `), y(value), where(` from ${from}`)];
}
