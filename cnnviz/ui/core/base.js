// What components share: elements, shares in words, light and dark, colours of numbers, pictures of one pixel a cell.

export function element(tag, classes = "", text = "") {
  const made = document.createElement(tag);
  Object.assign(made, { className: classes, textContent: text });
  return made;
}

export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

// a share as it is written everywhere, never as 0.0 or 100.0 %
export function percent(share) {
  return share < 0.001 ? "< 0.1 %" : share > 0.999 ? "> 99.9 %" : `${(100 * share).toFixed(1)} %`;
}

// Light text means a dark theme: within an element of class `dark` base.css has other colours.
export function markTheme(around) {
  const [r, g, b] = (getComputedStyle(around).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  around.classList.toggle("dark", r + g + b > 382);
}

const ENDS = ["--negative-end", "--negative-middle", "--zero", "--positive-middle", "--positive-end"];
const parsed = (text) => [1, 3, 5].map((at) => parseInt(text.trim().slice(at, at + 2), 16));

// the page's scale of signed numbers: from -1 over 0, the colour of the page, to 1 -> [red, green, blue]
export function divergingScale(around) {
  const style = getComputedStyle(around), stops = ENDS.map((name) => parsed(style.getPropertyValue(name)));
  return (share) => between(stops, 2 + 2 * (share || 0));
}

// the colour at place `along` of a row of colours, 0 the first; what lies beyond the last is as the last
export function between(stops, along) {
  const place = clamp(along, 0, stops.length - 1), from = Math.min(stops.length - 2, Math.floor(place)), part = place - from;
  return stops[from].map((value, n) => value + (stops[from + 1][n] - value) * part);
}

// one pixel for each cell, which CSS makes larger; `colourOf(cell)` is [red, green, blue]
export function paint(canvas, [rows, cols], colourOf) {
  if (canvas.width !== cols || canvas.height !== rows) Object.assign(canvas, { width: cols, height: rows });
  const image = new ImageData(cols, rows);
  for (let cell = 0; cell < rows * cols; cell++) image.data.set([...colourOf(cell), 255], 4 * cell);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// the colour of each cell of (H, W, C) bytes, grey where there are not three channels
export const pixels = (bytes, channels) => (cell) => [0, 1, 2].map((c) => bytes[cell * channels + (channels === 3 ? c : 0)]);
