// What will come of what was typed, before Python has said so. What only Python can read it is left to: a text that is
// no plain number, a block that was pasted; and whatever was typed after that.

/** @import { Plane, Planes } from "../../../components/stage/draw.js" */
/** @import { Edit } from "../../../components/stage/edit.js" */

const PLAIN = /^-?\d{1,7}(\.\d{1,15})?$/;
const LARGEST = 1e6; // what a cell may hold (links/fields.py)

/** @param {string} text @returns {number | null} the number that it plainly says */
export function plainNumber(text) {
  const value = PLAIN.test(text.trim()) ? Number(text) + 0 : NaN; // no negative zero
  return Math.abs(value) <= LARGEST ? value : null;
}

/** @typedef {{ planes: Planes, cut: readonly (readonly number[])[] }} Grids of which `cut` is the first's, the kernel's */

/** @param {Grids} grids @param {Edit[]} edits @returns {Grids} the grids after as many of the edits as can be foreseen */
export function foreseen(grids, edits) {
  let after = grids;
  for (const edit of edits) {
    const next = edit.kind === "cell" ? withCell(after, edit) : edit.kind === "size" ? withSize(after, edit) : null;
    if (!next) break;
    after = next;
  }
  return after;
}

/** @param {Grids} grids @param {Edit} edit */
function withCell(grids, { plane: id, row, col, text }) {
  const plane = grids.planes[id];
  const value = plainNumber(String(text));
  const at = Number(row) * plane.cols + Number(col);
  if (value === null || Number(col) >= plane.cols || at >= plane.values.length) return null;
  const drafts = { ...plane.drafts };
  delete drafts[`${row},${col}`];
  return changed(grids, { ...plane, drafts, values: plane.values.map((one, place) => (place === at ? value : one)) });
}

/** @param {Grids} grids @param {Edit} edit */
function withSize(grids, { plane: id, rows: height, cols: width }) {
  const plane = grids.planes[id];
  const [rows, cols] = [Number(height), Number(width)];
  const cut = laidOver(grids.cut, plane);
  const values = Array.from({ length: rows * cols }, (_, at) => cut[Math.floor(at / cols)]?.[at % cols] ?? 0);
  const kept = Object.entries(plane.drafts ?? {}).filter(([cell]) => {
    const [row, col] = cell.split(",").map(Number);
    return row < rows && col < cols;
  });
  /** @type {Plane} */
  const resized = { ...plane, rows, cols, core: [0, 0, rows, cols], values, drafts: Object.fromEntries(kept) };
  return { ...changed(grids, resized), cut };
}

/** @param {Grids} grids @param {Plane} plane @returns {Grids} */
const changed = (grids, plane) => ({ ...grids, planes: { ...grids.planes, [plane.id]: plane } });

// a grid over what was cut off, which sticks out below and to the right
/** @param {readonly (readonly number[])[]} under @param {Plane} plane */
function laidOver(under, { rows, cols, values }) {
  return Array.from({ length: Math.max(rows, under.length) }, (_, r) => {
    const below = under[r] ?? [];
    return r < rows
      ? [...values.slice(r * cols, (r + 1) * cols).map((value) => value ?? 0), ...below.slice(cols)]
      : [...below];
  });
}
