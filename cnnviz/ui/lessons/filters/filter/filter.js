// A picture, filtered: draws what Python computed, moves the cursor, sends back edits of the kernel and the pinned cell.
import { unpacked } from "../../../core/packed.js";
import { listenToSave, receive } from "../../../core/save.js";
import { isWaiting, liftEditor, openEditor, resize, setEditor } from "../../../components/stage/edit.js";
import { pictureOf } from "../../../components/stage/picture.js";
import { positionOn, stageOf } from "./chain.js";
import { moveHome, moveTo, pin, showCursor } from "./cursor.js";
import { buildStages, drawStages, fitStages, stagesOf } from "./pictures.js";
import { buildSums, fitSums, layOut, sumsLayout } from "./sums.js";

const views = new WeakMap();

export function mount({ data: bytes, parentElement, setStateValue, setTriggerValue, waitsWhile }) {
  const data = unpacked(bytes);
  const root = parentElement.querySelector(".filter");
  let view = views.get(parentElement);
  if (!view) {
    view = { root, host: parentElement };
    views.set(parentElement, view);
    listen(view);
  }
  view.data = data;
  Object.assign(view, { setStateValue, setTriggerValue });
  waitsWhile(() => isWaiting(view));
  if (data.pin.seq >= (view.pinned ?? 0)) view.pin = data.pin.at;
  view.pin = view.pin.map((at, axis) => Math.min(at, data.sizes.convolved[axis] - 1));
  view.stages = stagesOf(view.data);
  root.setAttribute("aria-label", view.stages.map(({ title, size }) => `${title} ${size.join(" by ")}`).join(", then "));
  layOut(view);
  const layout = view.stages.map((stage) => [stage.id, stage.title]).join();
  if (layout !== view.layout) buildStages(view);
  view.layout = layout;
  const sums = sumsLayout(view);
  if (sums !== view.sums) {
    const lifted = liftEditor(view);
    buildSums(view);
    setEditor(view, lifted);
  }
  view.sums = sums;
  fitAll(view);
  drawStages(view);
  const { cursor } = view;
  view.cursor = null;
  if (cursor && view.hovering && view.frames[cursor.stage]) moveTo(view, cursor);
  else moveHome(view);
  view.observer.observe(root);
  receive(data.file, data.name);
  return () => view.observer.disconnect();
}

function fitAll(view) {
  fitStages(view);
  fitSums(view);
}

// a screen reader is told where the keys lead, not where the pointer passes
const speak = (view, aloud) => view.root.querySelector(".arithmetic").setAttribute("aria-live", aloud ? "polite" : "off");

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function listen(view) {
  const { root } = view;
  view.observer = new ResizeObserver(() => {
    if (!view.cursor || root.clientWidth === view.width) return;
    view.width = root.clientWidth;
    fitAll(view);
    showCursor(view);
  });
  listenToSave(root, { name: () => view.data.name, picture: () => pictureOf(root), ask: () => view.setTriggerValue("save", true) });
  const stages = root.querySelector(".stages");
  const areaOf = (event) => event.target.closest?.(".area");
  const point = (event) => {
    const area = areaOf(event);
    if (!area) return leave();
    const box = area.getBoundingClientRect(), { size } = stageOf(view, area.dataset.stage);
    view.hovering = true;
    speak(view, false);
    const part = (at, from, length, cells) => Math.floor(((at - from) / length) * cells);
    view.pointed = {
      stage: area.dataset.stage,
      r: part(event.clientY, box.top, box.height, size[0]),
      c: part(event.clientX, box.left, box.width, size[1]),
    };
    moveTo(view, view.pointed);
  };
  const leave = () => {
    view.hovering = false;
    moveHome(view);
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
      const [r, c] = positionOn(view, area.dataset.stage), far = event.shiftKey ? 10 : 1;
      view.hovering = true;
      speak(view, true);
      moveTo(view, { stage: area.dataset.stage, r: r + far * step[0], c: c + far * step[1] });
    } else if (event.key === "Enter" || event.key === " ") pin(view);
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
  };
  root.onkeydown = (event) => event.stopPropagation(); // Streamlit has shortcuts of its own
  root.addEventListener("focusin", (event) => { if (event.target.classList.contains("editable")) openEditor(view, event.target); });
  root.querySelector(".planes").onclick = (event) => {
    const cell = event.target.closest(".cell");
    if (cell?.classList.contains("editable")) openEditor(view, cell);
  };
  root.onchange = (event) => { if (event.target.classList.contains("size")) resize(view, event.target); };
}
