// The cursor: a cell of one stage, what it outlines on the others, and the cell that is pinned.
import { clamp } from "../../../core/base.js";
import { chainOf, seen, stageOf } from "./chain.js";
import { outlineCells } from "./pictures.js";
import { showSums } from "./sums.js";

export function moveTo(view, cursor) {
  const { size } = stageOf(view, cursor.stage);
  const r = clamp(cursor.r, 0, size[0] - 1), c = clamp(cursor.c, 0, size[1] - 1);
  const now = view.cursor;
  if (now && now.stage === cursor.stage && now.r === r && now.c === c) return;
  view.cursor = { stage: cursor.stage, r, c };
  showCursor(view);
}

// back to the pinned cell
export function moveHome(view) {
  const [i, j] = view.pin;
  moveTo(view, { stage: "convolved", r: i, c: j });
}

// the cell goes to Python, which keeps it in the link
export function pin(view) {
  const { i, j } = chainOf(view, view.cursor);
  view.pin = [i, j];
  view.pinned = Math.max(view.pinned ?? 0, view.data.pin.seq) + 1;
  view.setStateValue("pin", { row: i, col: j, seq: view.pinned });
  showCursor(view);
}

export function showCursor(view) {
  const { data } = view, chain = chainOf(view, view.cursor);
  const pool = data.pool && chain.m !== null ? data.pool.window : null;
  const group = pool && { row: chain.m * pool, col: chain.n * pool, rows: pool, cols: pool };
  const cell = { row: chain.i, col: chain.j, rows: 1, cols: 1 };
  const reach = chain.whole ? seen(view, group.row, group.col, pool, pool) : null;
  outlineCells(view, "picture", "cursor", seen(view, chain.i, chain.j));
  outlineCells(view, "picture", "reach", reach);
  for (const id of data.relu ? ["convolved", "rectified"] : ["convolved"]) {
    outlineCells(view, id, "cursor", cell, 7);
    outlineCells(view, id, "reach", group || null, 13);
  }
  if (data.pool) {
    outlineCells(view, "pooled", "cursor", pool ? { row: chain.m, col: chain.n, rows: 1, cols: 1 } : null);
    outlineCells(view, "pooled", "reach", null);
  }
  showSums(view, chain);
}
