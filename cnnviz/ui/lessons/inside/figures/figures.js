// Draws rows of small grids. They are few and small: every run draws them anew.
import { brush, divergingScale, element, find, pixels } from "../../../core/base.js";
import { short, whole } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";

/** @import { Colour, Context } from "../../../core/base.js" */

/**
 * @typedef {object} Figure
 * @property {string} label
 * @property {string} tone signed, grey or colour
 * @property {number} most at the ends of a signed scale
 * @property {string} role colours the frame
 * @property {string} before the sign in front of it
 * @property {[top: number, bottom: number, left: number, right: number] | null} box a place on it
 * @property {boolean} numbers whether each cell shows its own
 * @property {number} side in pixels
 * @property {number[]} shape rows, columns and perhaps three channels
 */

/** @typedef {{ title: string, figures: Figure[], result: string }} Row */
/**
 * @typedef {{ rows: Row[], line: string, values: Float32Array }} Data the values of all figures, one after the other
 */
/** @typedef {{ root: HTMLElement, shade: (share: number) => Colour }} View */

/** @param {View} view @param {Figure} figure @param {Float32Array} values */
function drawn(view, figure, values) {
  const [rows, cols, channels = 1] = figure.shape;
  const canvas = element("canvas");
  const cell = figure.side / Math.max(rows, cols);
  const [width, height] = [cols * cell, rows * cell];
  const ratio = devicePixelRatio;
  const context = brush(canvas);
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  canvas.style.width = `${width}px`;
  if (figure.role) canvas.style.setProperty("--frame", `var(--${figure.role})`);
  context.scale(ratio, ratio);
  const colourOf =
    figure.tone === "signed"
      ? (/** @type {number} */ at) => view.shade(values[at * channels] / (figure.most || 1))
      : pixels(values, channels);
  for (let at = 0; at < rows * cols; at++) {
    const colour = colourOf(at);
    const [x, y] = [(at % cols) * cell, Math.floor(at / cols) * cell];
    context.fillStyle = `rgb(${colour.map(Math.round).join(" ")})`;
    context.fillRect(x, y, cell + 0.5, cell + 0.5);
    if (figure.numbers && cell >= 19) write(context, values[at], colour, x + cell / 2, y + cell / 2, cell);
  }
  if (figure.box) box(view, context, figure.box, cell);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${figure.label}, ${rows} by ${cols}`);
  canvas.onpointermove = (event) => point(canvas, event, figure, values);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} value
 * @param {Colour} colour
 * @param {number} x
 * @param {number} y
 * @param {number} cell
 */
function write(context, value, colour, x, y, cell) {
  context.font = `${Math.min(13, cell / 2.7)}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = colour[0] * 0.3 + colour[1] * 0.6 + colour[2] * 0.1 > 135 ? "#10161f" : "#f8fafc";
  context.fillText(short(value, 5), x, y + 0.5);
}

/**
 * @param {View} view
 * @param {CanvasRenderingContext2D} context
 * @param {NonNullable<Figure["box"]>} place
 * @param {number} cell
 */
function box(view, context, [top, bottom, left, right], cell) {
  context.strokeStyle = getComputedStyle(view.root).getPropertyValue("--window");
  context.lineWidth = 2;
  context.strokeRect(left * cell + 1, top * cell + 1, (right - left) * cell - 2, (bottom - top) * cell - 2);
}

// the number under the pointer, whole
/** @param {HTMLCanvasElement} canvas @param {PointerEvent} event @param {Figure} figure @param {Float32Array} values */
function point(canvas, event, figure, values) {
  const [rows, cols, channels = 1] = figure.shape;
  const area = canvas.getBoundingClientRect();
  const col = Math.floor(((event.clientX - area.left) / area.width) * cols);
  const row = Math.floor(((event.clientY - area.top) / area.height) * rows);
  const at = (row * cols + col) * channels;
  canvas.title =
    channels === 1 && at >= 0 && at < values.length ? `row ${row}, column ${col}: ${whole(values[at])}` : "";
}

/** @param {Context<Uint8Array>} context */
export function mount({ data, parentElement }) {
  const root = find(parentElement, ".figures");
  /** @type {Data} */
  const { rows, values, line } = unpacked(data);
  const view = { root, shade: divergingScale(root) };
  let from = 0;
  const made = rows.map((row) => {
    const box = element("div", "row");
    if (row.title) box.append(element("p", "title", row.title));
    for (const figure of row.figures) {
      const size = figure.shape.reduce((a, b) => a * b, 1);
      const part = values.subarray(from, from + size);
      from += size;
      const one = element("figure");
      one.style.setProperty("--side", `${figure.side}px`);
      one.append(drawn(view, figure, part), element("figcaption", "", figure.label));
      if (figure.before) box.append(element("span", "sign", figure.before));
      box.append(one);
    }
    if (row.result) box.append(element("span", "result", row.result));
    return box;
  });
  root.replaceChildren(...made, ...(line ? [element("p", "line", line)] : []));
}
