// A network as a diagram: hover tells of a step, a click or the arrow keys choose it, a click on a folded block opens it.
import { element } from "../../core/base.js";
import { listenToSave, receive } from "../../core/save.js";
import { unbound } from "../../core/svg.js";
import { ACTIONS, pause, showPosition, speak, stepTo, takeKey } from "../../core/transport.js";
import { render } from "./draw.js";
import { itemsOf, scopesOf, written } from "./layout.js";

const views = new WeakMap();

const REST = 350; // milliseconds without a new diagram, after which the reader rests

const isStill = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const lastPosition = (view) => view.items.length - 1;

export function mount({ data, parentElement, setStateValue, setTriggerValue }) {
  let view = views.get(parentElement);
  const text = JSON.stringify({ ...data, at: null, file: null });
  if (!view) {
    const root = parentElement.querySelector(".diagram");
    view = { root, svg: root.querySelector(".net"), scroll: root.querySelector(".scroll"), open: new Set(), at: 1, hover: null, rested: "" };
    Object.assign(view, { lastPosition: () => lastPosition(view), go: (at, walking) => go(view, at, walking) });
    views.set(parentElement, view);
    listen(view);
  }
  view.send = (name) => setTriggerValue("at", name);
  view.ask = () => setTriggerValue("save", true);
  if (view.text !== text) {
    const kept = view.items && nameAt(view, view.at);
    Object.assign(view, { data, text });
    unfoldAround(view, data.at);
    rebuild(view, data.at || kept);
    if (data.stopped) go(view, lastPosition(view), false);
  }
  receive(data.file, data.name);
  clearTimeout(view.rest);
  if (data.said && data.said !== view.rested) view.rest = setTimeout(() => setStateValue("rested", (view.rested = data.said)), REST);
  return () => { pause(view); clearTimeout(view.rest); };
}

const nameAt = (view, at) => view.data.steps[view.items[at]?.steps[0]]?.name ?? "";

// lay out and draw anew; `name` is the step to stay at
function rebuild(view, name) {
  view.items = itemsOf(view);
  render(view);
  const index = view.data.steps.findIndex((step) => step.name === name);
  const at = view.items.findIndex((item) => item.steps.includes(index));
  go(view, at > 0 ? at : Math.min(1, lastPosition(view)), false);
}

function unfoldAround(view, name) {
  const step = view.data.steps.find((one) => one.name === name), parts = step?.scope ? step.scope.split(".") : [];
  parts.forEach((_, i) => view.open.add(parts.slice(0, i + 1).join(".")));
}

function go(view, at, walking = true) {
  view.at = Math.max(0, Math.min(lastPosition(view), at));
  view.groups.forEach((group, i) => group.classList.toggle("chosen", i === view.at));
  const { solid, centre, y, room } = view.items[view.at];
  for (const [name, value] of Object.entries({ x: centre - solid.width / 2 - 4, y: y - 4, width: solid.width + 8, height: solid.height + 8 })) view.token.style[name] = `${value}px`;
  tell(view, view.hover ?? view.at);
  showPosition(view, "Step");
  if (walking) view.scroll.scrollTo({ left: centre + room / 2 - view.scroll.clientWidth / 2, behavior: isStill() ? "auto" : "smooth" });
  clearTimeout(view.late);
  if (walking && !view.timer) view.late = setTimeout(() => view.send(nameAt(view, view.at)), 400); // into the link, once one stays
}

// what is said of an item: of a block its summary, of a step its sentence and formulas, of more steps all of them
function tell(view, at) {
  const item = view.items[at], { steps, folds, stopped, said } = view.data, fold = item.fold && folds[item.fold];
  const own = item.steps.map((index) => steps[index]), find = (name) => view.root.querySelector(name);
  const title = element("b", "", fold ? item.fold : own.length ? own.map((step) => step.name).join(", ") : item.name);
  const shapes = own.length ? `${(fold ? [fold.from] : own[0].from).join(" and ")} → ${written(item.shape)}` : written(item.shape);
  find(".title").replaceChildren(title, `  ${item.broken ? "" : shapes}`);
  find(".sentence").classList.toggle("wrong", Boolean(item.broken));
  find(".sentence").textContent = item.broken ? said : fold ? "A folded block: click it, or press Enter, to unfold it." : own.length ? own.map((step) => step.sentence).filter(Boolean).join(" ") : "What comes in: channels × height × width.";
  find(".formulas").replaceChildren(...(fold ? fold.formulas : own.flatMap((step) => (step === own[0] ? step.formulas : step.formulas.filter((line) => line.startsWith("parameters")).map((line) => `${step.label}: ${line}`)))).map((line) => element("li", "", line)));
}

function unfold(view, at) {
  const { fold, steps } = view.items[at];
  if (!fold) return;
  pause(view);
  view.open.add(fold);
  rebuild(view, view.data.steps[steps[0]].name);
  go(view, view.at); // into sight
}

function fold(view, scope) {
  const name = nameAt(view, view.at);
  for (const path of [...view.open]) if (path === scope || path.startsWith(`${scope}.`)) view.open.delete(path);
  rebuild(view, name);
}

function listen(view) {
  const { root, svg } = view, itemOf = (event) => event.target.closest?.("[data-item]");
  root.onkeydown = (event) => {
    event.stopPropagation(); // Streamlit has shortcuts of its own
    if (event.target !== root) return;
    if (event.key === "Enter") unfold(view, view.at);
    else if (event.key === "Escape") fold(view, scopesOf(view, view.items[view.at]).pop());
    else takeKey(view, event);
  };
  svg.onpointerover = (event) => {
    if (event.pointerType !== "mouse") return;
    const group = itemOf(event);
    view.hover = group ? Number(group.dataset.item) : null;
    speak(view, false); // who points, sees
    tell(view, view.hover ?? view.at);
  };
  svg.onpointerleave = () => { view.hover = null; tell(view, view.at); };
  root.onclick = (event) => {
    const group = itemOf(event), bracket = event.target.closest?.(".bracket"), button = event.target.closest?.("[data-action]");
    if (button) return ACTIONS[button.dataset.action](view);
    if (bracket) return fold(view, bracket.dataset.scope);
    if (!group) return undefined;
    pause(view);
    const at = Number(group.dataset.item);
    return view.items[at].fold ? unfold(view, at) : go(view, at);
  };
  listenToSave(root, { name: () => view.data.name, picture: () => unbound(svg), ask: () => view.ask() });
  root.querySelector(".scrub").oninput = (event) => stepTo(view, Number(event.target.value));
}
