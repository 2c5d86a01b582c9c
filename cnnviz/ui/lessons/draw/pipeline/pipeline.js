// Draws the pictures of a drawing on its way, as the pad's answer tells; the cards are kept and only get other pictures.
import { clamp, element, find, paint } from "../../../core/base.js";
import { hear } from "../../../core/news.js";
import { short } from "../../../core/numbers.js";
import { pictures } from "./pictures.js";

const SIDE = 132; // pixels of the longer side of a picture

/** @import { Context } from "../../../core/base.js" */
/** @import { How, Picture } from "./pictures.js" */

/**
 * @typedef {object} Card a step on the way of a drawing
 * @property {string} step
 * @property {string} title
 * @property {string} note
 * @property {boolean | null} done whether it was taken; null where it cannot be left out
 * @property {number} zero what the 0 of its picture stands for
 * @property {number} full what the 255 stands for
 * @property {number} low which is black
 * @property {number} high which is white
 */

/** @typedef {{ hears: string, title: string, cards: Card[] }} Data */
/** @typedef {{ ink?: Uint8Array, hows?: How[], own?: Uint8Array }} News */
/** @typedef {Record<"root" | "head" | "size" | "note", HTMLElement> & { canvas: HTMLCanvasElement }} Parts of a card */

/**
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {HTMLDetailsElement} whole
 * @property {HTMLElement} value
 * @property {string} key the steps that there are cards for
 * @property {Parts[]} cards
 * @property {Data} data
 * @property {News} news
 * @property {Context["setTriggerValue"]} trigger
 */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

// the number that a byte of a card's picture stands for
/** @param {Card} card @param {number} byte */
const number = ({ zero, full }, byte) => zero + ((full - zero) * byte) / 255;

/** @param {Card} card @param {number} byte */
const grey = (card, byte) => Math.round(255 * clamp((number(card, byte) - card.low) / (card.high - card.low), 0, 1));

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

/** @param {HTMLCanvasElement} canvas @param {Card} card @param {Picture} picture */
function paintCard(canvas, card, { shape, values }) {
  const [rows, cols] = shape;
  const scale = SIDE / Math.max(rows, cols);
  paint(canvas, shape, (at) => {
    const shade = grey(card, values[at]);
    return [shade, shade, shade];
  });
  Object.assign(canvas.style, { width: `${cols * scale}px`, height: `${rows * scale}px` });
}

/** @param {View} view @param {Parts} parts @param {Card} card @param {Picture} picture */
function show(view, parts, card, picture) {
  const { shape, values } = picture;
  parts.root.classList.toggle("off", card.done === false);
  if (card.done !== null) parts.head.setAttribute("aria-checked", String(card.done));
  paintCard(parts.canvas, card, picture);
  parts.canvas.setAttribute("aria-label", `${card.title}: ${shape.join(" by ")} pixels`);
  parts.size.textContent = shape.join(" × ");
  parts.note.textContent = card.note;
  parts.canvas.onpointermove = (event) => {
    const [rows, cols] = shape;
    const box = parts.canvas.getBoundingClientRect();
    const row = clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1);
    const col = clamp(Math.floor(((event.clientX - box.left) / box.width) * cols), 0, cols - 1);
    view.value.textContent = `${card.title}: row ${row}, column ${col} is ${short(number(card, values[row * cols + col]), 5)}`;
  };
  parts.canvas.onpointerleave = () => {
    view.value.textContent = "";
  };
}

// a picture as a table of its numbers, each on its own grey
/** @param {HTMLTableElement} root @param {Card} card @param {Picture} picture */
function table(root, card, { shape, values }) {
  const [rows, cols] = shape;
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
  const { cards, title } = view.data;
  const { ink, hows = [], own = new Uint8Array() } = view.news;
  const key = cards.map(({ step }) => step).join();
  if (view.key !== key) {
    view.key = key;
    view.cards = cards.map((card) => makeCard(view, card));
    find(view.root, ".cards").replaceChildren(...view.cards.map(({ root }) => root));
  }
  find(view.root, "h5").textContent = title;
  view.root.hidden = !ink || hows.length !== cards.length;
  if (!ink || view.root.hidden) return;
  const shown = pictures(ink, hows, own);
  view.cards.forEach((parts, at) => show(view, parts, cards[at], shown[at]));
  const last = cards.length - 2;
  if (view.whole.open && last >= 0) table(find(view.root, "table"), cards[last], shown[last]);
}

/** @param {HTMLElement} root @param {Data} data @param {Context["setTriggerValue"]} trigger */
function open(root, data, trigger) {
  /** @type {View} */
  const view = {
    root,
    data,
    news: {},
    trigger,
    whole: find(root, ".whole"),
    value: find(root, ".value"),
    key: "",
    cards: [],
  };
  view.whole.ontoggle = () => draw(view);
  root.onkeydown = (event) => event.stopPropagation(); // r and c are shortcuts of Streamlit's
  return view;
}

/** @param {Context<Data>} context */
export function mount({ data, parentElement, setTriggerValue: trigger }) {
  const view = views.get(parentElement) ?? open(find(parentElement, ".pipeline"), data, trigger);
  views.set(parentElement, view);
  Object.assign(view, { data, trigger });
  draw(view);
  return hear(data.hears, view, (news) => {
    view.news = news;
    draw(view);
  });
}
