// The overview. Python sends every step's maps, windows and fields; pointing at a unit only looks them up.
import { clamp, divergingScale, element, find, STEPS } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";
import { draw, valueAt } from "./draw.js";
import { laidOut, unitAt } from "./layout.js";
import { pictureSheet, sheet } from "./paint.js";

/** @import { Context } from "../../../core/base.js" */
/** @import { Card, Drawn, Mark, Span } from "./draw.js" */
/** @import { Layout, Unit } from "./layout.js" */

/**
 * @typedef {object} Data
 * @property {Card[]} cards
 * @property {number[]} picture_shape rows, columns, channels
 * @property {string} scale one for each layer, or one for the network
 * @property {{ layer: string, at: number[] }} chosen
 * @property {Uint8Array} bytes of all cards
 * @property {Uint8Array} picture
 */

/** @typedef {Map<Drawn, Mark>} Marks */
/**
 * @typedef {{ root: HTMLElement, data: Data, cards: Drawn[], network: string, marked: Marks, send:
 *   Context["setTriggerValue"] }} View
 */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @param {View} view */
function build(view) {
  view.cards = [inputCard(view.data), ...view.data.cards].map((card) => {
    const box = element("div", "card");
    const canvas = element("canvas");
    box.setAttribute("role", "listitem");
    box.append(
      element("span", "name", within(card, card.name)),
      element("span", "shape", shapeOf(card)),
      element("span", "from", fromOf(card)),
      canvas,
    );
    box.title = `${card.name}: ${card.operation}`;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.dataset.layer = card.name;
    const lay = card.name === "input" ? inputLay(view.data) : laidOut(card);
    /** @type {Drawn} */
    const one = { card, box, canvas, lay, sheet: element("canvas"), bytes: new Uint8Array(), at: null };
    listen(view, one);
    return one;
  });
  view.cards.forEach(({ box, card }, n) => {
    box.classList.toggle("feeds", view.cards[n + 1]?.card.sources.includes(card.name) ?? false);
  });
  find(view.root, ".cards").replaceChildren(...boxes(view.cards));
}

// the cards of a block under its shortcut, the others by themselves
/** @param {Drawn[]} cards */
function boxes(cards) {
  const made = [];
  /** @type {HTMLElement | null} */
  let block = null;
  for (const { card, box } of cards) {
    if (!card.block) {
      made.push(box);
      block = null;
      continue;
    }
    if (block?.dataset.name !== card.block) {
      block = element("div", "block");
      block.setAttribute("role", "none");
      block.dataset.name = card.block;
      const shortcut = element("span", "shortcut", card.block);
      shortcut.setAttribute("aria-hidden", "true"); // the cards say their whole names
      block.append(shortcut);
      made.push(block);
    }
    block.append(box);
  }
  return made;
}

// a name inside of its block
/** @param {Card} card @param {string} name */
const within = ({ block }, name) => (block && name.startsWith(`${block}.`) ? name.slice(block.length + 1) : name);

// the picture as a card
/** @param {Data} data @returns {Card} */
const inputCard = ({ picture_shape: shape }) => ({
  ...{ name: "input", operation: "The picture", sources: [], shape, labels: [], exact: [], block: "", total: 1 },
  ...{ most: 255, signed: false, windows: null, fields: null, grouped: true },
});

/** @param {Data} data @returns {Layout} */
function inputLay({ picture_shape: [rows, cols] }) {
  const cell = 96 / Math.max(rows, cols);
  return { count: 1, rows, cols, cell, corner: () => [0, 0], width: cols * cell, height: rows * cell };
}

/** @param {Card} card */
function shapeOf(card) {
  const [first, ...rest] = card.shape;
  if (card.name === "input") return [rest[1], first, rest[0]].join(" × ");
  return [card.total, ...rest].join(" × ") + (card.total > first ? `, ${first} shown` : "");
}

// where branches meet, which
/** @param {Card} card */
const fromOf = (card) =>
  card.sources.length > 1 ? card.sources.map((name) => within(card, name)).join(" + ") : card.operation;

