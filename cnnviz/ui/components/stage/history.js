// Undo, redo and back to the example, by buttons and keys. They go to Python in a row with the edits: it keeps what was
// on the page.
import { closest, find } from "../../core/base.js";
import { post, unanswered } from "./edit.js";

/** @import { Editable } from "./edit.js" */

/** @typedef {{ undo: boolean, redo: boolean, example: boolean }} Steps whether there is anything for each of them */

/** @param {KeyboardEvent} event */
function stepOf({ key, shiftKey, ctrlKey, metaKey, altKey }) {
  if (!(ctrlKey || metaKey) || altKey) return null;
  const letter = key.toLowerCase();
  if (letter === "z") return shiftKey ? "redo" : "undo";
  return letter === "y" ? "redo" : null;
}

// whether a key was one of ours; what is half typed into a cell the browser takes back
/** @param {Editable} view @param {KeyboardEvent} event */
export function takeHistoryKey(view, event) {
  const step = stepOf(event);
  if (!step || (view.editor && view.editor.value !== view.editor.was)) return false;
  event.preventDefault();
  go(view, step);
  return true;
}

/** @param {Editable} view */
export function listenToHistory(view) {
  find(view.root, ".history").addEventListener("click", (event) => {
    const step = closest(event, "[data-step]")?.dataset.step;
    if (step) go(view, step);
  });
}

/** @param {Editable} view @param {string} step */
function go(view, step) {
  if (find(view.root, `[data-step="${step}"]`).getAttribute("aria-disabled") !== "true")
    post(view, { kind: step, plane: "" });
}

// what is under way to Python can be taken back, too
/** @param {Editable} view @param {Steps | null} steps null where nothing can be changed */
export function showHistory(view, steps) {
  const box = find(view.root, ".history");
  box.hidden = !steps;
  const isUnderWay = unanswered(view).length > 0;
  for (const [step, isThere] of Object.entries(steps ?? {})) {
    const isOpen = isThere || (isUnderWay && step !== "redo");
    find(box, `[data-step="${step}"]`).setAttribute("aria-disabled", String(!isOpen));
  }
}
