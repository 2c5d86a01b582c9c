// The stage of every lesson on windows: grids, a window that slides, and its arithmetic. Draws what Python computed and
// sends back what was typed; hovering, stepping and playing happen here.
import { listenToSave, receive } from "../../core/save.js";
import { ACTIONS, pause, play, speak, stepTo, takeKey } from "../../core/transport.js";
import { buildPlanes, fit, layoutOf, writePlanes } from "./draw.js";
import { isWaiting, liftEditor, openEditor, place, resize, setEditor } from "./edit.js";
import { paint } from "./highlight.js";
import { pictureOf } from "./picture.js";
import { go } from "./play.js";
import { lastPosition } from "./position.js";

const views = new WeakMap();

export function mount({ data, parentElement, setStateValue, setTriggerValue, waitsWhile }) {
  const root = parentElement.querySelector(".stage");
  let view = views.get(parentElement);
  const first = !view;
  if (first) {
    view = { root, host: parentElement, at: 0, walking: false, hover: null };
    Object.assign(view, { lastPosition: () => lastPosition(view), go: (at, walking) => go(view, at, walking), pause: () => pause(view) });
    views.set(parentElement, view);
    listen(view);
  }
  const rebuilt = layoutOf(data) !== view.layout;
  const focus = rebuilt ? { ...view.host.activeElement?.dataset } : {};
  const lifted = rebuilt ? liftEditor(view) : null;
  view.data = data;
  Object.assign(view, { setStateValue, setTriggerValue });
  waitsWhile(() => isWaiting(view));
  root.setAttribute("aria-label", data.label);
  if (rebuilt) {
    view.layout = layoutOf(data);
    view.hover = null;
    view.lit = [];
    buildPlanes(view);
    fit(view);
    if (focus.axis) root.querySelector(`.size[data-plane="${focus.plane}"][data-axis="${focus.axis}"]`)?.focus();
  }
  writePlanes(view);
  setEditor(view, lifted);
  const stand = data.standsOn !== view.stoodOn && data.standsOn !== null; // an exercise points at a window
  view.stoodOn = data.standsOn;
  if (stand) pause(view);
  go(view, Math.min(stand ? data.standsOn : view.at, lastPosition(view)), view.walking && Boolean(view.timer));
  if (first && !stand && !window.matchMedia("(prefers-reduced-motion: reduce)").matches) play(view);
  receive(data.file, data.name);
  return () => { pause(view); view.observer.disconnect(); };
}

function listen(view) {
  const { root } = view;
  view.observer = new ResizeObserver(() => { if (view.cells) { fit(view); writePlanes(view); paint(view); } });
  view.observer.observe(root);
  root.onkeydown = (event) => {
    event.stopPropagation(); // Streamlit has shortcuts of its own
    const free = event.target === root || event.target.classList.contains("cell");
    if (free) takeKey(view, event);
  };
  const edit = (cell) => {
    openEditor(view, cell);
    hover(view, null); // while one types, the window counts, not what the pointer happens to rest on
  };
  root.addEventListener("focusin", (event) => { if (event.target.classList.contains("editable")) edit(event.target); });
  root.onclick = (event) => {
    const button = event.target.closest("[data-action]");
    if (button) return ACTIONS[button.dataset.action](view);
    const cell = event.target.closest(".cell");
    if (cell?.classList.contains("editable")) return edit(cell);
    const target = cell && targetOf(view, cell);
    if (target?.kind === "output") { pause(view); go(view, (target.frame * view.data.taps.rows.length + target.i) * view.data.taps.cols.length + target.j, false); }
  };
  root.onchange = (event) => { if (event.target.classList.contains("size")) resize(view, event.target); };
  listenToSave(root, { name: () => view.data.name, picture: () => pictureOf(root), ask: () => view.setTriggerValue("save", true) });
  root.querySelector(".scrub").oninput = (event) => stepTo(view, Number(event.target.value));
  root.querySelector(".planes").onpointerover = (event) => {
    const cell = event.target.closest?.(".cell");
    hover(view, cell && !cell.contains(view.editor) ? targetOf(view, cell) : null);
  };
  root.querySelector(".planes").onpointerleave = () => hover(view, null);
}

function hover(view, target) {
  if (JSON.stringify(target) === JSON.stringify(view.hover)) return;
  view.hover = target;
  if (target) speak(view, false); // who points, sees
  paint(view);
}

// what pointing at a cell means
function targetOf(view, cell) {
  const id = cell.dataset.plane;
  const [row, col] = place(cell);
  const { outputs, frames } = view.data;
  const output = outputs.find((one) => one.plane === id || one.then?.plane === id);
  if (output) return { kind: "output", frame: frames.findIndex((ids) => ids.includes(output.plane)), i: row, j: col };
  if (outputs.some((one) => one.sources.some((source) => source.x === id))) return { kind: "input", plane: id, row, col };
  if (outputs.some((one) => one.sources.some((source) => source.w === id))) return { kind: "kernel", plane: id, a: row, b: col };
  return null;
}
