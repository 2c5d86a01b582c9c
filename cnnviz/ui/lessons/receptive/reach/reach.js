// A stack of layers as maps in a row. Hovering and the keys move a cursor from unit to unit; a click or Enter pins it.
import { clamp } from "../../../core/base.js";
import { buildMaps, coloursOf, fitMaps, pictureOf } from "./maps.js";
import { showUnit } from "./path.js";

const views = new WeakMap();
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const LAYERS = { PageUp: -1, PageDown: 1, ",": -1, ".": 1 };

export function mount({ data, parentElement, setStateValue }) {
  let view = views.get(parentElement);
  if (!view) {
    const find = (name) => parentElement.querySelector(name);
    view = { root: find(".reach"), holder: find(".maps"), paths: find(".paths"), told: find(".told"), pinned: 0 };
    views.set(parentElement, view);
    listen(view);
  }
  Object.assign(view, { data, setStateValue, picture: pictureOf(data), colours: coloursOf(view.root) });
  if (data.pin.seq >= view.pinned) {
    view.pinned = data.pin.seq;
    const [layer, row, col] = data.pin.at;
    view.pin = { layer, row, col };
  }
  view.pin = inside(view, view.pin);
  const layout = JSON.stringify([data.maps, data.spans]);
  if (layout !== view.layout) buildMaps(view);
  view.layout = layout;
  view.holder.setAttribute("aria-label", label(data));
  view.cursor = view.moving && view.cursor ? inside(view, view.cursor) : view.pin;
  fitMaps(view);
  showUnit(view);
  view.observer.observe(view.root);
  return () => view.observer.disconnect();
}

function label({ maps }) {
  const row = maps.map((map) => `${map.title} ${map.size} by ${map.size}`).join(", then ");
  return `${row}. Arrow keys move from unit to unit, page up and page down from layer to layer, Enter pins the unit.`;
}

// a unit that there is
function inside(view, { layer, row, col }) {
  const { maps } = view.data, map = clamp(layer, 1, maps.length - 1), last = maps[map].size - 1;
  return { layer: map, row: clamp(row, 0, last), col: clamp(col, 0, last) };
}

function moveTo(view, unit) {
  const to = inside(view, unit), { layer, row, col } = view.cursor;
  if (to.layer === layer && to.row === row && to.col === col) return;
  view.cursor = to;
  showUnit(view);
}

function pin(view) {
  view.pin = view.cursor;
  view.setStateValue("pin", { seq: ++view.pinned, ...view.pin });
}

// another layer, at the unit that sees the same place
function otherLayer(view, change) {
  const { maps } = view.data, { layer, row, col } = view.cursor, to = clamp(layer + change, 1, maps.length - 1);
  const scaled = (at) => Math.floor(((at + 0.5) / maps[layer].size) * maps[to].size);
  moveTo(view, { layer: to, row: scaled(row), col: scaled(col) });
}

function listen(view) {
  const { holder } = view;
  view.observer = new ResizeObserver(() => {
    if (!view.data || holder.clientWidth === view.width) return;
    view.width = holder.clientWidth;
    fitMaps(view);
    showUnit(view);
  });
  const leave = () => {
    view.moving = false;
    moveTo(view, view.pin);
  };
  const point = (event) => {
    const area = event.target.closest?.(".area"), map = Number(area?.closest(".map").dataset.map ?? 0);
    if (!map) return leave();
    const box = area.querySelector("canvas").getBoundingClientRect(), { size } = view.data.maps[map];
    const cell = (at, from) => Math.floor(((at - from) / box.width) * size);
    view.moving = true;
    return moveTo(view, { layer: map, row: cell(event.clientY, box.top), col: cell(event.clientX, box.left) });
  };
  holder.onpointerdown = holder.onpointermove = point;
  holder.onpointerleave = leave;
  holder.onclick = (event) => {
    const map = Number(event.target.closest?.(".area")?.closest(".map").dataset.map ?? 0);
    if (!map) return;
    point(event);
    pin(view);
  };
  holder.onblur = leave;
  holder.onkeydown = (event) => onKey(view, event, leave);
}

function onKey(view, event, leave) {
  event.stopPropagation(); // Streamlit has shortcuts of its own
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = STEPS[event.key], { layer, row, col } = view.cursor, far = event.shiftKey ? 5 : 1;
  if (step || LAYERS[event.key]) view.moving = true;
  if (step) moveTo(view, { layer, row: row + far * step[0], col: col + far * step[1] });
  else if (LAYERS[event.key]) otherLayer(view, LAYERS[event.key]);
  else if (event.key === "Enter" || event.key === " ") pin(view);
  else if (event.key === "Escape") leave();
  else return;
  event.preventDefault();
}
