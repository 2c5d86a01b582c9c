// What was typed, laid on the grids of a stage before Python has answered. A text that is no plain number stays in its
// cell until Python has said what is wrong with it.

/** @import { Plane, Planes } from "./draw.js" */
/** @import { Edit } from "./edit.js" */

const LARGEST = 1e6; // what a cell may hold (links/fields.py)
const PLAIN = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

// the number that a text says plainly, or null
/** @param {unknown} text */
export function plainNumber(text) {
  const cleaned = String(text).trim().replaceAll("−", "-");
  const number = /^[^.,]*,[^.,]*$/.test(cleaned) ? cleaned.replace(",", ".") : cleaned;
  const value = PLAIN.test(number) ? Number(number) : NaN;
  return Math.abs(value) <= LARGEST ? value + 0 : null;
}

// the planes with the edits in them, those that are edited without their padding
/** @param {Planes} planes @param {Edit[]} edits */
export function typed(planes, edits) {
  const next = { ...planes };
  for (const plane of Object.values(planes).filter(isGiven)) next[plane.id] = withoutPadding(plane);
  let isKnown = true; // after an edit of which only Python knows what it makes of the grids, nothing is
  for (const edit of edits) {
    const plane = next[edit.plane];
    if (edit.kind === "cell" && plane?.editable) next[plane.id] = (isKnown ? withCell : withText)(plane, edit);
    else if (edit.kind === "size" && plane?.editable) {
      const alike = Object.values(next).filter(({ role }) => role === plane.role); // all channels have one size
      for (const one of alike) next[one.id] = resized(one, Number(edit.rows), Number(edit.cols));
    } else isKnown = false;
  }
  return next;
}

/** @param {Plane} plane @returns {Plane} */
function withoutPadding(plane) {
  const [top, left, rows, cols] = plane.core;
  const values = listOf(rows * cols, (at) => cellOf(plane, top + Math.floor(at / cols), left + (at % cols)));
  return { ...plane, rows, cols, values };
}

/** @param {number} count @param {(at: number) => number | null} what */
const listOf = (count, what) => Array.from({ length: count }, (_, at) => what(at));

/** @param {Plane} plane @param {Edit} edit @returns {Plane} */
function withCell(plane, edit) {
  const [row, col] = [Number(edit.row), Number(edit.col)];
  if (row >= plane.rows || col >= plane.cols) return plane; // it was cut off meanwhile
  const value = plainNumber(edit.text);
  if (value === null) return withText(plane, edit);
  const { [`${row},${col}`]: _, ...drafts } = plane.drafts;
  const { [`${row},${col}`]: __, ...waiting } = plane.waiting ?? {};
  return { ...plane, drafts, waiting, values: plane.values.with(row * plane.cols + col, value) };
}

// with a text that Python is to read
/** @param {Plane} plane @param {Edit} edit @returns {Plane} */
const withText = (plane, { row, col, text }) => ({
  ...plane,
  waiting: { ...plane.waiting, [`${row},${col}`]: String(text) },
});

// cells that are cut off are kept for when it grows again
/** @param {Plane} plane @param {number} rows @param {number} cols @returns {Plane} */
function resized(plane, rows, cols) {
  const cut = laidOver(plane.cut ?? [], plane);
  const values = listOf(rows * cols, (at) => cut[Math.floor(at / cols)]?.[at % cols] ?? 0);
  const drafts = withinSize(plane.drafts, rows, cols);
  const waiting = withinSize(plane.waiting ?? {}, rows, cols);
  return { ...plane, rows, cols, values, drafts, waiting, cut, core: [0, 0, rows, cols] };
}

/** @param {number[][]} under @param {Plane} over @returns {number[][]} */
function laidOver(under, { rows, cols, values }) {
  return Array.from({ length: Math.max(under.length, rows) }, (_, r) => {
    const upper = r < rows ? values.slice(r * cols, (r + 1) * cols).map(Number) : [];
    return [...upper, ...(under[r] ?? []).slice(upper.length)];
  });
}

// what is kept by cell, "row,column", of the cells that there still are
/**
 * @template Kept
 * @param {Record<string, Kept>} kept
 * @param {number} rows
 * @param {number} cols
 */
function withinSize(kept, rows, cols) {
  const isInside = (/** @type {string} */ place) => {
    const [r, c] = place.split(",").map(Number);
    return r < rows && c < cols;
  };
  return Object.fromEntries(Object.entries(kept).filter(([place]) => isInside(place)));
}

// the planes as Python knows them, with what stands in the cells that were typed
/** @param {Planes} planes @param {Edit[]} edits */
export function asTyped(planes, edits) {
  const next = { ...planes };
  for (const edit of edits) {
    const plane = next[edit.plane];
    if (edit.kind === "cell" && plane?.editable) next[plane.id] = withText(plane, edit);
  }
  return next;
}

/** @param {Plane} plane */
export const isGiven = ({ role }) => role !== "output";

/** @param {Plane} plane @param {number | null} row @param {number | null} col */
export const cellOf = (plane, row, col) => (row === null || col === null ? 0 : plane.values[row * plane.cols + col]);
