// Typing into the grids. What was typed goes to Python as text; Python says what it means. Edits wait in `pending`
// until Python has acknowledged them, so that quick typing loses none; of many the first are sent, and the others when
// these are acknowledged. A view that walks by itself has `pause()` for when one types.
import { element, STEPS } from "../../core/base.js";

/** @import { Cell, Data, Grids, Plane } from "./draw.js" */

const MOST = 100; // edits in a message; Python takes a few more, and not many more letters (ui/core/edits.py)
const MOST_LETTERS = 100_000;

/** @typedef {HTMLInputElement & { was: string, stop: number }} Editor what stood in the cell, and its tab index */
/** @typedef {{ seq: number, kind: string, plane: string, [more: string]: unknown }} Edit */

/**
 * @typedef {object} Typing what a view remembers of what is typed into it
 * @property {Editor | null} [editor]
 * @property {number} [sequence] of the last edit
 * @property {Edit[]} [pending]
 * @property {number} [posted] number of the last edit that was sent
 * @property {number} [again] how often they had to be sent once more
 * @property {(() => void) | null} [move] the editor's move that is still to come
 * @property {() => void} [pause]
 * @property {() => void} [foresee] shows at once what an edit brings about, where the browser can tell
 */

/** @typedef {Grids & Typing} Editable */
/**
 * @typedef {{ plane: string, row: number, col: number, value: string, selection: [number | null, number | null] }}
 *   Lifted
 */

/** @param {Editable} view @param {Omit<Edit, "seq">} edit */
export function post(view, edit) {
  view.sequence = Math.max(view.sequence ?? 0, view.data.ack) + 1;
  view.pending = [...unanswered(view), /** @type {Edit} */ ({ seq: view.sequence, ...edit })];
  send(view, view.pending);
  view.foresee?.();
}

// the edits of which Python has not said that it took them
/** @param {Editable} view */
export const unanswered = (view) => (view.pending ?? []).filter((one) => one.seq > view.data.ack);

/** @param {Editable} view */
export const isWaiting = (view) => unanswered(view).length > 0;

/** @param {Editable} view @param {Edit[]} waiting */
function send(view, waiting) {
  const edits = firstOf(waiting);
  view.posted = edits[edits.length - 1].seq;
  // what Streamlit kept while the line was cut a new session of the server's has, and takes for nothing new
  view.setStateValue("edits", view.again ? [{ ...edits[0], again: view.again }, ...edits.slice(1)] : edits);
}

// once the line is there again: what was not acknowledged. By their numbers Python takes them once, and in order.
/** @param {Editable} view */
export function sendAgain(view) {
  view.again = (view.again ?? 0) + 1;
  if (isWaiting(view)) send(view, view.pending ?? []);
}

// as many of the edits, in their order, as go into one message
/** @param {Edit[]} edits */
export function firstOf(edits) {
  let letters = 0;
  const end = edits.findIndex((edit, at) => {
    letters += String(edit.text ?? "").length;
    return at >= MOST || (at > 0 && letters > MOST_LETTERS);
  });
  return end < 0 ? edits : edits.slice(0, end);
}

// with each answer: once Python has taken what was sent, what has waited behind it is sent
/** @param {Editable} view */
export function sendOthers(view) {
  const waiting = unanswered(view);
  view.pending = waiting; // a new session of the server's knows of no number, and what was taken stays so
  if (waiting.length && view.data.ack >= (view.posted ?? 0)) send(view, waiting);
}

// An answer that knows of fewer edits than the one before comes from another session: what is no number, and so in no
// link, it has to be told again.
/** @param {Editable} view @param {Data} before @param {Data} answer */
export function recallDrafts(view, before, answer) {
  if (answer.ack >= before.ack) return;
  const waiting = unanswered(view);
  for (const { id, drafts } of Object.values(before.planes)) {
    for (const [cell, { text }] of Object.entries(drafts ?? {})) {
      const [row, col] = cell.split(",").map(Number);
      if (waiting.some((one) => one.plane === id && one.row === row && one.col === col)) continue;
      view.sequence = (view.sequence ?? 0) + 1;
      waiting.push({ seq: view.sequence, kind: "cell", plane: id, row, col, text });
    }
  }
  view.pending = waiting;
}

