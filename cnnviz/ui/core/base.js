// What components share: finding and making elements, light and dark, colours of numbers, pictures of one pixel a cell.

/** @typedef {[red: number, green: number, blue: number]} Colour each from 0 to 255 */
/** @typedef {(cell: number) => Colour} ColourOf of a cell by its place in reading order */

/**
 * What Streamlit calls a component with, and state.js hands on: `data` are what Python gave to `component.mount`.
 * @template [Data=any]
 * @typedef {object} Context
 * @property {Data} data
 * @property {ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 * @property {(waits: () => boolean, again?: () => void) => void} waitsWhile an answer is still to come while `waits()`;
 *   `again()`, called once there is another connection, sends what the server may not have
 */

/**
 * The one element in `around` that a selector names.
 * @template {Element} [Found=HTMLElement]
 * @param {ParentNode} around
 * @param {string} selector
 */
export function find(around, selector) {
  const found = around.querySelector(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return /** @type {Found} */ (found);
}

/**
 * The element that a selector names where an event happened, or around it.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const closest = ({ target }, selector) => (target instanceof Element ? target.closest(selector) : null);

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 */
export function element(tag, classes = "", text = "") {
  const made = document.createElement(tag);
  Object.assign(made, { className: classes, textContent: text });
  return made;
}

/** @type {Record<string, readonly [rows: number, columns: number]>} where the arrow keys lead */
export const STEPS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

// Light text means a dark theme: within an element of class `dark` base.css has other colours.
/** @param {HTMLElement} around */
export function markTheme(around) {
  const [r, g, b] = (getComputedStyle(around).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  around.classList.toggle("dark", r + g + b > 382);
}

const ENDS = ["--negative-end", "--negative-middle", "--zero", "--positive-middle", "--positive-end"];

/** @param {string} text such as #cc79a7 @returns {Colour} */
const parsed = (text) => {
  const part = (/** @type {number} */ at) => parseInt(text.trim().slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
};

// the page's scale of signed numbers: from -1 over 0, the colour of the page, to 1
/** @param {HTMLElement} around @returns {(share: number) => Colour} */
export function divergingScale(around) {
  const style = getComputedStyle(around);
  const stops = ENDS.map((name) => parsed(style.getPropertyValue(name)));
  return (share) => between(stops, 2 + 2 * (share || 0));
}

// the colour at place `along` of a row of colours, 0 the first; what lies beyond the last is as the last
/** @param {Colour[]} stops @param {number} along @returns {Colour} */
export function between(stops, along) {
  const place = clamp(along, 0, stops.length - 1);
  const from = Math.min(stops.length - 2, Math.floor(place));
  const part = (/** @type {number} */ n) => stops[from][n] + (stops[from + 1][n] - stops[from][n]) * (place - from);
  return [part(0), part(1), part(2)];
}

/** @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2DSettings} [settings] */
export function brush(canvas, settings) {
  const found = canvas.getContext("2d", settings);
  if (!found) throw new Error("the browser draws nothing on a canvas");
  return found;
}

// one pixel for each cell, which CSS makes larger
/** @param {HTMLCanvasElement} canvas @param {readonly number[]} size rows and columns @param {ColourOf} colourOf */
export function paint(canvas, [rows, cols], colourOf) {
  if (canvas.width !== cols || canvas.height !== rows) Object.assign(canvas, { width: cols, height: rows });
  const image = new ImageData(cols, rows);
  for (let cell = 0; cell < rows * cols; cell++) image.data.set([...colourOf(cell), 255], 4 * cell);
  brush(canvas).putImageData(image, 0, 0);
}

// the colour of each cell of (H, W, C) numbers from 0 to 255, grey where there are not three channels
/** @param {ArrayLike<number>} values @param {number} channels @returns {ColourOf} */
export const pixels = (values, channels) => (cell) => {
  const part = (/** @type {number} */ c) => values[cell * channels + (channels === 3 ? c : 0)];
  return [part(0), part(1), part(2)];
};
