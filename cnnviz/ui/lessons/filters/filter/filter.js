// A picture, filtered: computes what comes of it, draws that, moves the cursor, sends back edits of the kernel and the
// pinned cell. What Python then says confirms what is seen, or corrects it.

import {
  isWaiting,
  liftEditor,
  openEditor,
  refreshEditor,
  resize,
  sendOthers,
  setEditor,
  unanswered,
} from "../../../components/stage/edit.js";
import { listenToHistory, showHistory, takeHistoryKey } from "../../../components/stage/history.js";
import { pictureOf } from "../../../components/stage/picture.js";
import { typed } from "../../../components/stage/typed.js";
import { closest, find, STEPS } from "../../../core/base.js";
import { unpacked } from "../../../core/packed.js";
import { listenToSave, receive } from "../../../core/save.js";
import { speak } from "../../../core/transport.js";
import { agrees, computedFor, dataOf, keepPicture, pixelsOf, stagesFrom } from "./answer.js";
import { positionOn, stageOf } from "./chain.js";
import { watchControls } from "./controls.js";
import { moveHome, moveTo, pin, showCursor } from "./cursor.js";
import { buildStages, drawStages, fitStages, stagesOf } from "./pictures.js";
import { buildSums, fitSums, layOut, sumsLayout } from "./sums.js";

/** @import { Context } from "../../../core/base.js" */
/** @import { Said } from "./answer.js" */
/** @import { Data } from "./chain.js" */
/** @import { View } from "./pictures.js" */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement, setStateValue, setTriggerValue, waitsWhile }) {
  /** @type {Said} */
  const said = unpacked(bytes);
  const view = views.get(parentElement) ?? open(parentElement, said);
  Object.assign(view, { said, setStateValue, setTriggerValue });
  view.data = { ...view.data, ack: said.ack };
  waitsWhile(() => isWaiting(view));
  sendOthers(view);
  keepPicture(said);
  if (said.pin.seq >= view.pinned) view.place = said.pin.at;
  view.controls.begin();
  view.controls.answered();
  update(view);
  view.observer.observe(view.root);
  receive(said.file, said.name);
  return () => {
    view.observer.disconnect();
    view.controls.end();
  };
}

// draws what Python has said, or what will come of what was typed and chosen since; where it needs more from Python for
// that it asks, and leaves everything as it is
/** @param {View} view */
function update(view) {
  const { said } = view;
  const pixels = pixelsOf(said);
  if (!pixels) return ask(view, "picture");
  const theirs = stagesFrom(said);
  const edits = theirs ? [] : unanswered(view);
  const chosen = theirs ? {} : view.chosen;
  const provisional = edits.length > 0 || Object.keys(chosen).length > 0;
  const settings = { ...said.settings, ...chosen };
  const planes = edits.length ? typed(said.planes, edits) : said.planes;
  const result = theirs ?? computedFor(view, said, settings, planes, pixels);
  if (!theirs && !provisional && !agrees(said, result, pixels)) return ask(view, "stages");
  const { ring, signed, scale } = provisional ? result : said;
  show(view, dataOf(said, settings, planes, pixels, { ...result, ring, signed, scale }), provisional);
}

/** @param {View} view @param {"picture" | "stages"} lacks */
function ask(view, lacks) {
  if (view.asked === view.said) return;
  view.asked = view.said;
  view.setTriggerValue("lacks", lacks);
}

/** @param {View} view @param {Data} data @param {boolean} provisional whether Python has not said so yet */
function show(view, data, provisional) {
  const { root } = view;
  view.data = data;
  root.toggleAttribute("data-provisional", provisional);
  const [down, across] = data.sizes.convolved;
  const [row, col] = view.place.map((at) => Math.floor(at / data.stride));
  view.pin = [Math.min(row, down - 1), Math.min(col, across - 1)];
  view.stages = stagesOf(data);
  const label = view.stages.map(({ title, size }) => `${title} ${size.join(" by ")}`).join(", then ");
  root.setAttribute("aria-label", label);
  layOut(view);
  const layout = view.stages.map((stage) => [stage.id, stage.title]).join();
  if (layout !== view.layout) buildStages(view);
  view.layout = layout;
  const sums = sumsLayout(view);
  if (sums !== view.sums) {
    const lifted = liftEditor(view);
    const box = focusedBox(view);
    buildSums(view);
    setEditor(view, lifted);
    if (box) find(root, box).focus({ preventScroll: true });
  }
  view.sums = sums;
  fitAll(view);
  drawStages(view);
  view.shown = false;
  if (view.hovering && view.frames[view.cursor.stage]) moveTo(view, view.cursor);
  else moveHome(view);
  refreshEditor(view);
  showHistory(view, view.said.history);
}

