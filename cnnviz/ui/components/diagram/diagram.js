// A network as a diagram: hover tells of a step, a click or the arrow keys choose it, a click on a folded block opens
// it.
import { closest, element, find } from "../../core/base.js";
import { listenToSave, receive } from "../../core/save.js";
import { unbound } from "../../core/svg.js";
import { pause, showPosition, speak, stepTo, takeButton, takeKey } from "../../core/transport.js";
import { render } from "./draw.js";
import { isInput, itemsOf, scopesOf, written } from "./layout.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Walk } from "../../core/transport.js" */
/** @import { Data, Network, Placed, Step } from "./layout.js" */

/**
 * @typedef {object} Drawn
 * @property {string} text what is drawn, to see whether there is something new
 * @property {SVGSVGElement} svg
 * @property {HTMLElement} scroll
 * @property {Placed[]} items
 * @property {SVGGElement[]} groups
 * @property {SVGElement | null} token around the chosen item
 * @property {number | null} hover
 * @property {string} rested
 * @property {number} [rest]
 * @property {number} [late]
 * @property {(name: string) => void} send
 * @property {() => void} ask
 */
/** @typedef {Walk & Network & Drawn & { hover: number | null }} View */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

const REST = 350; // milliseconds without a new diagram, after which the reader rests

const isStill = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
/** @param {View} view */
const lastPosition = (view) => view.items.length - 1;

/** @param {Context<Data>} context */
export function mount({ data, parentElement, setStateValue, setTriggerValue }) {
  let view = views.get(parentElement);
  const text = JSON.stringify({ ...data, at: null, file: null });
  if (!view) {
    view = open(find(parentElement, ".diagram"), data);
    views.set(parentElement, view);
    listen(view);
  }
  view.send = (name) => setTriggerValue("at", name);
  view.ask = () => setTriggerValue("save", true);
  if (view.text !== text) {
    const kept = nameAt(view, view.at);
    Object.assign(view, { data, text });
    unfoldAround(view, data.at);
    rebuild(view, data.at || kept);
    if (data.stopped) go(view, lastPosition(view), false);
  }
  const shown = view;
  receive(data.file, data.name);
  clearTimeout(view.rest);
  const rest = () => {
    shown.rested = data.said;
    setStateValue("rested", data.said);
  };
  if (data.said && data.said !== view.rested) view.rest = setTimeout(rest, REST);
  return () => {
    pause(shown);
    clearTimeout(shown.rest);
  };
}

/** @param {HTMLElement} root @param {Data} data @returns {View} */
function open(root, data) {
  const nothing = { text: "", items: [], groups: [], token: null, hover: null, rested: "", send() {}, ask() {} };
  /** @type {View} */
  const view = {
    ...nothing,
    root,
    data,
    svg: find(root, ".net"),
    scroll: find(root, ".scroll"),
    open: new Set(),
    at: 1,
    lastPosition: () => lastPosition(view),
    go: (at, walking) => go(view, at, walking),
  };
  return view;
}

/** @param {View} view @param {number} at */
const nameAt = (view, at) => view.data.steps[view.items[at]?.steps[0]]?.name ?? "";

// lay out and draw anew; `name` is the step to stay at
/** @param {View} view @param {string} name */
function rebuild(view, name) {
  Object.assign(view, render(view, view.svg, itemsOf(view)));
  const index = view.data.steps.findIndex((step) => step.name === name);
  const at = view.items.findIndex((item) => item.steps.includes(index));
  go(view, at > 0 ? at : Math.min(view.items.filter(isInput).length, lastPosition(view)), false);
}

/** @param {View} view @param {string} name */
function unfoldAround(view, name) {
  const step = view.data.steps.find((one) => one.name === name);
  const parts = step?.scope ? step.scope.split(".") : [];
  parts.forEach((_, i) => view.open.add(parts.slice(0, i + 1).join(".")));
}

