// From a cell of one stage to the whole chain behind and before it: the window on the picture, the convolved cell, the
// pooled cell and its window.
import { clamp } from "../../../core/base.js";

/** @import { Planes } from "../../../components/stage/draw.js" */

/** @typedef {readonly [rows: number, cols: number]} Size */

/**
 * @typedef {object} Data what is drawn
 * @property {{ picture: Size, convolved: Size, pooled: Size | null }} sizes
 * @property {Size} ring rows and columns of padding before the picture
 * @property {number} stride
 * @property {boolean} relu
 * @property {{ kind: "max" | "average", window: number } | null} pool
 * @property {boolean} signed
 * @property {[low: number, high: number]} scale
 * @property {Planes} planes
 * @property {number} ack
 * @property {Uint8Array} pixels of the picture
 * @property {Int32Array} rows taps: for each output the picture's rows that the kernel's meet, -1 for a row of zeros
 * @property {Int32Array} cols
 * @property {Float32Array} convolved
 * @property {Float32Array} [rectified]
 * @property {Float32Array} [pooled]
 */

/**
 * @typedef {object} Stage
 * @property {string} id
 * @property {string} role
 * @property {string} title
 * @property {Size} size
 * @property {[low: number, high: number]} scale
 * @property {boolean} signed
 * @property {Uint8Array | Float32Array} values
 * @property {(r: number, c: number) => number} value
 */

/** @typedef {{ stage: string, r: number, c: number }} Cursor a cell of a stage */
/** @typedef {{ row: number, col: number, rows: number, cols: number }} Box cells of a stage */

/**
 * @typedef {object} Chain
 * @property {number} i the convolved cell
 * @property {number} j
 * @property {{ m: number, n: number } | null} pooled the pooled one, where one has it
 * @property {boolean} whole whether the cursor is a pooled cell
 */

/** @typedef {{ data: Data, stages: Stage[] }} Filtered */

/** @param {Filtered} view @param {string} id */
export function stageOf(view, id) {
  const found = view.stages.find((stage) => stage.id === id);
  if (!found) throw new Error(`there is no stage ${id}`);
  return found;
}

/** @param {Filtered} view @param {Cursor} cursor @returns {Chain} */
export function chainOf(view, { stage, r, c }) {
  const { data } = view;
  const [height, width] = data.sizes.convolved;
  let i = r;
  let j = c;
  if (stage === "picture") {
    const kernel = data.planes.w0;
    i = clamp(Math.floor((r + data.ring[0] - (kernel.rows - 1) / 2) / data.stride + 0.5), 0, height - 1);
    j = clamp(Math.floor((c + data.ring[1] - (kernel.cols - 1) / 2) / data.stride + 0.5), 0, width - 1);
  }
  if (!data.pool || !data.sizes.pooled) return { i, j, pooled: null, whole: false };
  if (stage === "pooled") {
    const best = winnerOf(view, r, c);
    return { i: best.i, j: best.j, pooled: { m: r, n: c }, whole: true };
  }
  const m = Math.floor(i / data.pool.window);
  const n = Math.floor(j / data.pool.window);
  const inside = m < data.sizes.pooled[0] && n < data.sizes.pooled[1]; // the last rows and columns may be in no window
  return { i, j, pooled: inside ? { m, n } : null, whole: false };
}

// the stage that pooling reads
/** @param {Filtered} view */
const beforePooling = (view) => stageOf(view, view.data.relu ? "rectified" : "convolved");

/** @param {Filtered} view */
function poolOf({ data }) {
  if (!data.pool) throw new Error("nothing is pooled");
  return data.pool;
}

// the cells of a pooling window, in reading order
/** @param {Filtered} view @param {number} m @param {number} n */
export function poolCells(view, m, n) {
  const { window } = poolOf(view);
  const stage = beforePooling(view);
  return Array.from({ length: window * window }, (_, at) => {
    const i = m * window + Math.floor(at / window);
    const j = n * window + (at % window);
    return { i, j, value: stage.value(i, j) };
  });
}

// the first of the largest cells, as torch picks; an average has no winner, its first cell stands for it
/** @param {Filtered} view @param {number} m @param {number} n */
export function winnerOf(view, m, n) {
  const cells = poolCells(view, m, n);
  return poolOf(view).kind === "max" ? cells.reduce((best, cell) => (cell.value > best.value ? cell : best)) : cells[0];
}

// the rectangle of picture cells that `rows` x `cols` convolved cells from (i, j) see
/** @param {Filtered} view @param {number} i @param {number} j @returns {Box} */
export function windowOf(view, i, j, rows = 1, cols = 1) {
  const { data } = view;
  const kernel = data.planes.w0;
  return {
    row: i * data.stride - data.ring[0],
    col: j * data.stride - data.ring[1],
    rows: (rows - 1) * data.stride + kernel.rows,
    cols: (cols - 1) * data.stride + kernel.cols,
  };
}

// the number that position (a, b) of the kernel meets for convolved cell (i, j)
/** @param {Pick<Data, "pixels" | "rows" | "cols">} data @param {readonly number[]} kernel its size
 * @param {number} width of the picture @param {readonly number[]} cell @param {number} a @param {number} b */
export function met({ pixels, rows, cols }, kernel, width, [i, j], a, b) {
  const row = rows[i * kernel[0] + a];
  const col = cols[j * kernel[1] + b];
  return row < 0 || col < 0 ? 0 : pixels[row * width + col];
}

// the cursor in the cells of stage `id`, so that the arrow keys go on from where it is
/** @param {Filtered & { cursor: Cursor }} view @param {string} id */
export function positionOn(view, id) {
  const { i, j, pooled } = chainOf(view, view.cursor);
  if (view.cursor.stage === id) return [view.cursor.r, view.cursor.c];
  if (id === "picture") {
    const box = windowOf(view, i, j);
    return [box.row + Math.floor(box.rows / 2), box.col + Math.floor(box.cols / 2)];
  }
  if (id !== "pooled") return [i, j];
  const [rows, cols] = stageOf(view, id).size;
  return [pooled?.m ?? rows - 1, pooled?.n ?? cols - 1];
}
