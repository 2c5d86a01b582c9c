// Code to read; a button copies it.
import { element, find } from "../../core/base.js";

/** @import { Context } from "../../core/base.js" */

/** @type {WeakMap<Element, number>} */
const timers = new WeakMap(); // until a button says again what it does

/** @param {Context<{ parts: [kind: string, text: string][] }>} context */
export function mount({ data, parentElement }) {
  const place = find(parentElement, "code");
  const button = find(parentElement, ".copy");
  const said = find(parentElement, ".said");
  place.replaceChildren(...data.parts.map(([kind, text]) => (kind ? element("span", kind, text) : text)));
  button.onclick = async () => {
    const done = await copied(place);
    const say = (/** @type {string} */ text, /** @type {string} */ aloud) => {
      button.textContent = text;
      said.textContent = aloud;
    };
    say(done, done);
    clearTimeout(timers.get(button));
    timers.set(
      button,
      setTimeout(() => say("Copy", ""), 2000),
    );
  };
}

// Where the browser keeps the clipboard from us (plain http), selects the code instead.
/** @param {HTMLElement} place */
async function copied(place) {
  try {
    await navigator.clipboard.writeText(place.textContent);
    return "Copied";
  } catch {
    getSelection()?.selectAllChildren(place);
    return "Press Ctrl+C";
  }
}
