// The stage of every lesson on windows: grids, a window that slides, and its arithmetic. Draws what Python computed and
// sends back what was typed; hovering, stepping and playing happen here.
import { closest, find } from "../../core/base.js";
import { hold } from "../../core/belongings.js";
import { listenToSave, receive } from "../../core/save.js";
import { pause, play, speak, stepTo, takeButton, takeKey } from "../../core/transport.js";
import { completed } from "./complete.js";
import { buildPlanes, fit, layoutOf, writePlanes } from "./draw.js";
import {
  isWaiting,
  liftEditor,
  openEditor,
  placeOf,
  recallDrafts,
  refreshEditor,
  resize,
  sendAgain,
  sendOthers,
  setEditor,
  unanswered,
} from "./edit.js";
import { foreseen } from "./foresee.js";
import { paint } from "./highlight.js";
import { listenToHistory, showHistory, takeHistoryKey } from "./history.js";
import { pictureOf } from "./picture.js";
import { go } from "./play.js";
import { lastPosition } from "./position.js";
import { listenToSteppers } from "./steppers.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Data } from "./draw.js" */
/** @import { Target, View } from "./position.js" */

const STEPS = "the steps that could be undone";

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @param {Context<Data>} context */
export function mount(context) {
  const { parentElement, setStateValue, setTriggerValue, waitsWhile } = context;
  const data = completed(context.data);
  const known = views.get(parentElement);
  const view = known ?? open({ ...context, data });
  recallDrafts(view, view.answer, data);
  Object.assign(view, { answer: data, setStateValue, setTriggerValue });
  view.data = { ...view.data, ack: data.ack };
  waitsWhile(
    () => isWaiting(view),
    () => sendAgain(view),
  );
  sendOthers(view);
  view.steppers.answered(data.rule);
  if (data.session) hold(parentElement, data.session, hasSteps(data) ? [STEPS] : []);
  show(view);
  const stand = data.standsOn === view.stoodOn ? null : data.standsOn; // an exercise points at a window
  view.stoodOn = data.standsOn;
  if (stand !== null) pause(view);
  go(view, Math.min(stand ?? view.at, lastPosition(view)), view.walking && Boolean(view.timer));
  if (!known && stand === null && !window.matchMedia("(prefers-reduced-motion: reduce)").matches) play(view);
  receive(data.file, data.name);
  return () => {
    pause(view);
    view.observer.disconnect();
    view.steppers.end();
  };
}

/** @param {Data} data */
const hasSteps = ({ history }) => Boolean(history?.undo || history?.redo);

// draws Python's last answer, with what it does not know yet worked out here
/** @param {View} view */
function show(view) {
  const data = foreseen(view.answer, unanswered(view), view.steppers.chosen);
  const { root } = view;
  const rebuilt = layoutOf(data) !== view.layout;
  const active = /** @type {HTMLElement | null} */ (view.host.activeElement);
  const focus = { ...active?.dataset };
  const lifted = rebuilt ? liftEditor(view) : null;
  view.data = data;
  root.setAttribute("aria-label", data.label);
  if (rebuilt) {
    view.layout = layoutOf(data);
    view.hover = null;
    view.lit = [];
    buildPlanes(view);
    fit(view);
    view.places = {};
    const again = `.size[data-plane="${focus.plane}"][data-axis="${focus.axis}"]`;
    if (focus.axis && root.querySelector(again)) find(root, again).focus();
  }
  writePlanes(view);
  setEditor(view, lifted);
  refreshEditor(view);
  showHistory(view, view.answer.history);
}

/** @param {Context<Data>} context */
function open({ data, parentElement, setStateValue, setTriggerValue }) {
  const look = () => {
    view.width = undefined;
    if (!view.layout) return;
    fit(view);
    view.places = {};
    writePlanes(view);
    paint(view);
  };
  const foresee = () => {
    show(view);
    go(view, Math.min(view.at, lastPosition(view)), view.walking && Boolean(view.timer));
  };
  /** @type {View} */
  const view = {
    ...{ data, setStateValue, setTriggerValue, layout: "", cells: {}, windows: {}, places: {}, lit: [] },
    ...{ at: 0, walking: false, hover: null, stoodOn: null, observer: new ResizeObserver(look) },
    ...{ answer: data, steppers: listenToSteppers(data.name, () => view.answer, foresee), foresee },
    root: find(parentElement, ".stage"),
    host: parentElement,
    lastPosition: () => lastPosition(view),
    go: (at, walking) => go(view, at, walking),
    pause: () => pause(view),
  };
  views.set(parentElement, view);
  view.observer.observe(view.root);
  listen(view);
  return view;
}

/** @param {View} view */
function listen(view) {
  const { root } = view;
  root.onkeydown = (event) => {
    event.stopPropagation(); // Streamlit has shortcuts of its own
    if (takeHistoryKey(view, event)) return;
    if (event.target === root || closest(event, "*")?.classList.contains("cell")) takeKey(view, event);
  };
  const edit = (/** @type {HTMLElement} */ cell) => {
    openEditor(view, cell);
    hover(view, null); // while one types, the window counts, not what the pointer happens to rest on
  };
  root.addEventListener("focusin", (event) => {
    const cell = closest(event, "*");
    if (cell?.classList.contains("editable")) edit(cell);
  });
  root.onclick = (event) => {
    if (takeButton(view, closest(event, "[data-action]"))) return;
    const cell = closest(event, ".cell");
    if (cell?.classList.contains("editable")) {
      edit(cell);
      return;
    }
    const target = cell && targetOf(view, cell);
    if (target?.kind === "output") {
      pause(view);
      go(view, (target.frame * view.data.taps.rows.length + target.i) * view.data.taps.cols.length + target.j, false);
    }
  };
  root.onchange = (event) => {
    const box = closest(event, ".size");
    if (box) resize(view, /** @type {HTMLInputElement} */ (box));
  };
  listenToHistory(view);
  listenToSave(root, {
    name: () => view.data.name,
    picture: () => pictureOf(root),
    ask: () => view.setTriggerValue("save", true),
  });
  /** @type {HTMLInputElement} */
  const scrub = find(root, ".scrub");
  const planes = find(root, ".planes");
  scrub.oninput = () => stepTo(view, Number(scrub.value));
  planes.onpointerover = (event) => {
    const cell = closest(event, ".cell");
    hover(view, cell && !cell.contains(view.editor ?? null) ? targetOf(view, cell) : null);
  };
  planes.onpointerleave = () => hover(view, null);
}

/** @param {View} view @param {Target | null} target */
function hover(view, target) {
  if (JSON.stringify(target) === JSON.stringify(view.hover)) return;
  view.hover = target;
  if (target) speak(view, false); // who points, sees
  paint(view);
}

// what pointing at a cell means
/** @param {View} view @param {HTMLElement} cell @returns {Target | null} */
function targetOf(view, cell) {
  const { plane: id = "" } = cell.dataset;
  const [row, col] = placeOf(cell);
  const { outputs, frames } = view.data;
  const output = outputs.find((one) => one.plane === id || one.activated?.plane === id);
  if (output) return { kind: "output", frame: frames.findIndex((ids) => ids.includes(output.plane)), i: row, j: col };
  if (outputs.some((one) => one.sources.some((source) => source.x === id)))
    return { kind: "input", plane: id, row, col };
  if (outputs.some((one) => one.sources.some((source) => source.w === id)))
    return { kind: "kernel", plane: id, a: row, b: col };
  return null;
}
