// Records pictures class by class. Nothing of them is kept in the browser but the last few, to be seen.
import { closest, element, find, paint, pixels } from "../../../core/base.js";
import { probability } from "../../../core/numbers.js";
import { outbox } from "./outbox.js";
import { encoded, pad, squared, startCamera, stopCamera } from "./sources.js";

/** @import { Context } from "../../../core/base.js" */

/**
 * @typedef {object} Data
 * @property {{ name: string, count: number }[]} classes
 * @property {number} heard
 * @property {string} status
 * @property {string} missing
 * @property {boolean} reads
 * @property {{ classes: string[], probabilities: number[] } | null} reading
 * @property {number} side
 * @property {{ classes: [number, number], each: [number, number], atOnce: number }} bounds
 */

/**
 * @typedef {object} View
 * @property {ShadowRoot} root
 * @property {Data} data
 * @property {ReturnType<typeof outbox>} box
 * @property {ReturnType<typeof pad>} pad
 * @property {string} source
 * @property {Uint8Array[][]} last of each class the pictures that were taken last
 * @property {number[]} counts of each class, with those that Python has not heard of yet
 * @property {{ at: number, timer: number, pictures: Uint8Array[] } | null} recording
 * @property {number} frames the timer of what is read
 * @property {boolean} changed whether the pad has changed since it was read
 * @property {(message: object) => void} send
 */

const EVERY = 200; // milliseconds between two pictures: 5 a second
const READ_EVERY = 200; // milliseconds between two frames that are read
const SHOWN = 12; // pictures of a class that are seen
const MAX_FILES = 50;

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** What the camera or the pad shows now; null where it shows nothing. @param {View} view */
function picture(view) {
  const small = /** @type {HTMLCanvasElement} */ (find(view.root, ".small"));
  if (view.source === "pad") {
    const canvas = /** @type {HTMLCanvasElement} */ (find(view.root, ".pad"));
    return view.pad.isBlank() ? null : squared(canvas, 256, 256, view.data.side, false, small);
  }
  const video = /** @type {HTMLVideoElement} */ (find(view.root, "video"));
  if (!video.videoWidth) return null;
  return squared(video, video.videoWidth, video.videoHeight, view.data.side, true, small);
}

/** @param {View} view @param {number} at @param {Uint8Array[]} pictures */
function add(view, at, pictures) {
  const { each, atOnce } = view.data.bounds;
  const taken = pictures.slice(0, Math.max(0, each[1] - view.counts[at]));
  if (!taken.length) return;
  view.counts[at] += taken.length;
  view.last[at] = [...taken.reverse(), ...(view.last[at] ?? [])].slice(0, SHOWN);
  taken.reverse();
  for (let from = 0; from < taken.length; from += atOnce) {
    const some = taken.slice(from, from + atOnce);
    const bytes = new Uint8Array(some.length * some[0].length);
    some.forEach((one, place) => {
      bytes.set(one, place * one.length);
    });
    view.box.post({ kind: "add", at, pictures: encoded(bytes) });
  }
  drawClass(view, at);
}

/** @param {View} view @param {number} at */
function begin(view, at) {
  end(view);
  const recording = { at, timer: 0, pictures: /** @type {Uint8Array[]} */ ([]) };
  const take = () => {
    const one = picture(view);
    if (one) recording.pictures.push(one);
    if (recording.pictures.length >= 5) add(view, at, recording.pictures.splice(0));
  };
  view.recording = recording;
  take();
  recording.timer = window.setInterval(take, EVERY);
  mark(view);
}

/** @param {View} view */
function end(view) {
  const { recording } = view;
  if (!recording) return;
  clearInterval(recording.timer);
  view.recording = null;
  add(view, recording.at, recording.pictures);
  mark(view);
}

/** @param {View} view */
function mark(view) {
  const rows = /** @type {NodeListOf<HTMLElement>} */ (view.root.querySelectorAll(".class"));
  rows.forEach((row, at) => {
    find(row, ".hold").classList.toggle("on", view.recording?.at === at);
  });
}

