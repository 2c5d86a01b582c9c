// How the box writes into its text, so that it can be undone. What is short is put in as if it were typed, and the
// browser undoes it. That takes the browser long where there are many lines: what is long, and what comes while the
// reader is elsewhere, is put into a fresh area, of which the browser has nothing to undo, and is undone here.

/** @import { Box } from "./drawn.js" */
/** @import { Edit } from "./typing.js" */

/** @typedef {{ before: string, after: string }} Step */

const SLOW = 3000; // letters
const MOST = 20; // steps that are kept

/** @param {Box} box */
const isIn = ({ parts: { area } }) => area.matches(":focus") && !area.readOnly;

/** @param {Box} box @param {Edit} edit */
export function make(box, { from, to, text, start, end }) {
  const { area } = box.parts;
  const { value, scrollTop } = area;
  if (value.slice(from, to) === text) return;
  area.setSelectionRange(from, to);
  const typed = text.length < SLOW && document.execCommand(text ? "insertText" : "delete", false, text);
  if (!typed) {
    renew(box, value.slice(0, from) + text + value.slice(to));
    box.changed();
    box.parts.area.scrollTop = scrollTop;
  }
  box.parts.area.setSelectionRange(start, end);
}

// All of the text becomes another.
/** @param {Box} box @param {string} text */
export function replace(box, text) {
  const { value } = box.parts.area;
  if (value === text) return;
  if (isIn(box) && text.length < SLOW) make(box, { from: 0, to: value.length, text, start: 0, end: 0 });
  else renew(box, text);
  box.parts.area.setSelectionRange(0, 0);
  box.parts.area.scrollTo(0, 0);
}

/** @param {Box} box @param {string} text */
function renew(box, text) {
  box.undone = [];
  box.done = [...box.done.slice(1 - MOST), { before: box.parts.area.value, after: text }];
  swap(box, text);
}

// A fresh area in place of the one that there is.
/** @param {Box} box @param {string} text */
function swap(box, text) {
  const { area } = box.parts;
  const fresh = /** @type {HTMLTextAreaElement} */ (area.cloneNode());
  const focused = area.matches(":focus");
  area.onblur = null; // it would send what is being replaced
  fresh.value = text;
  area.replaceWith(fresh);
  box.parts.area = fresh;
  box.listen();
  if (focused) fresh.focus({ preventScroll: true });
}

// Whether what was done last, or taken back last, was written here: then it is taken back, or done again.
/** @param {Box} box @param {boolean} again */
export function step(box, again) {
  const { value } = box.parts.area;
  const [from, to] = again ? [box.undone, box.done] : [box.done, box.undone];
  const last = from.at(-1);
  if (!last || value !== (again ? last.before : last.after)) return false;
  from.pop();
  to.push(last);
  swap(box, again ? last.after : last.before);
  box.parts.area.setSelectionRange(0, 0);
  box.changed();
  return true;
}
