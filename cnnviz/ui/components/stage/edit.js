// Typing into the grids. What was typed goes to Python as text; Python says what it means. Edits wait in `pending` until
// Python has acknowledged them, so that quick typing loses none. A view that walks by itself has `pause()` for when one types.
import { element } from "../../core/base.js";

function post(view, edit) {
  view.sequence = Math.max(view.sequence ?? 0, view.data.ack) + 1;
  view.pending = [...(view.pending ?? []).filter((one) => one.seq > view.data.ack), { seq: view.sequence, ...edit }];
  view.setStateValue("edits", view.pending);
}

// whether there are edits of which Python has not yet said that it took them
export const isWaiting = (view) => (view.pending ?? []).some((one) => one.seq > view.data.ack);

const planeOf = (view, cell) => view.data.planes[cell.dataset.plane];
export const place = (cell) => [Number(cell.dataset.row), Number(cell.dataset.col)];
export const cellAt = (view, plane, row, col) => view.cells[plane.id]?.[row * plane.cols + col];

export function openEditor(view, cell) {
  if (!cell || view.editor?.parentElement === cell) return;
  view.pause?.();
  const plane = planeOf(view, cell);
  const [row, col] = place(cell);
  const [top, left] = plane.core;
  const draft = plane.drafts?.[`${row - top},${col - left}`];
  const editor = element("input", "editor");
  editor.type = "text";
  editor.inputMode = "text"; // a phone's decimal keyboard has no minus sign
  editor.autocomplete = "off";
  editor.spellcheck = false;
  editor.value = editor.before = draft ? draft.text : String(plane.values[row * plane.cols + col]);
  editor.setAttribute("aria-label", cell.getAttribute("aria-label"));
  closeEditor(view);
  view.editor = editor;
  editor.stop = cell.tabIndex; // while the editor stands in the cell, Shift+Tab leaves both
  cell.tabIndex = -1;
  cell.append(editor);
  editor.onblur = () => closeEditor(view);
  editor.onkeydown = (event) => editorKey(view, cell, event);
  editor.onpaste = (event) => {
    const block = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(block.trim()) && !/[,;\s]/.test(block.trim())) return;
    event.preventDefault();
    editor.value = editor.before;
    post(view, { kind: "paste", plane: plane.id, row: row - top, col: col - left, text: block.slice(0, 20000) });
    closeEditor(view);
    view.root.focus({ preventScroll: true });
  };
  editor.focus({ preventScroll: true });
  editor.select();
}

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
function commit(view) {
  const { editor } = view;
  const cell = editor.parentElement;
  if (editor.value === editor.before || !cell) return;
  editor.before = editor.value;
  const plane = planeOf(view, cell);
  const [row, col] = place(cell);
  cell.firstChild.textContent = editor.value;
  cell.look = null; // whatever comes back is written over it
  post(view, { kind: "cell", plane: plane.id, row: row - plane.core[0], col: col - plane.core[1], text: editor.value.slice(0, 200) });
}

// Python hears of the edit before the browser draws the editor's move, for the answer takes longer
function commitAndMove(view, move) {
  commit(view);
  view.move = () => { clearTimeout(timer); view.move = null; if (view.editor) move(); };
  const timer = setTimeout(() => view.move?.());
}

// the grids are about to be built anew: what is half typed is lifted out, to be set down at its place in the new ones
export function liftEditor(view) {
  const { editor } = view;
  const cell = editor?.parentElement;
  if (!cell) return null;
  const [top, left] = planeOf(view, cell).core, [row, col] = place(cell);
  const { value, selectionStart, selectionEnd } = editor;
  view.editor = null;
  editor.onblur = null;
  return { plane: cell.dataset.plane, row: row - top, col: col - left, value, selection: [selectionStart, selectionEnd] };
}

export function setEditor(view, lifted) {
  const plane = view.data.planes[lifted?.plane];
  const cell = plane && cellAt(view, plane, lifted.row + plane.core[0], lifted.col + plane.core[1]);
  if (!cell?.classList.contains("editable")) return;
  openEditor(view, cell);
  view.editor.value = lifted.value;
  view.editor.setSelectionRange(...lifted.selection);
}

function editorKey(view, cell, event) {
  if (view.move) { // a key as quick as that is meant for the next editor
    view.move();
    if (view.editor) editorKey(view, view.editor.parentElement, event);
    return;
  }
  const editor = view.editor;
  const at = (next) => planeOf(view, next) && cellAt(view, planeOf(view, next), ...place(next)); // the grids may be new by then
  const untouched = editor.selectionStart === 0 && editor.selectionEnd === editor.value.length;
  const moves = { Enter: [event.shiftKey ? -1 : 1, 0], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (untouched) Object.assign(moves, { ArrowLeft: [0, -1], ArrowRight: [0, 1] });
  if (event.key === "Escape") {
    editor.value = editor.before;
    closeEditor(view);
    view.root.focus({ preventScroll: true });
  } else if (event.key === "Tab") {
    const next = neighbour(view, cell, event.shiftKey ? -1 : 1);
    if (!next) return; // leaves the grid; the blur commits
    event.preventDefault();
    commitAndMove(view, () => openEditor(view, at(next)));
  } else if (moves[event.key]) {
    event.preventDefault();
    const plane = planeOf(view, cell);
    const [row, col] = place(cell);
    const next = cellAt(view, plane, row + moves[event.key][0], col + moves[event.key][1]);
    const within = col + moves[event.key][1] >= 0 && col + moves[event.key][1] < plane.cols;
    if (within && next?.classList.contains("editable")) commitAndMove(view, () => openEditor(view, at(next)));
    else if (event.key === "Enter") commitAndMove(view, () => { closeEditor(view); view.root.focus({ preventScroll: true }); });
  }
}

// the next or previous editable cell in reading order
function neighbour(view, cell, step) {
  const editable = view.cells[cell.dataset.plane].filter((one) => one.classList.contains("editable"));
  return editable[editable.indexOf(cell) + step];
}

export function resize(view, box) {
  const plane = view.data.planes[box.dataset.plane];
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
