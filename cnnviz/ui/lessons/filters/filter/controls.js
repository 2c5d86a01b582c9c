// The page's own controls, above the stage: what is chosen there is seen before Python hears of it. They stay
// Streamlit's, with their links, locks, help and keys; here is only read what they show.

/** @import { Settings } from "./convolution.js" */

/** @typedef {Partial<Settings>} Chosen */
/** @typedef {{ host: ShadowRoot, said: { name: string, settings: Settings }, chosen: Chosen }} Watching */
/** @typedef {(input: HTMLInputElement) => unknown} Reader gives null where nothing is chosen */

const EVENTS = /** @type {const} */ (["click", "keydown", "keyup", "focusout"]);
const KEYS = ["Enter", " ", "ArrowUp", "ArrowDown"]; // a number that is half typed is not chosen yet
const AGAIN = 200; // milliseconds

/** @type {Reader} */
const numberIn = ({ value, valueAsNumber, validity }) => (value && validity.valid ? valueAsNumber : null);

// an option is written with a capital (lessons/common/format.py); a text that looks for one is none
/** @type {(...options: string[]) => Reader} */
const optionOf = (...options) => {
  return ({ value }) => options.find((option) => option[0].toUpperCase() + option.slice(1) === value) ?? null;
};

/** @type {Record<keyof Settings, Reader>} */
const READERS = {
  stride: numberIn,
  padding: optionOf("none", "zeros", "reflect", "replicate", "circular"),
  relu: ({ checked }) => checked,
  pool: optionOf("none", "max", "average"),
  window: numberIn,
  colours: optionOf("automatic", "signed", "grey"),
};

/**
 * Looks after each click and key what the controls show, and calls `changed` once `view.chosen`, which is what Python
 * has not said yet of that, is another. `end` stops it.
 * @param {Watching} view
 * @param {() => void} changed
 */
export function watchControls(view, changed) {
  let frame = 0;
  let timer = 0;
  const look = () => {
    frame = 0;
    const chosen = unsaid(view.said, shownBy(view.said.name));
    const isNew = JSON.stringify(chosen) !== JSON.stringify(view.chosen);
    view.chosen = chosen;
    lookAgain();
    if (isNew) changed();
  };
  // until Python has said it, or has put something else into the control
  const lookAgain = () => {
    clearTimeout(timer);
    if (Object.keys(view.chosen).length) timer = setTimeout(look, AGAIN);
  };
  const soon = (/** @type {Event} */ event) => {
    if (event.target === view.host.host || (event instanceof KeyboardEvent && !KEYS.includes(event.key))) return;
    frame ||= requestAnimationFrame(look); // React has drawn the control by then
  };
  return {
    begin() {
      for (const kind of EVENTS) document.addEventListener(kind, soon, true); // a listener stands there once
    },
    answered() {
      view.chosen = unsaid(view.said, view.chosen);
      lookAgain();
    },
    end() {
      for (const kind of EVENTS) document.removeEventListener(kind, soon, true);
      cancelAnimationFrame(frame);
      frame = 0;
      clearTimeout(timer);
    },
  };
}

/** @param {Watching["said"]} said @param {Chosen} chosen @returns {Chosen} */
function unsaid({ settings }, chosen) {
  const known = /** @type {Record<string, unknown>} */ ({ ...settings });
  return Object.fromEntries(Object.entries(chosen).filter(([name, value]) => known[name] !== value));
}

/** @param {string} page @returns {Chosen} of those controls that are drawn and within reach */
function shownBy(page) {
  const found = Object.entries(READERS).map(([name, read]) => {
    const input = inputOf(page, name);
    return [name, input && !input.disabled ? read(input) : null];
  });
  return Object.fromEntries(found.filter(([, value]) => value !== null));
}

// behind a key stands a number where the page has changed the control's value (ui/core/store.py)
/** @param {string} page @param {string} name @returns {HTMLInputElement | null | undefined} */
function inputOf(page, name) {
  const key = new RegExp(`(^| )st-key-${page}_${name}(_\\d+)?( |$)`);
  const boxes = [...document.querySelectorAll(`[class*="st-key-${page}_${name}"]`)];
  return boxes.find((box) => key.test(box.className))?.querySelector("input");
}
