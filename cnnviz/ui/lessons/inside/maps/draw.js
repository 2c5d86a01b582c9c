// A card: the maps of a step, what its units are called, and what is marked on it.
import { brush } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";

/** @import { Layout, Unit } from "./layout.js" */

/** @typedef {[from: number, to: number]} Span the first cell and the one after the last */
/**
 * @typedef {[rows: Span[], cols: Span[]] | null} Spans for each row and each column of units; null where all is seen
 */

/**
 * @typedef {object} Card a step as it is drawn
 * @property {string} name
 * @property {string} operation
 * @property {string[]} sources
 * @property {number[]} shape of what is drawn: channels, rows, columns, or features
 * @property {number} total of maps or units
 * @property {number} most at the ends of its scale
 * @property {boolean} signed
 * @property {Spans} windows cells of the first source
 * @property {Spans} fields cells of the input
 * @property {boolean} grouped whether a unit sees all maps of its source
 * @property {string[]} labels
 * @property {number[]} exact of what is labelled
 * @property {string} block whose input is added again at its end
 */

/**
 * @typedef {object} Drawn a card on the page
 * @property {Card} card
 * @property {HTMLElement} box
 * @property {HTMLCanvasElement} canvas
 * @property {Layout} lay
 * @property {HTMLCanvasElement} sheet
 * @property {Uint8Array} bytes
 * @property {Unit | null} at where the keys or the pointer are
 */

/** @typedef {{ map: number | null, rows: Span, cols: Span }} Mark cells of a map, or of all */

// a card with what is marked on it
/** @param {HTMLElement} root @param {Drawn} one @param {Mark} [mark] */
export function draw(root, one, mark) {
  const { canvas, lay } = one;
  const ratio = devicePixelRatio;
  const context = brush(canvas);
  canvas.width = Math.ceil((lay.width + 1) * ratio);
  canvas.height = Math.ceil((lay.height + 1) * ratio);
  canvas.style.width = `${lay.width + 1}px`;
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  const style = getComputedStyle(root);
  const line = style.getPropertyValue("--st-border-color") || "#8886";
  for (let map = 0; map < lay.count; map++) {
    const [left, top] = lay.corner(map);
    const width = lay.cols * lay.cell;
    const height = lay.rows * lay.cell;
    context.drawImage(one.sheet, 0, map * lay.rows, lay.cols, lay.rows, left, top, width, height);
    context.strokeStyle = line;
    context.lineWidth = 0.5;
    context.strokeRect(left + 0.25, top + 0.25, width - 0.5, height - 0.5);
    if (one.card.labels.length) label(one, context, map, style);
  }
  if (mark) outline(context, lay, mark, style.getPropertyValue("--window"));
}

/**
 * @param {Drawn} one
 * @param {CanvasRenderingContext2D} context
 * @param {number} unit
 * @param {CSSStyleDeclaration} style
 */
function label(one, context, unit, style) {
  const [left, top] = one.lay.corner(unit);
  context.font = `12px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = "middle";
  const text = `${one.card.labels[unit].slice(0, 7)}  ${short(valueAt(one, [unit, 0, 0]), 5)}`;
  context.fillText(text, left + one.lay.cell + 5, top + one.lay.cell / 2 + 1);
}

/** @param {CanvasRenderingContext2D} context @param {Layout} lay @param {Mark} mark @param {string} colour */
function outline(context, lay, { map, rows, cols }, colour) {
  for (const at of map === null ? Array(lay.count).keys() : [map]) {
    const [left, top] = lay.corner(at);
    const x = left + cols[0] * lay.cell;
    const y = top + rows[0] * lay.cell;
    const width = Math.max(3, (cols[1] - cols[0]) * lay.cell);
    const height = Math.max(3, (rows[1] - rows[0]) * lay.cell);
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.strokeRect(x, y, width, height);
  }
}

// the number of a unit, as exact as it has come
/** @param {Drawn} one @param {Unit} unit */
export function valueAt(one, [map, row, col]) {
  if (one.card.exact.length) return one.card.exact[map];
  return ((one.bytes[(map * one.lay.rows + row) * one.lay.cols + col] - 128) / 127) * one.card.most;
}
