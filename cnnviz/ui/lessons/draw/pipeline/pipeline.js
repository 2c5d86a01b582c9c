// Draws the pictures of a drawing on its way; the cards are kept and only get other pictures.
import { clamp, element, find, paint } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";

const SIDE = 132; // pixels of the longer side of a picture

/** @import { Context } from "../../../core/base.js" */

/**
 * @typedef {object} Card a step on the way of a drawing
 * @property {string} step
 * @property {string} title
 * @property {string} note
 * @property {[rows: number, cols: number]} shape of its picture
 * @property {number} low which is black
 * @property {number} high which is white
 * @property {boolean | null} done whether it was taken; null where it cannot be left out
 */

/** @typedef {Uint8Array | Float32Array} Values of a card's picture */
/** @typedef {{ cards: Card[], [picture: `picture${number}`]: Values }} Data */
/** @typedef {Record<"root" | "head" | "size" | "note", HTMLElement> & { canvas: HTMLCanvasElement }} Parts of a card */

/**
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {HTMLDetailsElement} whole
 * @property {HTMLElement} value
 * @property {string} key the steps that there are cards for
 * @property {Parts[]} cards
 * @property {Data} data
 * @property {Context["setTriggerValue"]} trigger
 */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @param {Card} card @param {number} value */
const grey = ({ low, high }, value) => Math.round(255 * clamp((value - low) / (high - low), 0, 1));

/** @param {View} view @param {Card} card @returns {Parts} */
function makeCard(view, { step, title, done }) {
  const root = element("li", "card");
  const head = element(done === null ? "div" : "button", "title");
  const frame = element("div", "frame");
  const parts = { root, head, canvas: element("canvas"), size: element("div", "size"), note: element("div", "note") };
  if (done !== null) {
    Object.assign(head, { type: "button", onclick: () => view.trigger("switched", step) });
    head.setAttribute("role", "switch");
    head.append(element("span", "knob"));
  }
  head.append(element("span", "", title));
  parts.canvas.setAttribute("role", "img");
  frame.append(parts.canvas);
  root.append(head, frame, parts.size, parts.note);
  return parts;
}

/** @param {HTMLCanvasElement} canvas @param {Card} card @param {Values} values */
function paintCard(canvas, card, values) {
  const [rows, cols] = card.shape;
  const scale = SIDE / Math.max(rows, cols);
  paint(canvas, card.shape, (at) => {
    const shade = grey(card, values[at]);
    return [shade, shade, shade];
  });
  Object.assign(canvas.style, { width: `${cols * scale}px`, height: `${rows * scale}px` });
}

/** @param {View} view @param {Parts} parts @param {Card} card @param {Values} values */
function show(view, parts, card, values) {
  parts.root.classList.toggle("off", card.done === false);
  if (card.done !== null) parts.head.setAttribute("aria-checked", String(card.done));
  paintCard(parts.canvas, card, values);
  parts.canvas.setAttribute("aria-label", `${card.title}: ${card.shape.join(" by ")} pixels`);
  parts.size.textContent = card.shape.join(" × ");
  parts.note.textContent = card.note;
  parts.canvas.onpointermove = (event) => {
    const [rows, cols] = card.shape;
    const box = parts.canvas.getBoundingClientRect();
    const row = clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1);
    const col = clamp(Math.floor(((event.clientX - box.left) / box.width) * cols), 0, cols - 1);
    view.value.textContent = `${card.title}: row ${row}, column ${col} is ${short(values[row * cols + col], 5)}`;
  };
  parts.canvas.onpointerleave = () => {
    view.value.textContent = "";
  };
}

// a picture as a table of its numbers, each on its own grey
/** @param {HTMLTableElement} root @param {Card} card @param {Values} values */
function table(root, card, values) {
  const [rows, cols] = card.shape;
  if (root.rows.length !== rows || root.rows[0]?.cells.length !== cols) {
    root.replaceChildren();
    for (let row = 0; row < rows; row++) {
      const line = root.insertRow();
      for (let col = 0; col < cols; col++) line.insertCell();
    }
  }
  values.forEach((value, at) => {
    const cell = root.rows[Math.floor(at / cols)].cells[at % cols];
    const g = grey(card, value);
    cell.textContent = String(value);
    cell.style.background = `rgb(${g} ${g} ${g})`;
    cell.style.color = g > 127 ? "#10161f" : "#f8fafc";
  });
}

/** @param {View} view */
function draw(view) {
  const { data } = view;
  const picture = (/** @type {number} */ at) => data[`picture${at}`];
  const last = data.cards.length - 2;
  const key = data.cards.map(({ step }) => step).join();
  if (view.key !== key) {
    view.key = key;
    view.cards = data.cards.map((card) => makeCard(view, card));
    find(view.root, ".cards").replaceChildren(...view.cards.map(({ root }) => root));
  }
  view.cards.forEach((parts, at) => show(view, parts, data.cards[at], picture(at)));
  if (view.whole.open && last >= 0) table(find(view.root, "table"), data.cards[last], picture(last));
}

/** @param {HTMLElement} root @param {Data} data @param {Context["setTriggerValue"]} trigger */
function open(root, data, trigger) {
  /** @type {View} */
  const view = { root, data, trigger, whole: find(root, ".whole"), value: find(root, ".value"), key: "", cards: [] };
  view.whole.ontoggle = () => draw(view);
  root.onkeydown = (event) => event.stopPropagation(); // r and c are shortcuts of Streamlit's
  return view;
}

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement, setTriggerValue: trigger }) {
  const data = unpacked(bytes);
  const view = views.get(parentElement) ?? open(find(parentElement, ".pipeline"), data, trigger);
  views.set(parentElement, view);
  Object.assign(view, { data, trigger });
  draw(view);
}
