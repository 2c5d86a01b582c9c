// What stands around the text: the numbers of its lines, the place of an error in it and the sentence below.
import { element } from "../../core/base.js";
import { countLines, lineOf, partedAt } from "./typing.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Text } from "./whose.js" */
/** @import { Step } from "./written.js" */

/** @typedef {{ line: number, column: number, sentence: string }} Mark where the text is wrong, from 1, and why */

/**
 * @typedef {object} Data
 * @property {string} name of the box on its page
 * @property {string} label
 * @property {string} origin
 * @property {number} revision
 * @property {string | null} text null where the page has it from the browser
 * @property {string | null} ack what Python has read last
 * @property {Mark | null} error
 * @property {string[]} notes
 * @property {number} height
 * @property {boolean} fixed whether the link fixes the text
 * @property {number} letters that it may have
 * @property {number} bytes of a file
 */

/**
 * @typedef {object} Parts
 * @property {HTMLTextAreaElement} area
 * @property {HTMLElement} field
 * @property {HTMLElement} gutter
 * @property {HTMLElement} numbers
 * @property {HTMLElement} marks
 * @property {HTMLElement} tint
 * @property {HTMLElement} under
 * @property {HTMLElement} ruler
 * @property {HTMLElement} trouble
 * @property {HTMLElement} why
 * @property {HTMLButtonElement} go
 * @property {HTMLElement} notice
 * @property {HTMLElement} notes
 * @property {HTMLButtonElement} open
 * @property {HTMLInputElement} file
 * @property {HTMLElement} said
 */

/**
 * @typedef {object} Box
 * @property {Parts} parts
 * @property {Data} data
 * @property {Text} text
 * @property {number} sent how many texts have been
 * @property {number} timer until what was typed is sent
 * @property {boolean} asked whether the reader has asked to have it read, so that the box may scroll
 * @property {boolean} leaves whether Tab leaves the box
 * @property {Mark | null} error
 * @property {{ line: string, left: number, wide: number } | null} place of the error: its line as it was read, and
 *   where in it
 * @property {number} lines
 * @property {string} refused why the text is not sent, "" where it is
 * @property {string} unread why the last file was not taken, "" where it was and once the text has changed since
 * @property {Step[]} done what the box has written itself, and can take back
 * @property {Step[]} undone
 * @property {() => void} changed to be called when it has
 * @property {() => void} listen to a fresh area
 * @property {ResizeObserver} observer
 * @property {Context["setStateValue"]} post
 */

const rowOf = (/** @type {Box} */ box) => Number.parseFloat(getComputedStyle(box.parts.area).lineHeight);

/** @param {Box} box */
export function draw(box) {
  const { area, gutter } = box.parts;
  box.lines = countLines(area.value);
  gutter.style.width = `calc(${Math.max(2, String(box.lines).length)}ch + var(--around))`;
  drawScrolled(box);
}

// The numbers of the lines in view, and the mark where the text now stands.
/** @param {Box} box */
export function drawScrolled(box) {
  const { area, numbers } = box.parts;
  const row = rowOf(box);
  const first = Math.floor(area.scrollTop / row) + 1;
  const last = Math.min(box.lines, first + Math.ceil(area.clientHeight / row));
  const marked = placed(box) ? box.error?.line : 0;
  numbers.replaceChildren();
  for (let line = first; line <= last; line++) {
    const number = `${line}`;
    numbers.append(line === marked ? element("b", "", number) : number, "\n");
  }
  numbers.style.transform = `translateY(${(first - 1) * row - area.scrollTop}px)`;
  drawMark(box, row);
}

// The place of the error as long as its line is what it was when it was read.
/** @param {Box} box */
const placed = ({ error, place, parts }) =>
  error && place && lineOf(parts.area.value, error.line)?.line === place.line ? place : null;

/** @param {Box} box @param {number} row */
function drawMark(box, row) {
  const { area, marks, tint, under } = box.parts;
  const place = placed(box);
  marks.hidden = !place;
  if (!place || !box.error) return;
  const top = `${paddingOf(area).top + (box.error.line - 1) * row - area.scrollTop}px`;
  const left = paddingOf(area).left + place.left - area.scrollLeft;
  tint.style.top = under.style.top = top;
  Object.assign(under.style, { left: `${left}px`, width: `${place.wide}px` });
}

/** @param {HTMLElement} area */
function paddingOf(area) {
  const { paddingTop, paddingLeft } = getComputedStyle(area);
  return { top: Number.parseFloat(paddingTop), left: Number.parseFloat(paddingLeft) };
}

// Keeps where the error stands in the text that was read.
/** @param {Box} box */
export function measure(box) {
  const { ruler } = box.parts;
  const found = box.error && lineOf(box.text.sent, box.error.line);
  box.place = null;
  if (!found || !box.error) return;
  const [before, at] = partedAt(found.line, box.error.column);
  const wide = (/** @type {string} */ text) => {
    ruler.textContent = text;
    return ruler.getBoundingClientRect().width;
  };
  box.place = { line: found.line, left: wide(before), wide: Math.max(wide(at === "\t" ? " " : at), wide("0")) };
}

/** @param {Box} box */
export function showError(box) {
  const { error, parts } = box;
  const { area, field, trouble, why, go } = parts;
  const wrong = Boolean(error) || Boolean(box.refused);
  field.classList.toggle("wrong", wrong);
  area.setAttribute("aria-invalid", String(wrong));
  trouble.hidden = !error;
  why.textContent = error?.sentence ?? "";
  go.hidden = !box.place;
  go.textContent = error ? `Go to line ${error.line}` : "";
  draw(box);
}

// Scrolls the box alone, so that the error is in its middle.
/** @param {Box} box */
export function scrollToError(box) {
  const { area } = box.parts;
  if (!box.error || !box.place) return;
  const row = rowOf(box);
  const top = (box.error.line - 1) * row;
  const seen = top >= area.scrollTop && top + 2 * row <= area.scrollTop + area.clientHeight;
  if (!seen) area.scrollTop = top - area.clientHeight / 2;
  const right = box.place.left + box.place.wide + 2 * paddingOf(area).left;
  if (right > area.scrollLeft + area.clientWidth || box.place.left < area.scrollLeft) {
    area.scrollLeft = Math.max(0, right - 0.75 * area.clientWidth);
  }
  drawScrolled(box);
}

// Puts the caret where the error is.
/** @param {Box} box */
export function goToError(box) {
  const { area } = box.parts;
  const found = box.error && lineOf(area.value, box.error.line);
  if (!found || !box.error) return;
  const at = found.from + partedAt(found.line, box.error.column)[0].length;
  area.focus();
  area.setSelectionRange(at, at);
  scrollToError(box);
}
