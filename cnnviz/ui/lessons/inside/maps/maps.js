// The overview. Python sends every step's maps, windows and fields; pointing at a unit only looks them up.
import { divergingScale, element } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";
import { laidOut, unitAt } from "./layout.js";
import { pictureSheet, sheet } from "./paint.js";

const views = new WeakMap();
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function build(view) {
  view.cards = [inputCard(view), ...view.data.cards].map((card) => {
    const box = element("div", "card"), canvas = element("canvas");
    box.setAttribute("role", "listitem");
    box.append(element("span", "name", within(card, card.name)), element("span", "shape", shapeOf(card)), element("span", "from", fromOf(card)), canvas);
    box.title = `${card.name}: ${card.operation}`;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.dataset.layer = card.name;
    const one = { card, box, canvas, lay: card.name === "input" ? inputLay(view) : laidOut(card) };
    listen(view, one);
    return one;
  });
  view.cards.forEach((one, n) => one.box.classList.toggle("feeds", view.cards[n + 1]?.card.sources.includes(one.card.name) ?? false));
  view.root.querySelector(".cards").replaceChildren(...boxes(view.cards));
}

// the cards of a block under its shortcut, the others by themselves
function boxes(cards) {
  const made = [];
  let block = null;
  for (const { card, box } of cards) {
    if (!card.block) { made.push(box); block = null; continue; }
    if (block?.dataset.name !== card.block) {
      block = element("div", "block");
      block.setAttribute("role", "none");
      block.dataset.name = card.block;
      block.append(element("span", "shortcut", card.block));
      block.lastChild.setAttribute("aria-hidden", "true"); // the cards say their whole names
      made.push(block);
    }
    block.append(box);
  }
  return made;
}

// a name inside of its block
const within = ({ block }, name) => (block && name.startsWith(`${block}.`) ? name.slice(block.length + 1) : name);

const inputCard = ({ data }) => ({ name: "input", operation: "The picture", sources: [], shape: data.picture_shape, labels: [], exact: [] });

function inputLay({ data }) {
  const [rows, cols] = data.picture_shape, cell = 96 / Math.max(rows, cols);
  return { count: 1, rows, cols, cell, corner: () => [0, 0], width: cols * cell, height: rows * cell };
}

function shapeOf(card) {
  const [first, ...rest] = card.name === "input" ? [card.shape[2], card.shape[0], card.shape[1]] : [card.total, ...card.shape.slice(1)];
  return [first, ...rest].join(" × ") + (card.total > card.shape[0] ? `, ${card.shape[0]} shown` : "");
}

// where branches meet, which
const fromOf = (card) => (card.sources.length > 1 ? card.sources.map((name) => within(card, name)).join(" + ") : card.operation);

function repaint(view) {
  const { root, data } = view;
  const colour = divergingScale(root), top = Math.max(...data.cards.map((card) => card.most));
  let offset = 0;
  view.cards.forEach((one) => {
    if (one.card.name === "input") one.sheet = pictureSheet(data.picture, data.picture_shape);
    else {
      const size = one.card.shape.reduce((a, b) => a * b, 1);
      one.bytes = data.bytes.subarray(offset, (offset += size));
      const stretch = data.scale === "network" ? one.card.most / top : 1;
      one.sheet = sheet(one.bytes, one.lay.count * one.lay.rows, one.lay.cols, stretch, colour);
    }
    one.box.classList.toggle("chosen", one.card.name === data.chosen.layer);
    one.canvas.setAttribute("aria-label", `${one.card.name}: ${shapeOf(one.card)}. Arrow keys move from unit to unit, Enter shows the arithmetic.`);
    draw(view, one);
  });
  const signed = data.cards.some((card) => card.signed);
  root.querySelector(".low").textContent = data.scale === "network" ? short(-top) : signed ? "negative" : "";
  root.querySelector(".high").textContent = data.scale === "network" ? short(top) : "positive";
  root.querySelector(".meaning").textContent = data.scale === "network" ? "one scale for the whole network" : "each layer on a scale of its own; the colour of the page is 0";
}

