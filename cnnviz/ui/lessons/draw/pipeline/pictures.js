// The pictures of the preprocessing, as pictures.py tells how each follows from the one before.

/** @typedef {[way: "inverse" | "part" | "field" | "own", top: number, left: number, rows: number, cols: number]} How */
/** @typedef {{ shape: [rows: number, cols: number], values: Uint8Array }} Picture */

/**
 * @param {Uint8Array} ink that was sent, a square: the first picture follows from it
 * @param {How[]} hows
 * @param {Uint8Array} own pixels of those that follow from none, one after the other
 * @returns {Picture[]}
 */
export function pictures(ink, hows, own) {
  const side = Math.sqrt(ink.length);
  /** @type {Picture} */
  let before = { shape: [side, side], values: ink };
  let taken = 0;
  return hows.map((how) => {
    const [way, , , rows, cols] = how;
    const end = taken + (way === "own" ? rows * cols : 0);
    before = way === "own" ? { shape: [rows, cols], values: own.subarray(taken, end) } : followed(before, how);
    taken = end;
    return before;
  });
}

/** @param {Picture} before @param {How} how @returns {Picture} */
function followed({ shape: [height, width], values }, [way, top, left, rows, cols]) {
  if (way === "inverse") return { shape: [height, width], values: values.map((value) => 255 - value) };
  const [down, right] = way === "part" ? [top, left] : [-top, -left];
  const made = new Uint8Array(rows * cols);
  for (let row = Math.max(0, -down); row < Math.min(rows, height - down); row++) {
    for (let col = Math.max(0, -right); col < Math.min(cols, width - right); col++) {
      made[row * cols + col] = values[(row + down) * width + col + right];
    }
  }
  return { shape: [rows, cols], values: made };
}