/** @param {View} view @param {number} at */
function go(view, at, walking = true) {
  view.at = Math.max(0, Math.min(lastPosition(view), at));
  view.groups.forEach((group, i) => group.classList.toggle("chosen", i === view.at));
  const { solid, centre, y, room } = view.items[view.at];
  const { width, height } = solid;
  const frame = { x: centre - width / 2 - 4, y: y - 4, width: width + 8, height: height + 8 };
  for (const [name, value] of Object.entries(frame)) view.token?.style.setProperty(name, `${value}px`);
  tell(view, view.hover ?? view.at);
  showPosition(view, "Step");
  const left = centre + room / 2 - view.scroll.clientWidth / 2;
  if (walking) view.scroll.scrollTo({ left, behavior: isStill() ? "auto" : "smooth" });
  clearTimeout(view.late);
  if (walking && !view.timer) view.late = setTimeout(() => view.send(nameAt(view, view.at)), 400); // into the link
}

// what is said of an item: of a block its summary, of a step its sentence and formulas, of more steps all of them
/** @param {View} view @param {number} at */
function tell(view, at) {
  const item = view.items[at];
  const { steps, folds, said } = view.data;
  const fold = item.fold ? folds[item.fold] : null;
  const own = item.steps.map((index) => steps[index]);
  const place = (/** @type {string} */ name) => find(view.root, name);
  const title = element(
    "b",
    "",
    item.fold && fold ? item.fold : own.length ? own.map((step) => step.name).join(", ") : item.name,
  );
  const shapes = own.length ? `${(fold ? [fold.from] : own[0].from).join(" and ")} → ${written(item)}` : written(item);
  place(".title").replaceChildren(title, `  ${item.broken ? "" : shapes}`);
  place(".sentence").classList.toggle("wrong", Boolean(item.broken));
  place(".sentence").textContent = item.broken ? said : sentence(own, Boolean(fold));
  const formulas = fold ? fold.formulas : own.flatMap((step) => formulasOf(step, step === own[0]));
  place(".formulas").replaceChildren(...formulas.map((line) => element("li", "", line)));
}

/** @param {Step[]} own @param {boolean} folded */
function sentence(own, folded) {
  if (folded) return "A folded block: click it, or press Enter, to unfold it.";
  if (!own.length) return "What comes in: channels × height × width.";
  return own.flatMap((step) => step.sentence || []).join(" ");
}

// of what stands with the first step its parameters alone
/** @param {Step} step @param {boolean} first */
function formulasOf({ label, formulas }, first) {
  if (first) return formulas;
  return formulas.filter((line) => line.startsWith("parameters")).map((line) => `${label}: ${line}`);
}

/** @param {View} view @param {number} at */
function unfold(view, at) {
  const { fold, steps } = view.items[at];
  if (!fold) return;
  pause(view);
  view.open.add(fold);
  rebuild(view, view.data.steps[steps[0]].name);
  go(view, view.at); // into sight
}

/** @param {View} view @param {string} scope */
function fold(view, scope) {
  const name = nameAt(view, view.at);
  for (const path of [...view.open]) if (path === scope || path.startsWith(`${scope}.`)) view.open.delete(path);
  rebuild(view, name);
}

/** @param {View} view */
function listen(view) {
  const { root, svg } = view;
  const itemOf = (/** @type {Event} */ event) => {
    const item = closest(event, "[data-item]")?.dataset.item;
    return item === undefined ? null : Number(item);
  };
  root.onkeydown = (event) => {
    event.stopPropagation(); // Streamlit has shortcuts of its own
    if (event.target !== root) return;
    if (event.key === "Enter") unfold(view, view.at);
    else if (event.key === "Escape") fold(view, scopesOf(view, view.items[view.at]).pop() ?? "");
    else takeKey(view, event);
  };
  svg.onpointerover = (event) => {
    if (event.pointerType !== "mouse") return;
    view.hover = itemOf(event);
    speak(view, false); // who points, sees
    tell(view, view.hover ?? view.at);
  };
  svg.onpointerleave = () => {
    view.hover = null;
    tell(view, view.at);
  };
  root.onclick = (event) => {
    const at = itemOf(event);
    const scope = closest(event, ".bracket")?.dataset.scope;
    if (takeButton(view, closest(event, "[data-action]"))) return;
    if (scope) fold(view, scope);
    if (scope || at === null) return;
    pause(view);
    if (view.items[at].fold) unfold(view, at);
    else go(view, at);
  };
  listenToSave(root, { name: () => view.data.name, picture: () => unbound(svg), ask: () => view.ask() });
  /** @type {HTMLInputElement} */
  const scrub = find(root, ".scrub");
  scrub.oninput = () => stepTo(view, Number(scrub.value));
}