// a card with what is marked on it: rectangles of cells, on one map or on all
function draw(view, one, marks = []) {
  const { canvas, lay } = one, ratio = devicePixelRatio, context = canvas.getContext("2d");
  canvas.width = Math.ceil((lay.width + 1) * ratio);
  canvas.height = Math.ceil((lay.height + 1) * ratio);
  canvas.style.width = `${lay.width + 1}px`;
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  const style = getComputedStyle(view.root), line = style.getPropertyValue("--st-border-color") || "#8886";
  for (let map = 0; map < lay.count; map++) {
    const [left, top] = lay.corner(map), width = lay.cols * lay.cell, height = lay.rows * lay.cell;
    context.drawImage(one.sheet, 0, map * lay.rows, lay.cols, lay.rows, left, top, width, height);
    context.strokeStyle = line;
    context.lineWidth = 0.5;
    context.strokeRect(left + 0.25, top + 0.25, width - 0.5, height - 0.5);
    if (one.card.labels.length) label(view, one, context, map, style);
  }
  for (const mark of marks) outline(context, lay, mark, style.getPropertyValue("--window"));
}

function label(view, one, context, unit, style) {
  const [left, top] = one.lay.corner(unit);
  context.font = `12px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = "middle";
  context.fillText(`${one.card.labels[unit].slice(0, 7)}  ${short(valueOf(one, [unit, 0, 0]), 5)}`, left + one.lay.cell + 5, top + one.lay.cell / 2 + 1);
}

function outline(context, lay, { map, rows, cols }, colour) {
  for (const at of map === null ? Array(lay.count).keys() : [map]) {
    const [left, top] = lay.corner(at);
    const x = left + cols[0] * lay.cell, y = top + rows[0] * lay.cell;
    const width = Math.max(3, (cols[1] - cols[0]) * lay.cell), height = Math.max(3, (rows[1] - rows[0]) * lay.cell);
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.strokeRect(x, y, width, height);
  }
}

function valueOf(one, [map, row, col]) {
  if (one.card.exact.length) return one.card.exact[map];
  return ((one.bytes[(map * one.lay.rows + row) * one.lay.cols + col] - 128) / 127) * one.card.most;
}

// the marks of a unit: itself, its window on what feeds it, its receptive field on the input
function marksOf(view, one, [map, row, col]) {
  const { card } = one, marks = new Map([[one, [{ map, rows: [row, row + 1], cols: [col, col + 1] }]]]);
  const whole = (other) => ({ map: null, rows: [0, other.lay.rows], cols: [0, other.lay.cols] });
  for (const name of card.sources) {
    const source = view.cards.find((other) => other.card.name === name);
    if (!source || name === "input") continue;
    const own = card.shape.length === source.card.shape.length && !card.grouped ? map : null;
    if (card.windows) marks.set(source, [{ map: own, rows: card.windows[0][row], cols: card.windows[1][col] }]);
    else if (card.shape.length === 3 && source.card.shape.length === 3) marks.set(source, [{ map: own, rows: [row, row + 1], cols: [col, col + 1] }]);
    else marks.set(source, card.grouped ? [whole(source)] : [{ map, rows: [0, 1], cols: [0, 1] }]);
  }
  const input = view.cards[0];
  if (one !== input) marks.set(input, [card.fields ? { map: 0, rows: card.fields[0][row], cols: card.fields[1][col] } : whole(input)]);
  return marks;
}

function point(view, one, at) {
  view.marked?.forEach((_, other) => draw(view, other));
  view.marked = null;
  if (!one || !at) return say(view);
  view.marked = marksOf(view, one, at);
  view.marked.forEach((marks, other) => draw(view, other, marks));
  tell(view, one, at);
}

// without a pointer the chosen unit is told of
function say(view) {
  const one = view.cards.find((other) => other.card.name === view.data.chosen.layer);
  if (!one) return;
  const [map, row = 0, col = 0] = view.data.chosen.at;
  if (map < one.lay.count && row < one.lay.rows && col < one.lay.cols) {
    view.marked = marksOf(view, one, [map, row, col]);
    view.marked.forEach((marks, other) => draw(view, other, marks));
    tell(view, one, [map, row, col]);
  }
}

function tell(view, one, [map, row, col]) {
  const { card, lay } = one, told = view.root.querySelector(".told");
  if (card.name === "input") {
    const [, cols, channels] = view.data.picture_shape, from = (row * cols + col) * channels;
    const pixel = [...view.data.picture.slice(from, from + channels)].join(", ");
    told.replaceChildren(element("b", "", "input"), `, row ${row}, column ${col}: ${pixel} of 255.`);
    return;
  }
  const place = lay.rows * lay.cols > 1 ? `map ${map}, row ${row}, column ${col}` : `unit ${map}${card.labels[map] ? `, class ${card.labels[map]}` : ""}`;
  const sees = card.fields ? `It sees rows ${span(card.fields[0][row])} and columns ${span(card.fields[1][col])} of the input.` : "It sees the whole input.";
  told.replaceChildren(element("b", "", card.name), ` (${card.operation}), ${place}: about `, element("b", "", short(valueOf(one, [map, row, col]))), `. ${sees} Click for the exact arithmetic.`);
}

const span = ([from, to]) => (to - from > 1 ? `${from} to ${to - 1}` : `${from}`);

function choose(view, one, at) {
  if (one.card.name === "input" || !at) return;
  const unit = one.card.shape.length === 1 ? [at[0]] : at;
  view.data.chosen = { layer: one.card.name, at: unit };
  view.cards.forEach((other) => other.box.classList.toggle("chosen", other === one));
  view.send("unit", { layer: one.card.name, at: unit });
}

function listen(view, one) {
  const { canvas } = one, here = (event) => {
    const box = canvas.getBoundingClientRect(), ratio = (one.lay.width + 1) / box.width;
    return unitAt(one.lay, (event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio);
  };
  canvas.onpointermove = (event) => { one.at = here(event) ?? one.at; point(view, one, one.at); };
  canvas.onpointerleave = () => point(view, null);
  canvas.onclick = (event) => choose(view, one, here(event));
  canvas.onfocus = () => { if (canvas.matches(":focus-visible")) point(view, one, (one.at ??= [0, 0, 0])); };
  canvas.onblur = () => point(view, null);
  canvas.onkeydown = (event) => onKey(view, one, event);
}

// arrows move on the map, and on to the next one at its edge
function onKey(view, one, event) {
  event.stopPropagation(); // Streamlit has shortcuts of its own
  const step = STEPS[event.key];
  if (event.key === "Enter" || event.key === " ") choose(view, one, one.at ?? [0, 0, 0]);
  else if (step) {
    const { lay } = one, [map, row, col] = one.at ?? [0, 0, 0];
    const next = [row + step[0], col + step[1]];
    const inside = next[0] >= 0 && next[1] >= 0 && next[0] < lay.rows && next[1] < lay.cols;
    const other = Math.max(0, Math.min(lay.count - 1, map + step[0] + step[1]));
    one.at = inside ? [map, ...next] : [other, Math.min(row, lay.rows - 1), Math.min(col, lay.cols - 1)];
    point(view, one, one.at);
  } else return;
  event.preventDefault();
}

export function mount({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = { root: parentElement.querySelector(".maps") }));
  view.data = unpacked(data);
  view.send = setTriggerValue;
  const network = JSON.stringify([view.data.picture_shape, view.data.cards.map((card) => [card.name, card.shape])]);
  if (network !== view.network) build(view);
  else view.cards.forEach((one, n) => { if (n) one.card = view.data.cards[n - 1]; });
  view.network = network;
  repaint(view);
  view.marked = null;
  say(view);
}
