// The text box. What is typed is read a moment after the last key; the page's answer marks where it is wrong, and never
// takes the place of what is being typed (whose.js).
import { element, find } from "../../core/base.js";
import { draw, drawScrolled, goToError, measure, scrollToError, showError } from "./drawn.js";
import { textOf } from "./files.js";
import { dedented, indented, newLine } from "./typing.js";
import { isAnswer, noText, turnOf } from "./whose.js";
import { make, replace, step } from "./written.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Box, Data } from "./drawn.js" */

const PAUSE = 600; // milliseconds without a key before the text is read

/** @type {WeakMap<ShadowRoot, Box>} */
const boxes = new WeakMap();

/** @type {Map<string, Box>} by their names, for one that is drawn anew */
const newest = new Map();

// --- the text

/** @param {Box} box @param {string} text the page's */
function put(box, text) {
  if (box.text.origin) replace(box, text);
  else box.parts.area.value = text;
  clearTimeout(box.timer);
  Object.assign(box.text, { edited: false, sent: box.parts.area.value, id: "" });
  box.refused = box.unread = "";
  say(box);
}

/** @param {Box} box */
function changed(box) {
  box.text.edited = true;
  box.asked = false;
  box.unread = "";
  clearTimeout(box.timer);
  box.timer = setTimeout(() => send(box), PAUSE);
  draw(box);
}

// Sends what has not been sent yet; `again` also what the server may have lost.
/** @param {Box} box @param {boolean} [again] */
function send(box, again = false) {
  clearTimeout(box.timer);
  const { text, data, parts } = box;
  const { value } = parts.area;
  const before = box.refused;
  box.refused = tooLong(value.length, data.letters);
  say(box);
  if (box.refused || before) showError(box);
  if (box.refused || !text.edited || (value === text.sent && !again)) return;
  box.sent += 1;
  Object.assign(text, { sent: value, id: `${box.sent} of ${performance.timeOrigin}` });
  box.post("typed", { id: text.id, origin: text.origin, revision: text.revision, text: value });
}

/** @param {number} letters @param {number} most */
function tooLong(letters, most) {
  if (letters <= most) return "";
  const [has, may] = [letters, most].map((count) => count.toLocaleString("en"));
  return `The text has ${has} characters, and ${may} are the most. It is read again once it is shorter.`;
}

// What the box itself has to say: of the last file, or of the text.
/** @param {Box} box */
function say({ parts: { notice, said }, unread, refused }) {
  const sentence = unread || refused;
  if (notice.textContent !== sentence) notice.textContent = said.textContent = sentence;
  notice.hidden = !sentence;
}

// --- what the reader does

/** @param {Box} box @param {KeyboardEvent} event */
function press(box, event) {
  const { area, said } = box.parts;
  const { key, shiftKey } = event;
  if (event.isComposing || key === "Shift") return;
  const leaves = box.leaves && key === "Tab";
  box.leaves = key === "Escape";
  if (box.leaves) said.textContent = "Tab leaves the box now.";
  const chord = event.ctrlKey || event.metaKey;
  const act = leaves || chord || event.altKey || area.readOnly ? null : actOf(key, shiftKey);
  if (key === "Enter" && chord) readNow(box);
  else if (chord && !event.altKey && isStep(key) && !area.readOnly) {
    if (!step(box, shiftKey || key === "y")) return;
  } else if (act) make(box, act(area.value, area.selectionStart, area.selectionEnd));
  else return;
  event.preventDefault();
}

/** @param {string} key */
const isStep = (key) => ["z", "Z", "y"].includes(key);

/** @param {string} key @param {boolean} shift */
function actOf(key, shift) {
  if (key === "Tab") return shift ? dedented : indented;
  return key === "Enter" && !shift ? newLine : null;
}

// As the reader asks or leaves: then the box may scroll to what is wrong.
/** @param {Box} box */
function readNow(box) {
  const { value } = box.parts.area;
  box.asked = true;
  if (value === box.text.sent) scrollToError(box);
  else send(box);
}

/** @param {Box} box @param {File | undefined} file */
async function fill(box, file) {
  if (!file || box.data.fixed) return;
  try {
    const text = await textOf(file, box.data);
    if (matchMedia("(pointer: fine)").matches) box.parts.area.focus({ preventScroll: true });
    replace(box, text);
    changed(box);
    readNow(box);
  } catch (error) {
    box.unread = error instanceof Error ? error.message : `${error}`;
    say(box);
  }
}

