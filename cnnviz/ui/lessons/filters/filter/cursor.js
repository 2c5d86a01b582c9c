// The cursor: a cell of one stage, what it outlines on the others, and the cell that is pinned.
import { clamp } from "../../../core/base.js";
import { chainOf, stageOf, windowOf } from "./chain.js";
import { outlineCells } from "./pictures.js";
import { showSums } from "./sums.js";

/** @import { Cursor } from "./chain.js" */
/** @import { View } from "./pictures.js" */

/** @param {View} view @param {Cursor} cursor */
export function moveTo(view, { stage, r, c }) {
  const { size } = stageOf(view, stage);
  const to = { stage, r: clamp(r, 0, size[0] - 1), c: clamp(c, 0, size[1] - 1) };
  const now = view.cursor;
  if (view.shown && now.stage === stage && now.r === to.r && now.c === to.c) return;
  view.cursor = to;
  showCursor(view);
}

// back to the pinned cell
/** @param {View} view */
export function moveHome(view) {
  const [r, c] = view.pin;
  moveTo(view, { stage: "convolved", r, c });
}

// the cell goes to Python, which keeps it in the link
/** @param {View} view */
export function pin(view) {
  const { i, j } = chainOf(view, view.cursor);
  const { stride } = view.data;
  view.pin = [i, j];
  view.place = [i * stride, j * stride];
  view.pinned = Math.max(view.pinned, view.said.pin.seq) + 1;
  view.setStateValue("pin", { row: i, col: j, seq: view.pinned });
  showCursor(view);
}

/** @param {View} view */
export function showCursor(view) {
  const { data } = view;
  const chain = chainOf(view, view.cursor);
  const { i, j, pooled } = chain;
  const window = data.pool?.window ?? 0;
  const group = pooled && { row: pooled.m * window, col: pooled.n * window, rows: window, cols: window };
  const one = (/** @type {number} */ row, /** @type {number} */ col) => ({ row, col, rows: 1, cols: 1 });
  outlineCells(view, "picture", "cursor", windowOf(view, i, j));
  outlineCells(
    view,
    "picture",
    "reach",
    chain.whole && group ? windowOf(view, group.row, group.col, window, window) : null,
  );
  for (const id of data.relu ? ["convolved", "rectified"] : ["convolved"]) {
    outlineCells(view, id, "cursor", one(i, j), 7);
    outlineCells(view, id, "reach", group, 13);
  }
  if (data.pool) {
    outlineCells(view, "pooled", "cursor", pooled && one(pooled.m, pooled.n));
    outlineCells(view, "pooled", "reach", null);
  }
  view.shown = true;
  showSums(view, chain);
}
