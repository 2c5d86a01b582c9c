// A stack of layers as maps in a row. Hovering and the keys move a cursor from unit to unit; a click or Enter pins it.
import { clamp, closest, find, STEPS } from "../../../core/base.js";
import { buildMaps, coloursOf, fitMaps, pictureOf } from "./maps.js";
import { showUnit } from "./path.js";

/** @import { Context } from "../../../core/base.js" */
/** @import { Data, Unit, View } from "./maps.js" */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @type {Record<string, number>} */
const LAYERS = { PageUp: -1, PageDown: 1, ",": -1, ".": 1 };

/** @param {Context<Data>} context */
export function mount(context) {
  const { data, parentElement, setStateValue } = context;
  const view = views.get(parentElement) ?? open(context);
  views.set(parentElement, view);
  Object.assign(view, { data, setStateValue, picture: pictureOf(data), colours: coloursOf(view.root) });
  if (data.pin.seq >= view.pinned) {
    view.pinned = data.pin.seq;
    view.pin = unitOf(data.pin.at);
  }
  view.pin = inside(view, view.pin);
  const layout = JSON.stringify([data.maps, data.spans]);
  if (layout !== view.layout) buildMaps(view);
  view.layout = layout;
  view.holder.setAttribute("aria-label", label(data));
  view.cursor = view.moving ? inside(view, view.cursor) : view.pin;
  fitMaps(view);
  showUnit(view);
  view.observer.observe(view.root);
  return () => view.observer.disconnect();
}

/** @param {[layer: number, row: number, col: number]} at @returns {Unit} */
const unitOf = ([layer, row, col]) => ({ layer, row, col });

/** @param {Context<Data>} context */
function open({ data, parentElement, setStateValue }) {
  const root = find(parentElement, ".reach");
  const look = () => {
    if (!view.layout || view.holder.clientWidth === view.width) return;
    view.width = view.holder.clientWidth;
    fitMaps(view);
    showUnit(view);
  };
  const unit = unitOf(data.pin.at);
  /** @type {View} */
  const view = {
    ...{ root, data, setStateValue, picture: pictureOf(data), colours: coloursOf(root), layout: "", figures: [] },
    ...{ pin: unit, cursor: unit, pinned: 0, moving: false, width: 0, observer: new ResizeObserver(look) },
    holder: find(root, ".maps"),
    paths: find(root, ".paths"),
    description: find(root, ".description"),
  };
  listen(view);
  return view;
}

/** @param {Data} data */
function label({ maps }) {
  const row = maps.map((map) => `${map.title} ${map.size} by ${map.size}`).join(", then ");
  return `${row}. Arrow keys move from unit to unit, page up and page down from layer to layer, Enter pins the unit.`;
}

// a unit that there is
/** @param {View} view @param {Unit} unit @returns {Unit} */
function inside(view, { layer, row, col }) {
  const { maps } = view.data;
  const map = clamp(layer, 1, maps.length - 1);
  const last = maps[map].size - 1;
  return { layer: map, row: clamp(row, 0, last), col: clamp(col, 0, last) };
}

/** @param {View} view @param {Unit} unit */
function moveTo(view, unit) {
  const to = inside(view, unit);
  const { layer, row, col } = view.cursor;
  if (to.layer === layer && to.row === row && to.col === col) return;
  view.cursor = to;
  showUnit(view);
}

/** @param {View} view */
function pin(view) {
  view.pin = view.cursor;
  view.pinned += 1;
  view.setStateValue("pin", { seq: view.pinned, ...view.pin });
}

// another layer, at the unit that sees the same place
/** @param {View} view @param {number} change */
function otherLayer(view, change) {
  const { maps } = view.data;
  const { layer, row, col } = view.cursor;
  const to = clamp(layer + change, 1, maps.length - 1);
  const scaled = (/** @type {number} */ at) => Math.floor(((at + 0.5) / maps[layer].size) * maps[to].size);
  moveTo(view, { layer: to, row: scaled(row), col: scaled(col) });
}

/** @param {View} view */
function listen(view) {
  const { holder } = view;
  const leave = () => {
    view.moving = false;
    moveTo(view, view.pin);
  };
  // the map in whose area something happened, but for the input
  const mapOf = (/** @type {Event} */ event) =>
    closest(event, ".area") ? Number(closest(event, ".map")?.dataset.map) : 0;
  const point = (/** @type {MouseEvent} */ event) => {
    const layer = mapOf(event);
    if (!layer) {
      leave();
      return;
    }
    const box = view.figures[layer].canvas.getBoundingClientRect();
    const { size } = view.data.maps[layer];
    const row = Math.floor(((event.clientY - box.top) / box.width) * size);
    const col = Math.floor(((event.clientX - box.left) / box.width) * size);
    view.moving = true;
    moveTo(view, { layer, row, col });
  };
  holder.onpointerdown = point;
  holder.onpointermove = point;
  holder.onpointerleave = leave;
  holder.onclick = (event) => {
    if (!mapOf(event)) return;
    point(event);
    pin(view);
  };
  holder.onblur = leave;
  holder.onkeydown = (event) => onKey(view, event, leave);
}

/** @param {View} view @param {KeyboardEvent} event @param {() => void} leave */
function onKey(view, event, leave) {
  event.stopPropagation(); // Streamlit has shortcuts of its own
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = STEPS[event.key];
  const { layer, row, col } = view.cursor;
  const far = event.shiftKey ? 5 : 1;
  if (step || LAYERS[event.key]) view.moving = true;
  if (step) moveTo(view, { layer, row: row + far * step[0], col: col + far * step[1] });
  else if (LAYERS[event.key]) otherLayer(view, LAYERS[event.key]);
  else if (event.key === "Enter" || event.key === " ") pin(view);
  else if (event.key === "Escape") leave();
  else return;
  event.preventDefault();
}
