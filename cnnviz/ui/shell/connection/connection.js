// The strip over the page: that there is no connection, and afterwards what was lost, where something was.
import { find } from "../../core/base.js";
import { forget, hold, whenLost } from "../../core/belongings.js";
import { whenCut } from "../../core/connection.js";
import { watchLine } from "./line.js";

/** @import { Context } from "../../core/base.js" */

/** @typedef {{ session: string }} Data */

/** @type {WeakMap<ShadowRoot, () => void>} what ends it */
const shown = new WeakMap();

/**
 * @param {boolean} isCut
 * @param {boolean} isStuck
 * @param {string[]} lost
 */
export function words(isCut, isStuck, lost) {
  if (isStuck) return "The connection is lost. Load this page again: its address has all but what was typed last.";
  if (isCut) return "No connection; trying again";
  return lost.length ? `The connection is back. What the server alone had is lost: ${lost.join(", ")}.` : "";
}

/** @param {Context<Data>} context */
export function mount({ data, parentElement }) {
  hold(parentElement, data.session, []);
  const leave = shown.get(parentElement) ?? begin(parentElement);
  shown.set(parentElement, leave);
  return leave;
}

/** @param {ShadowRoot} parentElement */
function begin(parentElement) {
  const strip = find(parentElement, ".strip");
  const close = find(strip, ".close");
  let [cut, stuck] = [false, false];
  /** @type {string[]} */
  let lost = [];
  const say = () => {
    const text = words(cut, stuck, lost);
    find(strip, ".words").textContent = text;
    strip.classList.toggle("says", text !== "");
    close.hidden = cut || !lost.length;
  };
  close.onclick = forget;
  const ends = [
    watchLine(),
    whenCut((isCut, isStuck) => {
      [cut, stuck] = [isCut, isStuck];
      say();
    }),
    whenLost((names) => {
      lost = names;
      say();
    }),
  ];
  return () => {
    for (const end of ends) end();
    shown.delete(parentElement);
  };
}
