// Where the maps of a step lie on its canvas, in CSS pixels: a fold of at most HIGH maps a column.
const HIGH = 8, GAP = 3;

export function laidOut(card) {
  if (card.shape.length === 1) return folded(card, card.shape[0]);
  const [count, rows, cols] = card.shape;
  const side = rows >= 20 ? 56 : rows >= 10 ? 44 : rows >= 5 ? 34 : rows > 1 ? 24 : 14;
  const high = Math.min(count, count > 32 ? 2 * HIGH : HIGH), across = Math.ceil(count / high);
  const cell = side / Math.max(rows, cols), width = cell * cols, height = cell * rows;
  const corner = (map) => [Math.floor(map / high) * (width + GAP), (map % high) * (height + GAP)];
  return { count, rows, cols, cell, corner, across, width: across * (width + GAP), height: high * (height + GAP) };
}

// units without places: each is a map of one cell
function folded(card, count) {
  const labelled = card.labels.length > 0, cell = labelled ? 18 : 11;
  const high = labelled ? count : Math.min(count, 30), across = Math.ceil(count / high);
  const corner = (unit) => [Math.floor(unit / high) * (cell + 1), (unit % high) * (cell + 1)];
  const width = across * (cell + 1) + (labelled ? 64 : 0);
  return { count, rows: 1, cols: 1, cell, corner, across, width, height: high * (cell + 1) };
}

// the unit at a point of the canvas, or null between the maps
export function unitAt(lay, x, y) {
  for (let map = 0; map < lay.count; map++) {
    const [left, top] = lay.corner(map), col = Math.floor((x - left) / lay.cell), row = Math.floor((y - top) / lay.cell);
    if (row >= 0 && col >= 0 && row < lay.rows && col < lay.cols) return [map, row, col];
  }
  return null;
}
