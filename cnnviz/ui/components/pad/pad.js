// The pad. Every change is a version of what lies on it; the newest is posted as soon as the line has room for it
// (underway.js), and what Python read of the newest that it has read is told to the page.
import { brush, find } from "../../core/base.js";
import { connections } from "../../core/connection.js";
import { forget, tell } from "../../core/news.js";
import { unpacked } from "../../core/packed.js";
import { isConnected } from "../../core/state.js";
import { takeFiles } from "./files.js";
import { inGreys, toRuns } from "./runs.js";
import { ink, inkAll, isBlank, isPicture, maskOf, pictureOf } from "./strokes.js";
import { answer, lose, newest, newLine, send, untilLost, waitFor } from "./underway.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Line as Drawn, Stroke } from "./strokes.js" */
/** @import { Line } from "./underway.js" */

/**
 * @typedef {{ id: string, shape: number[], ink: string, copyOf: string }} Whole a picture that Python puts on the paper
 */
/** @typedef {Whole | { id: string }} Stamp without its ink where the pad has said that it has it */

/**
 * @typedef {object} Data
 * @property {number} size pixels of a side of what is posted
 * @property {number} most bytes of a file
 * @property {boolean} files whether pictures are asked for
 * @property {Stamp | null} stamp
 * @property {string | null} ack what Python has read last
 * @property {{ name: string } & Record<string, unknown>} news for others of the page, who hear them under that name
 */

/**
 * @typedef {object} Pad
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} canvas
 * @property {CanvasRenderingContext2D} context
 * @property {Record<"undo" | "redo" | "clear", HTMLButtonElement>} buttons
 * @property {HTMLInputElement} width
 * @property {number} side of the canvas, in pixels
 * @property {string} colour of the ink
 * @property {Stroke[]} strokes
 * @property {Stroke[]} undone
 * @property {(Drawn & { pointer: number }) | null} stroke the one that is being drawn
 * @property {boolean} erases
 * @property {string} stamp the id of the last picture that was put on it
 * @property {number} size
 * @property {number} most
 * @property {boolean} files
 * @property {string} name of this pad, in the ids of what it posts
 * @property {number} version of what lies on it
 * @property {Line} line
 * @property {number} connection the one by which it posts
 * @property {Map<number, Uint8Array>} inks by their versions: of what is under way, and of what was read last
 * @property {number} timer
 * @property {ResizeObserver} observer
 * @property {Context["setStateValue"]} post
 * @property {Context["setTriggerValue"]} trigger
 */

const BROKEN = 250; // milliseconds between two looks whether a broken line is there again, while something is due

/** @type {WeakMap<ShadowRoot, Pad>} */
const pads = new WeakMap();
/** @type {Map<string, Pad>} the last one under each name of its news, be it left, or taken away by Streamlit */
const latest = new Map();

/** @param {Pad} pad */
function redrawPad(pad) {
  const side = Math.round(pad.canvas.clientWidth * devicePixelRatio);
  if (!side) return;
  Object.assign(pad.canvas, { width: side, height: side });
  Object.assign(pad, { side, colour: getComputedStyle(pad.root).color });
  inkAll(pad.context, side, pad.strokes, pad.colour);
}

/** @param {Pad} pad */
function enable(pad) {
  pad.buttons.undo.disabled = !pad.strokes.length;
  pad.buttons.redo.disabled = !pad.undone.length;
  pad.buttons.clear.disabled = isBlank(pad.strokes);
}

/** @param {Pad} pad */
function changed(pad) {
  enable(pad);
  pad.version += 1;
  post(pad);
}

/** @param {Pad} pad */
const isDue = ({ line, version }) => newest(line) < version;

// posts the newest version, now or when it may go; what was lost, or under way when the line broke, is due again. By
// another connection than before nothing goes before the page has run: where a fragment runs at the end of that,
// Streamlit (1.67) takes away all that the page has drawn, and the pad with what lies on it
/** @param {Pad} pad */
function post(pad) {
  clearTimeout(pad.timer);
  const now = performance.now();
  const { line } = pad;
  const isThere = isConnected() && pad.connection === connections();
  if (line.sent.length && (!isThere || untilLost(line, now) === 0)) lose(line);
  if (isDue(pad) && isThere && waitFor(line, now) === 0) postNow(pad, now);
  const wait = !isDue(pad) ? untilLost(line, now) : isThere ? waitFor(line, now) : BROKEN;
  if (wait < Infinity) pad.timer = setTimeout(() => post(pad), wait);
}

