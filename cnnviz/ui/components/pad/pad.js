// The pad. A picture is posted when the last one was acknowledged and PAUSE has passed, so that none queue up.
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

function changed(pad) {
  pad.undo.disabled = !pad.strokes.length;
  pad.clear.disabled = isBlank(pad.strokes);
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
  pad.send("drawing", { id: pad.sent, picture: pictureOf(pad.strokes, pad.size) });
}

function place(pad, event) {
  const box = pad.canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

function begin(pad, event) {
  if (event.button) return;
  event.preventDefault();
  pad.canvas.setPointerCapture(event.pointerId);
  pad.stroke = { width: Number(pad.width.value) / 100, erases: pad.erases, points: [place(pad, event)], pointer: event.pointerId };
  pad.strokes.push(pad.stroke);
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

function choose(pad, erases) {
  pad.erases = erases;
  pad.root.querySelector(".pen").setAttribute("aria-pressed", !erases);
  pad.root.querySelector(".eraser").setAttribute("aria-pressed", erases);
}

function open(parentElement) {
  const root = parentElement.querySelector(".pad"), find = (name) => root.querySelector(name);
  const pad = { root, canvas: find(".paper"), undo: find(".undo"), clear: find(".clear"), width: find(".width input") };
  Object.assign(pad, { strokes: [], erases: false, dirty: false, sent: null, sentAt: -PATIENCE, timer: 0 });
  pad.canvas.onpointerdown = (event) => begin(pad, event);
  pad.canvas.onpointermove = (event) => go(pad, event);
  pad.canvas.onpointerup = pad.canvas.onpointercancel = () => { pad.stroke = null; };
  find(".pen").onclick = () => choose(pad, false);
  find(".eraser").onclick = () => choose(pad, true);
  const edit = (change) => () => { change(); redrawPad(pad); changed(pad); };
  pad.undo.onclick = edit(() => pad.strokes.pop());
  pad.clear.onclick = edit(() => pad.strokes.push({ clears: true }));
  root.onkeydown = (event) => {
    event.stopPropagation(); // r and c are shortcuts of Streamlit's
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && pad.strokes.length) pad.undo.onclick();
  };
  pad.observer = new ResizeObserver(() => redrawPad(pad));
  pad.observer.observe(pad.canvas);
  return pad;
}

export default function ({ data, parentElement, setStateValue }) {
  let pad = pads.get(parentElement);
  const fresh = !pad;
  if (fresh) pads.set(parentElement, (pad = open(parentElement)));
  Object.assign(pad, { size: data.size, acknowledged: data.ack, send: setStateValue });
  if (pad.colour !== getComputedStyle(pad.root).color) redrawPad(pad); // another theme
  if (fresh) {
    pad.sent = data.ack;
    pad.undo.disabled = pad.clear.disabled = true;
    if (data.ack) changed(pad); // the server still has a drawing that this pad no longer shows
  } else post(pad);
  return () => { pad.observer.disconnect(); clearTimeout(pad.timer); pads.delete(parentElement); };
}
