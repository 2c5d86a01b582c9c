// From a cell of one stage to the whole chain behind and before it: the window on the picture, the convolved cell, the pooled
// cell and its window.
import { clamp } from "../../../core/base.js";

export const stageOf = (view, id) => view.stages.find((stage) => stage.id === id);

// { i, j }: the convolved cell; { m, n }: the pooled one (null where none has it); `whole`: the cursor is a pooled cell
export function chainOf(view, { stage, r, c }) {
  const { data } = view;
  const [height, width] = data.sizes.convolved;
  let i = r, j = c;
  if (stage === "picture") {
    const kernel = data.planes.w0;
    i = clamp(Math.floor((r + data.ring[0] - (kernel.rows - 1) / 2) / data.stride + 0.5), 0, height - 1);
    j = clamp(Math.floor((c + data.ring[1] - (kernel.cols - 1) / 2) / data.stride + 0.5), 0, width - 1);
  }
  if (!data.pool) return { i, j, m: null, n: null, whole: false };
  const window = data.pool.window, [most_m, most_n] = data.sizes.pooled;
  if (stage === "pooled") {
    const best = winnerOf(view, r, c);
    return { i: best.i, j: best.j, m: r, n: c, whole: true };
  }
  const m = Math.floor(i / window), n = Math.floor(j / window);
  const inside = m < most_m && n < most_n; // the last rows and columns may be in no window
  return { i, j, m: inside ? m : null, n: inside ? n : null, whole: false };
}

// the stage that pooling reads
const beforePooling = (view) => stageOf(view, view.data.relu ? "rectified" : "convolved");

// the cells of a pooling window, in reading order
export function poolCells(view, m, n) {
  const { window } = view.data.pool, stage = beforePooling(view);
  return Array.from({ length: window * window }, (_, at) => {
    const i = m * window + Math.floor(at / window), j = n * window + (at % window);
    return { i, j, value: stage.value(i, j) };
  });
}

// the first of the largest cells, as torch picks; an average has no winner, its first cell stands for it
export function winnerOf(view, m, n) {
  const cells = poolCells(view, m, n);
  return view.data.pool.kind === "max" ? cells.reduce((best, cell) => (cell.value > best.value ? cell : best)) : cells[0];
}

// the rectangle of picture cells that `rows` x `cols` convolved cells from (i, j) see
export function seen(view, i, j, rows = 1, cols = 1) {
  const { data } = view, kernel = data.planes.w0;
  return {
    row: i * data.stride - data.ring[0], col: j * data.stride - data.ring[1],
    rows: (rows - 1) * data.stride + kernel.rows, cols: (cols - 1) * data.stride + kernel.cols,
  };
}

// the cursor in the cells of stage `id`, so that the arrow keys go on from where it is
export function positionOn(view, id) {
  const { i, j, m, n } = chainOf(view, view.cursor);
  if (view.cursor.stage === id) return [view.cursor.r, view.cursor.c];
  if (id === "picture") {
    const box = seen(view, i, j);
    return [box.row + Math.floor(box.rows / 2), box.col + Math.floor(box.cols / 2)];
  }
  return id === "pooled" ? [m ?? view.data.sizes.pooled[0] - 1, n ?? view.data.sizes.pooled[1] - 1] : [i, j];
}