/** @param {View} view */
function repaint(view) {
  const { root, data } = view;
  const colour = divergingScale(root);
  const top = Math.max(...data.cards.map((card) => card.most));
  let offset = 0;
  view.cards.forEach((one) => {
    if (one.card.name === "input") one.sheet = pictureSheet(data.picture, data.picture_shape);
    else {
      const size = one.card.shape.reduce((a, b) => a * b, 1);
      one.bytes = data.bytes.subarray(offset, offset + size);
      offset += size;
      const stretch = data.scale === "network" ? one.card.most / top : 1;
      one.sheet = sheet(one.bytes, one.lay.count * one.lay.rows, one.lay.cols, stretch, colour);
    }
    one.box.classList.toggle("chosen", one.card.name === data.chosen.layer);
    const keys = "Arrow keys move from unit to unit, Enter shows the arithmetic.";
    one.canvas.setAttribute("aria-label", `${one.card.name}: ${shapeOf(one.card)}. ${keys}`);
    draw(view.root, one);
  });
  const signed = data.cards.some((card) => card.signed);
  const isOne = data.scale === "network";
  const meaning = isOne
    ? "one scale for the whole network"
    : "each layer on a scale of its own; the colour of the page is 0";
  find(root, ".low").textContent = isOne ? short(-top) : signed ? "negative" : "";
  find(root, ".high").textContent = isOne ? short(top) : "positive";
  find(root, ".meaning").textContent = meaning;
}

// the marks of a unit: itself, its window on what feeds it, its receptive field on the input
/** @param {View} view @param {Drawn} one @param {Unit} unit */
function marksOf(view, one, [map, row, col]) {
  const { card } = one;
  /** @type {(map: number | null) => Mark} */
  const same = (map) => ({ map, rows: [row, row + 1], cols: [col, col + 1] });
  /** @type {(other: Drawn) => Mark} */
  const whole = ({ lay }) => ({ map: null, rows: [0, lay.rows], cols: [0, lay.cols] });
  /** @type {Marks} */
  const marks = new Map([[one, same(map)]]);
  for (const name of card.sources) {
    const source = view.cards.find((other) => other.card.name === name);
    if (!source || name === "input") continue;
    const own = card.shape.length === source.card.shape.length && !card.grouped ? map : null;
    if (card.windows) marks.set(source, { map: own, rows: card.windows[0][row], cols: card.windows[1][col] });
    else if (card.shape.length === 3 && source.card.shape.length === 3) marks.set(source, same(own));
    else marks.set(source, card.grouped ? whole(source) : { map, rows: [0, 1], cols: [0, 1] });
  }
  const input = view.cards[0];
  const { fields } = card;
  if (one !== input) marks.set(input, fields ? { map: 0, rows: fields[0][row], cols: fields[1][col] } : whole(input));
  return marks;
}

/** @param {View} view @param {Drawn} one @param {Unit} at */
function point(view, one, at) {
  for (const other of view.marked.keys()) draw(view.root, other);
  view.marked = marksOf(view, one, at);
  for (const [other, mark] of view.marked) draw(view.root, other, mark);
  tell(view, one, at);
}

/** @param {View} view */
function leave(view) {
  for (const other of view.marked.keys()) draw(view.root, other);
  view.marked = new Map();
  say(view);
}

// without a pointer the chosen unit is told of
/** @param {View} view */
function say(view) {
  const one = view.cards.find((other) => other.card.name === view.data.chosen.layer);
  if (!one) return;
  const [map, row = 0, col = 0] = view.data.chosen.at;
  if (map < one.lay.count && row < one.lay.rows && col < one.lay.cols) point(view, one, [map, row, col]);
}