/** @param {View} view @param {number} at */
async function upload(view, at) {
  const input = element("input");
  Object.assign(input, { type: "file", accept: "image/*", multiple: true });
  input.onchange = async () => {
    const found = [];
    for (const file of [...(input.files ?? [])].slice(0, MAX_FILES)) {
      try {
        const bitmap = await createImageBitmap(file);
        found.push(squared(bitmap, bitmap.width, bitmap.height, view.data.side, false));
        bitmap.close();
      } catch {
        say(view, `${file.name.slice(0, 60)} is no picture that this browser reads.`);
      }
    }
    add(view, at, found);
  };
  input.click();
}

/** @param {View} view @param {string} words */
function say(view, words) {
  find(view.root, ".status").textContent = words;
}

/** @param {View} view */
function makeRow(view) {
  const row = element("div", "class");
  const name = element("input");
  Object.assign(name, { type: "text", maxLength: 40, className: "name" });
  const hold = element("button", "hold", "Hold to record");
  const file = element("button", "file", "Files");
  const clear = element("button", "clear", "Clear");
  const remove = element("button", "remove", "Remove");
  const doing = element("div", "doing");
  doing.append(hold, file, clear, remove);
  for (const button of [hold, file, clear, remove]) button.type = "button";
  row.append(name, element("div", "strip"), doing);
  doing.append(element("span", "count"));
  const at = () => [...view.root.querySelectorAll(".class")].indexOf(row);
  name.onchange = () => {
    const names = [...view.root.querySelectorAll(".class .name")].map((one) => /** @type {any} */ (one).value);
    view.box.post({ kind: "names", names });
  };
  name.onkeydown = (event) => event.stopPropagation();
  hold.onpointerdown = (event) => {
    hold.setPointerCapture(event.pointerId);
    begin(view, at());
  };
  hold.onpointerup = hold.onpointercancel = () => end(view);
  hold.oncontextmenu = (event) => event.preventDefault();
  hold.onkeydown = (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) begin(view, at());
  };
  hold.onkeyup = hold.onblur = () => {
    if (view.recording?.at === at()) end(view); // the focus may go to another one, which records already
  };
  file.onclick = () => upload(view, at());
  clear.onclick = () => {
    view.counts[at()] = 0;
    view.last[at()] = [];
    view.box.post({ kind: "clear", at: at() });
    drawClass(view, at());
  };
  remove.onclick = () => {
    const place = at();
    view.last.splice(place, 1);
    view.box.post({ kind: "remove", at: place });
  };
  return row;
}

/** @param {View} view @param {number} at */
function drawClass(view, at) {
  const row = view.root.querySelectorAll(".class")[at];
  if (!row) return;
  const { side, bounds, classes } = view.data;
  const count = view.counts[at];
  const few = count < bounds.each[0] ? ` of at least ${bounds.each[0]}` : count >= bounds.each[1] ? ", the most" : "";
  find(row, ".count").textContent = `${count} picture${count === 1 ? "" : "s"}${few}`;
  const strip = find(row, ".strip");
  strip.replaceChildren(
    ...(view.last[at] ?? []).map((one) => {
      const canvas = element("canvas");
      paint(canvas, [side, side], pixels(one, 3));
      return canvas;
    }),
  );
  /** @type {HTMLButtonElement} */ (find(row, ".remove")).disabled = classes.length <= bounds.classes[0];
  /** @type {HTMLButtonElement} */ (find(row, ".clear")).disabled = count === 0;
}

/** @param {View} view */
function drawClasses(view) {
  const around = find(view.root, ".classes");
  const { classes } = view.data;
  while (around.childElementCount > classes.length) around.lastElementChild?.remove();
  while (around.childElementCount < classes.length) around.append(makeRow(view));
  classes.forEach(({ name }, at) => {
    const input = /** @type {HTMLInputElement} */ (find(around.children[at], ".name"));
    if (view.root.activeElement !== input && input.value !== name && !view.box.has("names")) input.value = name;
    input.setAttribute("aria-label", `Name of class ${at + 1}`);
    find(around.children[at], ".hold").setAttribute("aria-label", `Hold to record pictures of ${name}`);
    drawClass(view, at);
  });
}

