// A list of buttons with their sentences; a click goes to Python, and the stage comes back into sight.
import { element, find } from "../../core/base.js";

/** @import { Context } from "../../core/base.js" */

/**
 * @typedef {object} Data
 * @property {[label: string, sentence: string][]} tries
 * @property {string} stage the class name of what comes into sight
 * @property {string[]} disabled labels
 * @property {string} panel the class name of where one goes on by keyboard, if anywhere
 */

const PATIENCE = 60_000; // milliseconds until what was chosen has begun to be drawn: the server may be far, or busy
const DRAWN = 1500; // from then on, until all of it stands

// who has chosen by key goes on there, as soon as it is drawn: where one types, or else at the first button
/** @param {string} selector */
function follow(selector) {
  const reader = new AbortController();
  const stop = () => {
    observer.disconnect();
    reader.abort();
  };
  let last = setTimeout(stop, PATIENCE);
  let drawn = false;
  const observer = new MutationObserver(() => {
    /** @type {HTMLElement | null} */
    const place = document.querySelector(`${selector} input`) ?? document.querySelector(`${selector} button`);
    if (!place) return;
    if (!drawn) {
      drawn = true;
      clearTimeout(last);
      last = setTimeout(stop, DRAWN);
    }
    if (place !== document.activeElement) place.focus({ preventScroll: true });
  });
  observer.observe(document.body, { subtree: true, childList: true });
  for (const act of ["keydown", "pointerdown"]) addEventListener(act, stop, { capture: true, signal: reader.signal });
}

/** @param {Context<Data>} context */
export function mount({ data, parentElement, setTriggerValue }) {
  const items = data.tries.map(([label, sentence]) => {
    const item = element("li");
    const button = element("button", "", label);
    button.type = "button";
    button.disabled = data.disabled.includes(label);
    button.onclick = (event) => {
      setTriggerValue("chosen", label);
      document.querySelector(`.${data.stage}`)?.scrollIntoView({ behavior: "smooth", block: "center" });
      if (data.panel && event.detail === 0) follow(`.${data.panel}`);
    };
    item.append(button, element("span", "", sentence));
    return item;
  });
  find(parentElement, ".tries").replaceChildren(...items);
}
