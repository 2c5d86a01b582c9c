// The window under the cursor, number by number: neighbourhood, kernel, products, sum, ReLU, pooling. The grids are the
// stage's (draw.js); what the cursor changes is written into them here.
import { element } from "../../../core/base.js";
import { bracketed, whole } from "../../../core/numbers.js";
import { buildPlane, writePlanes } from "../../../components/stage/draw.js";
import { poolCells, stageOf, winnerOf } from "./chain.js";
import { rounded } from "./pictures.js";

const blank = { core: null, editable: false, most: null, drafts: {}, unreached: { rows: [], cols: [] } };
const gridOf = (id, role, title, rows, cols, note) => ({
  ...blank, id, role, title, rows, cols, note, core: [0, 0, rows, cols], values: Array(rows * cols).fill(0),
});

// the grids in groups that do not break apart; each group is [operator, plane, operator, plane ...]
export function layOut(view) {
  const { data } = view, { w0, b0 } = data.planes;
  const { rows, cols } = w0;
  const one = (id, role, title) => gridOf(id, role, title, 1, 1, "");
  const n0 = gridOf("n0", "input", "Window", rows, cols), p0 = gridOf("p0", "window", "Products", rows, cols);
  view.groups = [
    [["", n0], ["×", w0], ["=", p0]],
    [["Σ +", { ...b0, note: "" }], ["=", one("s0", "output", "Convolved")]],
  ];
  const last = view.groups[1];
  if (data.relu) last.push(["→", one("r0", "output", "ReLU")]);
  if (data.pool) {
    const { window, kind } = data.pool;
    last.push(["→", gridOf("q0", "output", "Pooling window", window, window, "")], ["→", one("m0", "output", kind === "max" ? "Max" : "Average")]);
  }
  data.planes = Object.fromEntries(view.groups.flat().map(([, plane]) => [plane.id, plane]));
}

export const sumsLayout = (view) => JSON.stringify(view.groups.map((group) => group.map(([sign, p]) => [sign, p.id, p.title, p.rows, p.cols])));

export function buildSums(view) {
  const holder = view.root.querySelector(".planes");
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

// cells as large as the first screen allows: three grids of the kernel's size in a row, or under one another; what comes
// after the products stands beside them, or in a lower row of its own
export function fitSums(view) {
  const { w0, q0 } = view.data.planes;
  const coarse = window.matchMedia("(pointer: coarse)").matches;
  const width = view.root.clientWidth - 16;
  const inRow = (width - 110) / (3 * w0.cols);
  const least = coarse ? 34 : 28;
  const low = w0.rows > 4 ? 217 : 230; // leaves room for the lower row
  const size = inRow >= least ? Math.min(44, inRow, Math.max(28, low / w0.rows)) : Math.min(44, Math.max(least, (width - 44) / w0.cols));
  const after = Math.min(size, Math.max(coarse ? 30 : 24, (w0.rows > 4 ? 112 : 150) / (q0?.rows ?? 1)));
  view.root.style.setProperty("--cell", `${Math.floor(size)}px`);
  view.root.style.setProperty("--cell-after", `${Math.floor(after)}px`);
}

export function showSums(view, { i, j, m, n }) {
  const { data } = view, { planes } = data;
  const { n0, w0, b0, p0, s0, r0, q0, m0 } = planes;
  const across = data.sizes.padded[1], [rows, cols] = data.sizes.picture;
  const outside = [];
  for (let a = 0, at = 0; a < w0.rows; a++) {
    for (let b = 0; b < w0.cols; b++, at++) {
      const row = i * data.stride + a, col = j * data.stride + b; // on the padded picture
      const [r, c] = [row - data.ring[0], col - data.ring[1]];
      n0.values[at] = data.padded[row * across + col];
      p0.values[at] = n0.values[at] * w0.values[at];
      outside.push(r < 0 || c < 0 || r >= rows || c >= cols);
    }
  }
  const sum = rounded(stageOf(view, "convolved").value(i, j)), kept = data.relu ? Math.max(0, sum) : sum;
  s0.values[0] = sum;
  if (r0) r0.values[0] = kept;
  const group = q0 && m !== null ? poolCells(view, m, n).map((cell) => ({ ...cell, value: rounded(cell.value) })) : null;
  if (group) {
    group.forEach((cell, at) => { q0.values[at] = cell.value; });
    m0.values[0] = rounded(stageOf(view, "pooled").value(m, n));
  }
  writePlanes(view);
  outside.forEach((is, at) => view.cells.n0[at].classList.toggle("padding", is));
  view.cells.s0[0].classList.add("now");
  const winner = group && data.pool.kind === "max" ? winnerOf(view, m, n) : null;
  for (const id of ["q0", "m0"].filter((id) => planes[id])) view.cells[id][0].closest(".part").classList.toggle("none", !group);
  group?.forEach((cell, at) => {
    view.cells.q0[at].classList.toggle("now", cell.i === i && cell.j === j);
    view.cells.q0[at].classList.toggle("winner", Boolean(winner) && cell.i === winner.i && cell.j === winner.j);
  });
  sayWhole(view, { i, j, sum, kept, group, winner, pooled: m0?.values[0], where: m === null ? null : [m, n] });
}

// Convolved [58, 59] = 114·(−1) + … = −212, ReLU(−212) = 0, the largest of 0, 88, 0, 12 is 88
function sayWhole(view, { i, j, sum, kept, group, winner, pooled, where }) {
  const { data } = view, { n0, w0, b0 } = data.planes;
  const y = (value) => element("span", "y", whole(value));
  const parts = [element("span", "where", `Convolved [${i + 1}, ${j + 1}] = `)];
  if (w0.values.length <= 9) {
    w0.values.forEach((weight, at) => {
      if (at) parts.push(" + ");
      const term = element("span", "term" + (weight * n0.values[at] === 0 ? " nothing" : ""));
      term.append(element("span", "x", bracketed(n0.values[at])), "·", element("span", "w", bracketed(weight)));
      parts.push(term);
    });
  } else {
    parts.push(`the sum of the ${w0.values.length} products`);
  }
  parts.push(" + ", element("span", "b", bracketed(b0.values[0])), " = ", y(sum));
  if (data.relu) parts.push(element("span", "where", "; ReLU: "), `max(0, ${whole(sum)}) = `, y(kept));
  if (data.pool && !group) parts.push(element("span", "where", "; no pooling window reaches this cell"));
  if (group && winner) {
    const from = winner.i === i && winner.j === j ? "this cell" : `[${winner.i + 1}, ${winner.j + 1}]`;
    parts.push(element("span", "where", `; max pooling [${where[0] + 1}, ${where[1] + 1}] takes `), y(pooled));
    parts.push(element("span", "where", ` from ${from}`));
  } else if (group) {
    parts.push(element("span", "where", `; average pooling [${where[0] + 1}, ${where[1] + 1}] of its ${group.length} cells = `), y(pooled));
  }
  view.root.querySelector(".arithmetic").replaceChildren(...parts);
}