// the box of a size that has the keyboard, as a selector: with the size the grids are built anew
/** @param {View} view */
function focusedBox({ host: { activeElement } }) {
  if (!activeElement?.classList.contains("size")) return null;
  const { plane, axis } = /** @type {HTMLElement} */ (activeElement).dataset;
  return `.size[data-plane="${plane}"][data-axis="${axis}"]`;
}

/** @param {ShadowRoot} host @param {Said} said */
function open(host, said) {
  const look = () => {
    if (!view.shown || view.root.clientWidth === view.width) return;
    view.width = view.root.clientWidth;
    fitAll(view);
    showCursor(view);
  };
  /** @type {View} */
  const view = {
    ...{
      host,
      said,
      computed: [],
      asked: null,
      chosen: {},
      stages: [],
      groups: [],
      cells: {},
      windows: {},
      frames: {},
    },
    ...{ layout: "", sums: "", fitted: "", area: [0, 0], width: 0, shown: false, hovering: false, pointed: null },
    ...{ pinned: 0, place: said.pin.at, pin: said.pin.at },
    ...{ setStateValue() {}, setTriggerValue() {} },
    data: /** @type {Data} */ (/** @type {unknown} */ (said)), // until the first is drawn, which has the same edits
    root: find(host, ".filter"),
    cursor: { stage: "convolved", r: 0, c: 0 },
    observer: new ResizeObserver(look),
    controls: { begin() {}, answered() {}, end() {} },
    foresee: () => update(view),
  };
  view.controls = watchControls(view, () => update(view));
  views.set(host, view);
  listen(view);
  return view;
}

// a style that is set again is computed again
/** @param {View} view */
function fitAll(view) {
  const { picture, convolved } = view.data.sizes;
  const fitted = [view.root.clientWidth, view.layout, view.sums, picture, convolved].join();
  if (fitted === view.fitted) return;
  view.fitted = fitted;
  fitStages(view);
  fitSums(view);
}

/** @param {View} view */
function listen(view) {
  const { root } = view;
  listenToSave(root, {
    name: () => view.said.name,
    picture: () => pictureOf(root),
    ask: () => view.setTriggerValue("save", true),
  });
  const stages = find(root, ".stages");
  const areaOf = (/** @type {Event} */ event) => closest(event, ".area");
  const point = (/** @type {PointerEvent} */ event) => {
    const area = areaOf(event);
    if (!area) {
      leave();
      return;
    }
    const box = area.getBoundingClientRect();
    const { stage = "" } = area.dataset;
    const [rows, cols] = stageOf(view, stage).size;
    view.hovering = true;
    speak(view, false); // a screen reader is told where the keys lead, not where the pointer passes
    const r = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const c = Math.floor(((event.clientX - box.left) / box.width) * cols);
    view.pointed = { stage, r, c };
    moveTo(view, view.pointed);
  };
  const leave = () => {
    view.hovering = false;
    if (view.shown) moveHome(view);
  };
  stages.onpointerdown = point;
  stages.onpointermove = point;
  stages.onpointerleave = leave;
  stages.onclick = (event) => {
    if (!areaOf(event) || !view.pointed) return;
    moveTo(view, view.pointed); // where the pointer went down: a click's own place is rounded, and a finger has left
    pin(view);
  };
  stages.addEventListener("focusout", leave);
  stages.onkeydown = (event) => {
    const area = areaOf(event);
    if (!area || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) {
      const { stage = "" } = area.dataset;
      const [r, c] = positionOn(view, stage);
      const far = event.shiftKey ? 10 : 1;
      view.hovering = true;
      speak(view, true);
      moveTo(view, { stage, r: r + far * step[0], c: c + far * step[1] });
    } else if (event.key === "Enter" || event.key === " ") pin(view);
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
  };
  root.onkeydown = (event) => {
    event.stopPropagation(); // Streamlit has shortcuts of its own
    takeHistoryKey(view, event);
  };
  listenToHistory(view);
  root.addEventListener("focusin", (event) => {
    const cell = closest(event, "*");
    if (cell?.classList.contains("editable")) openEditor(view, cell);
  });
  find(root, ".planes").onclick = (event) => {
    const cell = closest(event, ".cell");
    if (cell?.classList.contains("editable")) openEditor(view, cell);
  };
  root.onchange = (event) => {
    const box = closest(event, ".size");
    if (box) resize(view, /** @type {HTMLInputElement} */ (box));
  };
}