/** @param {Pad} pad @param {number} now */
function postNow(pad, now) {
  const { line, version, strokes, stamp } = pad;
  const made = inGreys(pictureOf(strokes, pad.size));
  send(line, version, now);
  pad.inks.set(version, made);
  const picture = btoa(String.fromCharCode(...toRuns(made)));
  pad.post("drawing", { id: `${pad.name}${version}`, picture, stamp, alone: isPicture(strokes) });
}

/** @param {Pad} pad @param {string | null} ack */
function takeAnswer(pad, ack) {
  const { line, inks } = pad;
  if (!ack?.startsWith(pad.name)) return; // to another pad that lay here before
  answer(line, Number(ack.slice(pad.name.length)), performance.now());
  for (const version of inks.keys()) if (version < line.read) inks.delete(version);
}

/** @param {Pad} pad @param {PointerEvent} event @returns {[x: number, y: number]} */
function place(pad, event) {
  const box = pad.canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

/** @param {Pad} pad @param {Stroke} stroke */
function add(pad, stroke) {
  pad.strokes.push(stroke);
  pad.undone = [];
}

/** @param {Pad} pad @param {PointerEvent} event */
function begin(pad, event) {
  if (event.button || pad.stroke) return; // a second finger draws nothing
  event.preventDefault();
  pad.canvas.focus({ preventScroll: true });
  pad.canvas.setPointerCapture(event.pointerId);
  pad.stroke = {
    width: Number(pad.width.value) / 100,
    erases: pad.erases,
    points: [place(pad, event)],
    pointer: event.pointerId,
  };
  add(pad, pad.stroke);
  ink(pad.context, pad.side, pad.stroke);
  changed(pad);
}

/** @param {Pad} pad @param {PointerEvent} event */
function go(pad, event) {
  const { stroke } = pad;
  if (!stroke || event.pointerId !== stroke.pointer) return;
  const from = stroke.points.length;
  const events = event.getCoalescedEvents?.() ?? [];
  for (const one of events.length ? events : [event]) stroke.points.push(place(pad, one));
  ink(pad.context, pad.side, stroke, from);
  changed(pad);
}

/** @param {Pad} pad @param {PointerEvent} event */
function end(pad, event) {
  if (event.pointerId === pad.stroke?.pointer) pad.stroke = null;
}

/** @param {Pad} pad @param {boolean} erases */
function choose(pad, erases) {
  pad.erases = erases;
  find(pad.root, ".pen").setAttribute("aria-pressed", String(!erases));
  find(pad.root, ".eraser").setAttribute("aria-pressed", String(erases));
}

/** @param {Pad} pad @param {KeyboardEvent} event */
function onKey(pad, event) {
  event.stopPropagation(); // r and c are shortcuts of Streamlit's
  const key = event.key.toLowerCase();
  const control = event.ctrlKey || event.metaKey;
  const onPaper = event.target === pad.canvas;
  if (control && (key === "y" || (key === "z" && event.shiftKey))) pad.buttons.redo.click();
  else if (control && key === "z") pad.buttons.undo.click();
  else if (control || event.altKey || !onPaper) return;
  else if (key === "delete" || key === "backspace") pad.buttons.clear.click();
  else if (!pad.files) return;
  else if (/^[0-9]$/.test(key)) pad.trigger("pick", { digit: Number(key) });
  else if (key === "arrowleft" || key === "arrowright") pad.trigger("pick", { by: key === "arrowleft" ? -1 : 1 });
  else return;
  event.preventDefault();
}

/** @param {Context} context @param {Data} data @returns {Pad} */
function open({ parentElement, setStateValue, setTriggerValue: trigger }, data) {
  const root = find(parentElement, ".pad");
  /** @type {HTMLCanvasElement} */
  const canvas = find(root, ".paper");
  /** @type {Pad} */
  const pad = {
    ...{ root, canvas, context: brush(canvas), post: setStateValue, trigger },
    ...{ size: data.size, most: data.most, files: data.files },
    buttons: { undo: find(root, ".undo"), redo: find(root, ".redo"), clear: find(root, ".clear") },
    width: find(root, ".width input"),
    ...{ side: 0, colour: "", strokes: [], undone: [], stroke: null, erases: false, stamp: "" },
    ...{ name: `${Math.random().toString(36).slice(2, 8)}-`, version: 0, line: newLine(), inks: new Map(), timer: 0 },
    connection: connections(),
    observer: new ResizeObserver(() => redrawPad(pad)),
  };
  takeUp(pad, latest.get(data.news.name));
  const finish = (/** @type {PointerEvent} */ event) => end(pad, event);
  canvas.onpointerdown = (event) => begin(pad, event);
  canvas.onpointermove = (event) => go(pad, event);
  Object.assign(canvas, { onpointerup: finish, onpointercancel: finish });
  find(root, ".pen").onclick = () => choose(pad, false);
  find(root, ".eraser").onclick = () => choose(pad, true);
  const edit = (/** @type {() => void} */ change) => () => {
    pad.stroke = null;
    change();
    redrawPad(pad);
    changed(pad);
  };
  const { undo, redo, clear } = pad.buttons;
  undo.onclick = edit(() => pad.undone.push(...pad.strokes.splice(-1)));
  redo.onclick = edit(() => pad.strokes.push(...pad.undone.splice(-1)));
  clear.onclick = edit(() => add(pad, { clears: true }));
  takeFiles(pad);
  root.onkeydown = (event) => onKey(pad, event);
  pad.observer.observe(canvas);
  enable(pad);
  return pad;
}

// what lay on the pad that was here before it, which nobody has cleared
/** @param {Pad} pad @param {Pad} [before] */
function takeUp(pad, before) {
  if (!before) return;
  const { strokes, undone, stamp, name, version, inks, erases } = before;
  Object.assign(pad, { strokes, undone, stamp, name, version, inks });
  pad.width.value = before.width.value;
  choose(pad, erases);
}

// a picture that Python puts on the paper, once; a copy of what was drawn here lies there already
/** @param {Pad} pad @param {Stamp | null} given */
function takeStamp(pad, given) {
  if (!given || given.id === pad.stamp || !("ink" in given)) return false;
  pad.stamp = given.id;
  if (given.copyOf.startsWith(pad.name)) return false;
  add(pad, { clears: true, mask: maskOf(given) });
  redrawPad(pad);
  changed(pad);
  return true;
}

// at the end of another connection there may be a server that has read nothing of it
/** @param {Pad} pad */
function startAnew(pad) {
  pad.connection = connections();
  lose(pad.line);
  changed(pad);
}

/** @param {Context<Uint8Array>} context */
export function mount(context) {
  const { parentElement, setStateValue, setTriggerValue: trigger, waitsWhile } = context;
  /** @type {Data} */
  const data = unpacked(context.data);
  const known = pads.get(parentElement);
  const pad = known ?? open(context, data);
  pads.set(parentElement, pad);
  latest.set(data.news.name, pad);
  const { size, most, files } = data;
  Object.assign(pad, { size, most, files, post: setStateValue, trigger });
  find(pad.root, ".picture").hidden = !files;
  waitsWhile(
    () => isDue(pad) || pad.line.sent.length > 0,
    () => startAnew(pad),
  );
  takeAnswer(pad, data.ack);
  if (pad.colour !== getComputedStyle(pad.root).color) redrawPad(pad); // another theme
  const stamped = takeStamp(pad, data.stamp);
  // the server may still have a drawing that this pad no longer shows
  if (!known && data.ack && !stamped) changed(pad);
  else if (!stamped) post(pad);
  tell(data.news.name, { ...data.news, ...data, ink: pad.inks.get(pad.line.read) });
  return () => {
    pad.observer.disconnect();
    clearTimeout(pad.timer);
    pads.delete(parentElement);
    forget(data.news.name);
  };
}