/** @param {View} view */
function drawBars(view) {
  const bars = find(view.root, ".bars");
  const { reading, reads } = view.data;
  bars.hidden = !reads || !reading;
  if (!reading) return;
  const best = Math.max(...reading.probabilities);
  while (bars.childElementCount > reading.classes.length) bars.lastElementChild?.remove();
  while (bars.childElementCount < reading.classes.length) {
    const bar = element("div", "bar");
    bar.setAttribute("role", "listitem");
    const track = element("div", "track");
    track.append(element("div", "fill"));
    bar.append(element("span", "name"), track, element("span", "share"));
    bars.append(bar);
  }
  reading.classes.forEach((name, at) => {
    const share = reading.probabilities[at];
    const bar = bars.children[at];
    bar.classList.toggle("first", share === best);
    find(bar, ".name").textContent = name;
    find(bar, ".fill").style.width = `${100 * share}%`;
    find(bar, ".share").textContent = probability(share);
  });
}

/** Send what the camera or the pad shows, where there is a network that reads it. @param {View} view */
function readOn(view) {
  if (!view.root.isConnected && !view.root.host.isConnected) {
    leave(view);
    return;
  }
  if (!view.data.reads || view.recording || view.box.busy()) return;
  if (view.source === "pad" && !view.changed) return;
  view.changed = false;
  const one = picture(view);
  if (one) view.box.post({ kind: "frame", picture: encoded(one) });
}

/** @param {View} view @param {string} source */
async function take(view, source) {
  view.source = source;
  const { root } = view;
  const video = /** @type {HTMLVideoElement} */ (find(root, "video"));
  const camera = source === "camera";
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".sources button")))
    button.setAttribute("aria-pressed", String(button.dataset.source === source));
  find(root, ".pad").hidden = camera;
  find(root, ".wipe").style.visibility = camera ? "hidden" : "";
  video.hidden = !camera;
  const blocked = find(root, ".blocked");
  blocked.hidden = true;
  if (!camera) {
    stopCamera(video);
    return;
  }
  const why = await startCamera(video);
  if (view.source !== "camera") stopCamera(video);
  else {
    blocked.hidden = !why;
    blocked.textContent = why;
  }
}

/** @param {View} view */
function leave(view) {
  clearInterval(view.frames);
  end(view);
  view.box.end();
  stopCamera(/** @type {HTMLVideoElement} */ (find(view.root, "video")));
}

/** @param {ShadowRoot} root @param {Data} data @returns {View} */
function make(root, data) {
  /** @type {View} */
  const view = {
    root,
    data,
    box: outbox((message) => view.send(message)),
    pad: { wipe: () => {}, isBlank: () => true },
    source: "pad",
    last: [],
    counts: [],
    recording: null,
    frames: 0,
    changed: false,
    send: () => {},
  };
  view.pad = pad(/** @type {HTMLCanvasElement} */ (find(root, ".pad")), () => {
    view.changed = true;
  });
  find(root, ".wipe").onclick = () => view.pad.wipe();
  find(root, ".sources").onclick = (event) => {
    const source = closest(event, "[data-source]")?.dataset.source;
    if (source) take(view, source);
  };
  find(root, ".more").onclick = () => {
    const names = [...view.data.classes.map(({ name }) => name), `Class ${view.data.classes.length + 1}`];
    view.box.post({ kind: "names", names });
  };
  find(root, ".train").onclick = () => {
    end(view);
    view.box.post({ kind: "train" });
  };
  view.frames = window.setInterval(() => readOn(view), READ_EVERY);
  take(view, "pad");
  return view;
}

/** @param {Context<Data>} context */
export function mount({ data, parentElement: root, setTriggerValue }) {
  const view = views.get(root) ?? make(root, data);
  views.set(root, view);
  view.data = data;
  view.send = (message) => setTriggerValue("message", message);
  view.box.heard(data.heard);
  if (!view.box.has("add") && !view.box.has("clear") && !view.recording)
    view.counts = data.classes.map(({ count }) => count);
  drawClasses(view);
  drawBars(view);
  say(view, data.status || data.missing);
  const train = /** @type {HTMLButtonElement} */ (find(root, ".train"));
  train.disabled = Boolean(data.missing);
  /** @type {HTMLButtonElement} */ (find(root, ".more")).disabled = data.classes.length >= data.bounds.classes[1];
  return () => leave(view);
}