/** @param {Editable} view @param {HTMLElement} cell */
const planeOf = (view, { dataset }) => view.data.planes[dataset.plane ?? ""];

/** @param {HTMLElement} cell @returns {[row: number, col: number]} */
export const placeOf = ({ dataset }) => [Number(dataset.row), Number(dataset.col)];

/** @param {Grids} view @param {Plane} plane @param {number} row @param {number} col @returns {Cell | undefined} */
export const cellAt = (view, plane, row, col) => view.cells[plane.id]?.[row * plane.cols + col];

// what a cell holds, as it is typed
/** @param {Plane} plane @param {number} row @param {number} col */
function textIn(plane, row, col) {
  const place = `${row - plane.core[0]},${col - plane.core[1]}`;
  return plane.waiting?.[place] ?? plane.drafts?.[place]?.text ?? String(plane.values[row * plane.cols + col]);
}

/** @param {Editable} view @param {HTMLElement} cell */
export function openEditor(view, cell) {
  if (view.editor?.parentElement === cell) return;
  view.pause?.();
  const plane = planeOf(view, cell);
  const [row, col] = placeOf(cell);
  const [top, left] = plane.core;
  const was = textIn(plane, row, col);
  const stop = cell.tabIndex; // while the editor stands in the cell, Shift+Tab leaves both
  const editor = Object.assign(element("input", "editor"), { was, stop, value: was });
  editor.type = "text";
  editor.inputMode = "text"; // a phone's decimal keyboard has no minus sign
  editor.autocomplete = "off";
  editor.spellcheck = false;
  editor.setAttribute("aria-label", cell.getAttribute("aria-label") ?? "");
  closeEditor(view);
  view.editor = editor;
  cell.tabIndex = -1;
  cell.append(editor);
  editor.onblur = () => closeEditor(view);
  editor.onkeydown = (event) => editorKey(view, cell, event);
  editor.onpaste = (event) => {
    const block = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\t\n]/.test(block.trim()) && !/[,;\s]/.test(block.trim())) return;
    event.preventDefault();
    editor.value = editor.was;
    post(view, { kind: "paste", plane: plane.id, row: row - top, col: col - left, text: block.slice(0, 20000) });
    closeEditor(view);
    view.root.focus({ preventScroll: true });
  };
  editor.focus({ preventScroll: true });
  editor.select();
  sendBeforeLinks(view, editor);
}

// a tap on a link asks for the other page before the editor loses the focus: what was typed goes out as the finger
// comes down
/** @param {Editable} view @param {Editor} editor */
function sendBeforeLinks(view, editor) {
  const listen = (/** @type {PointerEvent} */ { target }) => {
    if (!editor.isConnected) document.removeEventListener("pointerdown", listen, true);
    else if (target instanceof Element && target.closest("a")) commit(view);
  };
  document.addEventListener("pointerdown", listen, true);
}

/** @param {Editable} view */
function closeEditor(view) {
  const editor = view.editor;
  if (!editor) return;
  commit(view);
  view.editor = null;
  const cell = editor.parentElement;
  editor.onblur = null;
  if (cell) cell.tabIndex = editor.stop;
  editor.remove();
}

// what was typed goes to Python, if it is new
/** @param {Editable} view */
function commit(view) {
  const { editor } = view;
  /** @type {Cell | null | undefined} */
  const cell = editor?.parentElement;
  if (!editor || !cell || editor.value === editor.was) return;
  editor.was = editor.value;
  const plane = planeOf(view, cell);
  const [row, col] = placeOf(cell);
  cell.children[0].textContent = editor.value;
  cell.look = null; // whatever comes back is written over it
  post(view, {
    kind: "cell",
    plane: plane.id,
    row: row - plane.core[0],
    col: col - plane.core[1],
    text: editor.value.slice(0, 200),
  });
}

// Python hears of the edit before the browser draws the editor's move, for the answer takes longer
/** @param {Editable} view @param {() => void} move */
function commitAndMove(view, move) {
  commit(view);
  view.move = () => {
    clearTimeout(timer);
    view.move = null;
    if (view.editor) move();
  };
  const timer = setTimeout(() => view.move?.());
}

