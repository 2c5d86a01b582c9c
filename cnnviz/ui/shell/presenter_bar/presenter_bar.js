// Presenter view: buttons, and keys of the whole page. Python turns the pages.
import { find } from "../../core/base.js";

/** @import { Context } from "../../core/base.js" */

/**
 * @typedef {{ on: boolean, place: number | null, total: number, previous: string | null, next: string | null }} Data
 */
/** @typedef {"present" | "leave" | "previous" | "next"} Action */
/** @typedef {{ data: Data, act: (action: Action) => void, stop: () => void }} Keys */

/** @type {WeakMap<ShadowRoot, Keys>} */
const listening = new WeakMap();

/** @type {Record<string, Action>} */
const TURNS = { ArrowLeft: "previous", ArrowRight: "next", PageUp: "previous", PageDown: "next" };
const TAKES_KEYS =
  'input, textarea, select, [contenteditable="true"], [role="slider"], [role="combobox"], [role="listbox"], [role="tab"], .cell';

// what a key does here; the keys of whoever is typed into, stepped or opened are theirs
/** @param {KeyboardEvent} event @param {Data} data @returns {Action | null} */
function actionOf(event, data) {
  if (event.repeat || event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return null;
  if (event.composedPath().some((node) => node instanceof Element && node.matches(TAKES_KEYS))) return null;
  if (event.key === "p") return data.on ? "leave" : "present";
  if (!data.on) return null;
  return event.key === "Escape" ? "leave" : (TURNS[event.key] ?? null);
}

// A clicker sends PageUp and PageDown wherever the focus is, so these are taken on their way down; an arrow on its way
// up, when a stage that steps by it would have kept it.
/** @param {Data} data */
function listen(data) {
  const take = (/** @type {KeyboardEvent} */ event) => {
    const page = event.key === "PageUp" || event.key === "PageDown";
    if (page !== (event.eventPhase === Event.CAPTURING_PHASE)) return;
    const action = actionOf(event, keys.data);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    keys.act(action);
  };
  window.addEventListener("keydown", take, true);
  document.addEventListener("keydown", take);
  const stop = () => {
    window.removeEventListener("keydown", take, true);
    document.removeEventListener("keydown", take);
  };
  /** @type {Keys} */
  const keys = { data, act() {}, stop };
  return keys;
}

/** @param {Context<Data>} context */
export function mount({ data, parentElement, setTriggerValue }) {
  const keys = listening.get(parentElement) ?? listen(data);
  listening.set(parentElement, keys);
  keys.data = data;
  keys.act = (action) => {
    if (action === "present" || action === "leave" || data[action]) setTriggerValue("action", action);
  };
  find(parentElement, ".begin").hidden = data.on;
  find(parentElement, ".bar").hidden = !data.on;
  find(parentElement, ".lesson").hidden = !data.place;
  const number = data.place ? `${data.place} of ${data.total}` : `${data.total} lessons`;
  find(parentElement, ".number").textContent = number;
  turn(parentElement, "previous", "Previous", "←", data.previous);
  turn(parentElement, "next", "Next", "→", data.next);
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = parentElement.querySelectorAll("[data-action]");
  for (const button of buttons) button.onclick = () => keys.act(/** @type {Action} */ (button.dataset.action));
  return () => {
    keys.stop();
    listening.delete(parentElement);
  };
}

// the button of one side, which leads to a lesson or nowhere
/**
 * @param {ShadowRoot} around
 * @param {Action} side
 * @param {string} word
 * @param {string} key
 * @param {string | null} lesson
 */
function turn(around, side, word, key, lesson) {
  /** @type {HTMLButtonElement} */
  const button = find(around, `[data-action="${side}"]`);
  button.disabled = !lesson;
  button.title = lesson ? `${lesson} (${key})` : "";
  button.setAttribute("aria-label", lesson ? `${word}: ${lesson}` : `No ${side} lesson`);
}
