// Where the maps of a step lie on its canvas, in CSS pixels: a fold of at most HIGH maps a column.
const HIGH = 8;
const ROW = 112; // pixels that a map of one row is wide
const GAP = 3;

/** @typedef {[map: number, row: number, col: number]} Unit */

/**
 * @typedef {object} Layout
 * @property {number} count of maps
 * @property {number} rows of each
 * @property {number} cols
 * @property {number} cell its side
 * @property {(map: number) => [left: number, top: number]} corner
 * @property {number} width
 * @property {number} height
 */

/** @param {{ shape: number[], labels: string[] }} card @returns {Layout} */
export function laidOut(card) {
  if (card.shape.length === 1) return folded(card, card.shape[0]);
  const [count, rows, cols] = card.shape;
  const side = rows >= 20 ? 56 : rows >= 10 ? 44 : rows >= 5 ? 34 : rows > 1 ? 24 : cols > 1 ? ROW : 14;
  const high = Math.min(count, count > 32 ? 2 * HIGH : HIGH);
  const across = Math.ceil(count / high);
  const cell = side / Math.max(rows, cols);
  const width = cell * cols;
  const height = cell * rows;
  /** @type {Layout["corner"]} */
  const corner = (map) => [Math.floor(map / high) * (width + GAP), (map % high) * (height + GAP)];
  return { count, rows, cols, cell, corner, width: across * (width + GAP), height: high * (height + GAP) };
}

// units without places: each is a map of one cell
/** @param {{ labels: string[] }} card @param {number} count @returns {Layout} */
function folded(card, count) {
  const labelled = card.labels.length > 0;
  const cell = labelled ? 18 : 11;
  const high = labelled ? count : Math.min(count, 30);
  const across = Math.ceil(count / high);
  /** @type {Layout["corner"]} */
  const corner = (unit) => [Math.floor(unit / high) * (cell + 1), (unit % high) * (cell + 1)];
  const width = across * (cell + 1) + (labelled ? 64 : 0);
  return { count, rows: 1, cols: 1, cell, corner, width, height: high * (cell + 1) };
}

// the unit at a point of the canvas, or null between the maps
/** @param {Layout} lay @param {number} x @param {number} y @returns {Unit | null} */
export function unitAt(lay, x, y) {
  for (let map = 0; map < lay.count; map++) {
    const [left, top] = lay.corner(map);
    const col = Math.floor((x - left) / lay.cell);
    const row = Math.floor((y - top) / lay.cell);
    if (row >= 0 && col >= 0 && row < lay.rows && col < lay.cols) return [map, row, col];
  }
  return null;
}