// what stands in the open cell has changed, and nothing else was typed into it
/** @param {Editable} view */
export function refreshEditor(view) {
  const { editor } = view;
  const cell = editor?.parentElement;
  if (!editor || !cell || editor.value !== editor.was) return;
  const now = textIn(planeOf(view, cell), ...placeOf(cell));
  if (now === editor.was) return;
  editor.was = editor.value = now;
  editor.select();
}

// the grids are about to be built anew: what is half typed is lifted out, to be set down at its place in the new ones
/** @param {Editable} view @returns {Lifted | null} */
export function liftEditor(view) {
  const { editor } = view;
  const cell = editor?.parentElement;
  if (!editor || !cell) return null;
  const [top, left] = planeOf(view, cell).core;
  const [row, col] = placeOf(cell);
  const { value, selectionStart, selectionEnd } = editor;
  view.editor = null;
  editor.onblur = null;
  return {
    plane: cell.dataset.plane ?? "",
    row: row - top,
    col: col - left,
    value,
    selection: [selectionStart, selectionEnd],
  };
}

/** @param {Editable} view @param {Lifted | null} lifted */
export function setEditor(view, lifted) {
  const plane = lifted && view.data.planes[lifted.plane];
  const cell = plane && cellAt(view, plane, lifted.row + plane.core[0], lifted.col + plane.core[1]);
  if (!lifted || !cell?.classList.contains("editable")) return;
  openEditor(view, cell);
  if (!view.editor) return;
  view.editor.value = lifted.value;
  view.editor.setSelectionRange(...lifted.selection);
}

/** @param {Editable} view @param {HTMLElement} cell @param {KeyboardEvent} event */
function editorKey(view, cell, event) {
  if (view.move) {
    // a key as quick as that is meant for the next editor
    view.move();
    const moved = view.editor?.parentElement;
    if (moved) editorKey(view, moved, event);
    return;
  }
  const { editor } = view;
  if (!editor) return;
  // the grids may be new by then
  const openAt = (/** @type {HTMLElement} */ next) => {
    const there = planeOf(view, next) && cellAt(view, planeOf(view, next), ...placeOf(next));
    if (there) openEditor(view, there);
  };
  const untouched = editor.selectionStart === 0 && editor.selectionEnd === editor.value.length;
  const { ArrowUp, ArrowDown, ...sideways } = STEPS;
  const down = event.shiftKey ? ArrowUp : ArrowDown;
  const step = { Enter: down, ArrowUp, ArrowDown, ...(untouched ? sideways : {}) }[event.key];
  if (event.key === "Escape") {
    editor.value = editor.was;
    closeEditor(view);
    view.root.focus({ preventScroll: true });
  } else if (event.key === "Tab") {
    const next = neighbour(view, cell, event.shiftKey ? -1 : 1);
    if (!next) return; // leaves the grid; the blur commits
    event.preventDefault();
    commitAndMove(view, () => openAt(next));
  } else if (step) {
    event.preventDefault();
    const plane = planeOf(view, cell);
    const [row, col] = placeOf(cell);
    const next = cellAt(view, plane, row + step[0], col + step[1]);
    const within = col + step[1] >= 0 && col + step[1] < plane.cols;
    const leave = () => {
      closeEditor(view);
      view.root.focus({ preventScroll: true });
    };
    if (within && next?.classList.contains("editable")) commitAndMove(view, () => openAt(next));
    else if (event.key === "Enter") commitAndMove(view, leave);
  }
}

// the next or previous editable cell in reading order
/** @param {Editable} view @param {HTMLElement} cell @param {number} step */
function neighbour(view, cell, step) {
  const editable = view.cells[cell.dataset.plane ?? ""].filter((one) => one.classList.contains("editable"));
  return editable[editable.indexOf(cell) + step];
}

/** @param {Editable} view @param {HTMLInputElement} box */
export function resize(view, box) {
  const plane = planeOf(view, box);
  const value = Number(box.value);
  if (!Number.isInteger(value) || value < 1 || value > Number(box.max)) {
    box.setCustomValidity(`A whole number from 1 to ${box.max}, please.`);
    box.reportValidity();
    return;
  }
  box.setCustomValidity("");
  const [, , rows, cols] = plane.core;
  const size = box.dataset.axis === "rows" ? [value, cols] : [rows, value];
  if (size[0] !== rows || size[1] !== cols) post(view, { kind: "size", plane: plane.id, rows: size[0], cols: size[1] });
}