/** @param {View} view @param {Drawn} one @param {Unit} unit */
function tell(view, one, [map, row, col]) {
  const { card, lay } = one;
  const description = find(view.root, ".description");
  if (card.name === "input") {
    const [, cols, channels] = view.data.picture_shape;
    const from = (row * cols + col) * channels;
    const pixel = [...view.data.picture.slice(from, from + channels)].join(", ");
    description.replaceChildren(element("b", "", "input"), `, row ${row}, column ${col}: ${pixel} of 255.`);
    return;
  }
  const place =
    lay.rows * lay.cols > 1
      ? `map ${map}, row ${row}, column ${col}`
      : `unit ${map}${card.labels[map] ? `, class ${card.labels[map]}` : ""}`;
  const sees = card.fields
    ? `It sees rows ${span(card.fields[0][row])} and columns ${span(card.fields[1][col])} of the input.`
    : "It sees the whole input.";
  description.replaceChildren(
    element("b", "", card.name),
    ` (${card.operation}), ${place}: about `,
    element("b", "", short(valueAt(one, [map, row, col]))),
    `. ${sees} Click for the exact arithmetic.`,
  );
}

/** @param {Span} cells */
const span = ([from, to]) => (to - from > 1 ? `${from} to ${to - 1}` : `${from}`);

/** @param {View} view @param {Drawn} one @param {Unit | null} at */
function choose(view, one, at) {
  if (one.card.name === "input" || !at) return;
  const unit = one.card.shape.length === 1 ? [at[0]] : at;
  view.data.chosen = { layer: one.card.name, at: unit };
  view.cards.forEach((other) => other.box.classList.toggle("chosen", other === one));
  view.send("unit", { layer: one.card.name, at: unit });
}

/** @param {View} view @param {Drawn} one */
function listen(view, one) {
  const { canvas } = one;
  const here = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    const ratio = (one.lay.width + 1) / box.width;
    return unitAt(one.lay, (event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio);
  };
  canvas.onpointermove = (event) => {
    one.at = here(event) ?? one.at;
    if (one.at) point(view, one, one.at);
  };
  canvas.onpointerleave = () => leave(view);
  canvas.onclick = (event) => choose(view, one, here(event));
  canvas.onfocus = () => {
    if (!canvas.matches(":focus-visible")) return;
    one.at ??= [0, 0, 0];
    point(view, one, one.at);
  };
  canvas.onblur = () => leave(view);
  canvas.onkeydown = (event) => onKey(view, one, event);
}

// arrows move on the map, and on to the next one at its edge
/** @param {View} view @param {Drawn} one @param {KeyboardEvent} event */
function onKey(view, one, event) {
  event.stopPropagation(); // Streamlit has shortcuts of its own
  const step = STEPS[event.key];
  if (event.key === "Enter" || event.key === " ") choose(view, one, one.at ?? [0, 0, 0]);
  else if (step) {
    const { lay } = one;
    const [map, row, col] = one.at ?? [0, 0, 0];
    const [nextRow, nextCol] = [row + step[0], col + step[1]];
    const inside = nextRow >= 0 && nextCol >= 0 && nextRow < lay.rows && nextCol < lay.cols;
    const other = clamp(map + step[0] + step[1], 0, lay.count - 1);
    one.at = inside ? [map, nextRow, nextCol] : [other, Math.min(row, lay.rows - 1), Math.min(col, lay.cols - 1)];
    point(view, one, one.at);
  } else return;
  event.preventDefault();
}

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement, setTriggerValue: send }) {
  /** @type {Data} */
  const data = unpacked(bytes);
  const fresh = { root: find(parentElement, ".maps"), data, send, cards: [], network: "", marked: new Map() };
  const view = views.get(parentElement) ?? fresh;
  views.set(parentElement, view);
  Object.assign(view, { data, send });
  const network = JSON.stringify([data.picture_shape, data.cards.map((card) => [card.name, card.shape])]);
  if (network !== view.network) build(view);
  else {
    view.cards.slice(1).forEach((one, n) => {
      one.card = data.cards[n];
    });
  }
  view.network = network;
  repaint(view);
  view.marked = new Map();
  say(view);
}