/** @param {Box} box */
function listenToText(box) {
  const { area } = box.parts;
  area.oninput = () => changed(box);
  area.onkeydown = (event) => press(box, event);
  area.onscroll = () => drawScrolled(box);
  area.onblur = () => {
    box.leaves = false;
    readNow(box);
  };
}

/** @param {Box} box */
function listen(box) {
  const { field, go, open, file } = box.parts;
  listenToText(box);
  go.onclick = () => goToError(box);
  open.onclick = () => file.click();
  file.onchange = () => {
    fill(box, file.files?.[0]);
    file.value = "";
  };
  const over = (/** @type {boolean} */ is) => (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    field.classList.toggle("over", is);
  };
  field.ondragover = over(true);
  field.ondragleave = over(false);
  field.ondrop = (event) => {
    over(false)(event);
    fill(box, event.dataTransfer?.files[0]);
  };
  box.observer.observe(field);
}

// --- with every answer

/** @param {ShadowRoot} root @param {Data} data @param {Context["setStateValue"]} post @returns {Box} */
function begin(root, data, post) {
  const part = (/** @type {string} */ name) => find(root, name);
  /** @type {Box} */
  const box = {
    parts: {
      area: find(root, "textarea"),
      field: part(".field"),
      gutter: part(".gutter"),
      numbers: part(".numbers"),
      marks: part(".marks"),
      tint: part(".tint"),
      under: part(".under"),
      ruler: part(".ruler"),
      trouble: part(".trouble"),
      why: part(".why"),
      go: find(root, ".go"),
      notice: part(".notice"),
      notes: part(".notes"),
      open: find(root, ".open"),
      file: find(root, ".file"),
      said: part(".said"),
    },
    data,
    text: noText(),
    sent: 0,
    timer: 0,
    asked: false,
    leaves: false,
    error: null,
    place: null,
    lines: 1,
    refused: "",
    unread: "",
    done: [],
    undone: [],
    changed: () => changed(box),
    listen: () => listenToText(box),
    observer: new ResizeObserver(() => drawScrolled(box)),
    post,
  };
  box.parts.field.style.height = `${data.height}px`;
  const before = newest.get(data.name);
  if (before) {
    box.text = { ...before.text, id: "" };
    box.sent = before.sent;
    box.parts.area.value = before.parts.area.value;
  }
  listen(box);
  boxes.set(root, box);
  newest.set(data.name, box);
  return box;
}

/** @param {Context<Data>} context */
export function mount({ data, parentElement, setStateValue, waitsWhile }) {
  const known = boxes.get(parentElement);
  const box = known ?? begin(parentElement, data, setStateValue);
  Object.assign(box, { data, post: setStateValue });
  waitsWhile(
    () => false,
    () => send(box, true),
  );
  const turn = turnOf(box.text, data);
  if (turn === "show") put(box, data.text ?? box.parts.area.value);
  Object.assign(box.text, { origin: data.origin, revision: data.revision });
  drawSettings(box);
  if (isAnswer(box.text, data)) answered(box, turn === "show");
  if (turn === "send" || (!known && data.text !== null && data.text !== box.parts.area.value)) send(box, true);
  return () => {
    box.observer.disconnect();
    clearTimeout(box.timer);
    boxes.delete(parentElement);
  };
}

/** @param {Box} box */
function drawSettings({ data, parts }) {
  find(parts.field.parentElement ?? parts.field, ".label").textContent = data.label;
  parts.area.readOnly = parts.open.disabled = data.fixed;
  parts.notes.replaceChildren(...data.notes.map((note) => element("p", "", note)));
  parts.notes.hidden = !data.notes.length;
}

// What is wrong with the text is shown where it stands; the box scrolls there unless the reader is typing.
/** @param {Box} box @param {boolean} isOther whether the text is another one */
function answered(box, isOther) {
  const { data, parts } = box;
  const isNew = isOther || box.asked || JSON.stringify(box.error) !== JSON.stringify(data.error);
  const sentence = data.error?.sentence ?? "";
  if (sentence && sentence !== box.error?.sentence) parts.said.textContent = sentence;
  box.error = data.error;
  measure(box);
  showError(box);
  if (isNew && (box.asked || !parts.area.matches(":focus"))) scrollToError(box);
  box.asked &&= !box.error; // a long text is read in two steps
}
