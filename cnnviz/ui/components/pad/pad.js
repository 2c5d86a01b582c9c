// The pad. A picture is posted when the last one was acknowledged and PAUSE has passed, so that none queue up.
import { takeFiles } from "./files.js";
import { ink, inkAll, isBlank, isPicture, maskOf, pictureOf } from "./strokes.js";

const PAUSE = 60, PATIENCE = 2000; // milliseconds
const pads = new WeakMap();

function redrawPad(pad) {
  const side = Math.round(pad.canvas.clientWidth * devicePixelRatio);
  if (!side) return;
  pad.canvas.width = pad.canvas.height = pad.side = side;
  pad.context = pad.canvas.getContext("2d");
  pad.colour = getComputedStyle(pad.root).color;
  inkAll(pad.context, side, pad.strokes, pad.colour);
}

function enable(pad) {
  pad.undo.disabled = !pad.strokes.length;
  pad.redo.disabled = !pad.undone.length;
  pad.clear.disabled = isBlank(pad.strokes);
}

function changed(pad) {
  enable(pad);
  pad.dirty = true;
  post(pad);
}

function post(pad) {
  clearTimeout(pad.timer);
  const now = performance.now(), waiting = pad.sent !== pad.acknowledged;
  const wait = pad.sentAt + (waiting ? PATIENCE : PAUSE) - now;
  if (!pad.dirty) return;
  if (wait > 0) { pad.timer = setTimeout(() => post(pad), wait); return; }
  pad.dirty = false;
  pad.sent = `${Date.now()}-${Math.random()}`;
  pad.sentAt = now;
  const { strokes, size, stamp } = pad;
  pad.send("drawing", { id: pad.sent, picture: pictureOf(strokes, size), stamp, alone: isPicture(strokes) });
}

function place(pad, event) {
  const box = pad.canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

function add(pad, stroke) {
  pad.strokes.push(stroke);
  pad.undone = [];
}

function begin(pad, event) {
  if (event.button || pad.stroke) return; // a second finger draws nothing
  event.preventDefault();
  pad.canvas.focus({ preventScroll: true });
  pad.canvas.setPointerCapture(event.pointerId);
  pad.stroke = { width: Number(pad.width.value) / 100, erases: pad.erases, points: [place(pad, event)], pointer: event.pointerId };
  add(pad, pad.stroke);
  ink(pad.context, pad.side, pad.stroke);
  changed(pad);
}

function go(pad, event) {
  if (event.pointerId !== pad.stroke?.pointer) return;
  const from = pad.stroke.points.length, events = event.getCoalescedEvents?.() ?? [];
  for (const one of events.length ? events : [event]) pad.stroke.points.push(place(pad, one));
  ink(pad.context, pad.side, pad.stroke, from);
  changed(pad);
}

function end(pad, event) {
  if (event.pointerId === pad.stroke?.pointer) pad.stroke = null;
}

function choose(pad, erases) {
  pad.erases = erases;
  pad.root.querySelector(".pen").setAttribute("aria-pressed", !erases);
  pad.root.querySelector(".eraser").setAttribute("aria-pressed", erases);
}

function onKey(pad, event) {
  event.stopPropagation(); // r and c are shortcuts of Streamlit's
  const key = event.key.toLowerCase(), control = event.ctrlKey || event.metaKey, onPaper = event.target === pad.canvas;
  if (control && (key === "y" || (key === "z" && event.shiftKey))) pad.redo.click();
  else if (control && key === "z") pad.undo.click();
  else if (control || event.altKey || !onPaper) return;
  else if (key === "delete" || key === "backspace") pad.clear.click();
  else if (!pad.files) return;
  else if (/^[0-9]$/.test(key)) pad.trigger("pick", { digit: Number(key) });
  else if (key === "arrowleft" || key === "arrowright") pad.trigger("pick", { by: key === "arrowleft" ? -1 : 1 });
  else return;
  event.preventDefault();
}

function open(parentElement) {
  const root = parentElement.querySelector(".pad"), find = (name) => root.querySelector(name);
  const pad = { root, canvas: find(".paper"), undo: find(".undo"), redo: find(".redo"), clear: find(".clear") };
  Object.assign(pad, { width: find(".width input"), strokes: [], undone: [], erases: false, stamp: "" });
  Object.assign(pad, { dirty: false, sent: null, sentAt: -PATIENCE, timer: 0 });
  pad.canvas.onpointerdown = (event) => begin(pad, event);
  pad.canvas.onpointermove = (event) => go(pad, event);
  pad.canvas.onpointerup = pad.canvas.onpointercancel = (event) => end(pad, event);
  find(".pen").onclick = () => choose(pad, false);
  find(".eraser").onclick = () => choose(pad, true);
  const edit = (change) => () => { pad.stroke = null; change(); redrawPad(pad); changed(pad); };
  pad.undo.onclick = edit(() => pad.undone.push(pad.strokes.pop()));
  pad.redo.onclick = edit(() => pad.strokes.push(pad.undone.pop()));
  pad.clear.onclick = edit(() => add(pad, { clears: true }));
  takeFiles(pad, find);
  root.onkeydown = (event) => onKey(pad, event);
  pad.observer = new ResizeObserver(() => redrawPad(pad));
  pad.observer.observe(pad.canvas);
  enable(pad);
  return pad;
}

// a picture that Python puts on the paper, once
function takeStamp(pad, given) {
  if (!given || given.id === pad.stamp) return false;
  pad.stamp = given.id;
  if (given.copyOf && given.copyOf === pad.sent) return false;
  add(pad, { clears: true, mask: maskOf(given) });
  redrawPad(pad);
  changed(pad);
  return true;
}

export function mount({ data, parentElement, setStateValue, setTriggerValue, waitsWhile }) {
  let pad = pads.get(parentElement);
  const fresh = !pad;
  if (fresh) pads.set(parentElement, (pad = open(parentElement)));
  Object.assign(pad, { size: data.size, most: data.most, files: data.files, acknowledged: data.ack, send: setStateValue, trigger: setTriggerValue });
  pad.root.querySelector(".picture").hidden = !data.files;
  if (fresh) pad.sent = data.ack;
  waitsWhile(() => pad.dirty || pad.sent !== pad.acknowledged);
  if (pad.colour !== getComputedStyle(pad.root).color) redrawPad(pad); // another theme
  const stamped = takeStamp(pad, data.stamp);
  if (fresh && data.ack && !stamped) changed(pad); // the server still has a drawing that this pad no longer shows
  else if (!stamped) post(pad);
  return () => { pad.observer.disconnect(); clearTimeout(pad.timer); pads.delete(parentElement); };
}
