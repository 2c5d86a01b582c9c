// The steppers, menus and switches above a stage are Streamlit's: their value goes to Python by itself. What a click or a
// key makes of them is read off the page here, so that the stage can show in the next frame what Python will answer.

import { isUnderWay } from "../../core/state.js";

/** @import { Data } from "./draw.js" */
/** @import { Pair, Rule } from "./foresee.js" */

/**
 * @typedef {object} Steppers
 * @property {Partial<Rule>} chosen what they say that Python has not answered yet
 * @property {(rule: Rule | null) => void} answered forgets what Python has answered
 * @property {() => void} end
 */

/** @typedef {{ field: "stride" | "padding" | "dilation" | "output_padding" | "kernel" | "outputs", axis: "h" | "w" }} Part */

const NUMBERS = /^(stride|padding|dilation|output_padding|kernel|outputs)_([hw])$/;
const SWITCHES = ["ceil_mode", "count_include_pad"];
const KEYS = ["Enter", "ArrowUp", "ArrowDown"]; // with these a box takes what it holds
const QUIET = 500; // milliseconds after an answer in which no other begins

// a key with which no box takes what it holds
/** @param {Event} event */
const isNone = (event) => event instanceof KeyboardEvent && !KEYS.includes(event.key);

// the widget of this page that an element is part of: its name in the page's settings, and its element
/** @param {string} page @param {EventTarget | null} target */
function widgetAround(page, target) {
  const found = target instanceof Element ? target.closest(`[class*="st-key-${page}_"]`) : null;
  const name = found?.className.match(`(?:^| )st-key-${page}_([a-z_]+?)(?:_\\d+)?(?: |$)`)?.[1];
  return found && name ? { name, found } : null;
}

// the whole number that a box holds; null where it holds none, or one that it may not
/** @param {Element} widget */
function numberIn(widget) {
  const box = widget.querySelector("input");
  if (!box?.value || box.disabled) return null;
  const value = Number(box.value);
  const isWithin = value >= Number(box.min || -Infinity) && value <= Number(box.max || Infinity);
  return Number.isInteger(value) && isWithin ? value : null;
}

// what a menu of the page shows
/** @param {string} page @param {string} field */
const shownIn = (page, field) =>
  document.querySelector(`[class*="st-key-${page}_${field}"] [value]`)?.getAttribute("value") ?? "";

// what a number for rows (`h`) or columns makes of a rule; without a box for columns it counts for both
/** @param {Rule} rule @param {Part} part @param {number} value @param {boolean} isApart @returns {Partial<Rule>} */
export function stepped(rule, { field, axis }, value, isApart) {
  const [rows, cols] = rule[field];
  /** @type {Pair} */
  const pair = !isApart ? [value, value] : axis === "h" ? [value, cols] : [rows, value];
  return field === "padding" ? { padding: pair, same: false } : { [field]: pair };
}

// whether Python's rule has all that was chosen
/** @param {Rule | null} rule @param {Partial<Rule>} chosen */
export const hasAll = (rule, chosen) =>
  rule !== null &&
  Object.entries(chosen).every(([field, value]) => String(rule[/** @type {keyof Rule} */ (field)]) === String(value));

/** @param {string} page @param {() => Data} answer @param {() => void} foresee @returns {Steppers} */
export function listenToSteppers(page, answer, foresee) {
  /** @type {Steppers} */
  const steppers = { chosen: {}, answered, end };
  let timer = 0;
  /** @type {Record<string, string> | null} */
  let before = null; // what the menus showed
  const menus = () => Object.fromEntries(Object.keys(answer().menus).map((field) => [field, shownIn(page, field)]));

  /** @param {Partial<Rule>} made */
  const choose = (made) => {
    if (hasAll(/** @type {Rule} */ ({ ...answer().rule, ...steppers.chosen }), made)) return;
    clearTimeout(timer);
    steppers.chosen = { ...steppers.chosen, ...made };
    foresee();
  };

  // an event on its way down: what the page shows before it makes something of it. React has done so mostly when the
  // event is on its way up, and at the latest by the next frame.
  /** @param {Event} event */
  const look = (event) => {
    if (isNone(event)) return;
    const widget = widgetAround(page, event.target);
    before ??= menus();
    requestAnimationFrame(() => {
      compare(widget);
      before = null;
    });
  };
  const lookAgain = (/** @type {Event} */ event) => isNone(event) || compare(widgetAround(page, event.target));

  /** @param {ReturnType<typeof widgetAround>} widget */
  const compare = (widget) => {
    const data = answer();
    if (!data.rule) return;
    const rule = { ...data.rule, ...steppers.chosen };
    for (const [field, label] of Object.entries(menus())) {
      const part = data.menus[field].find(([entry]) => entry === label)?.[1];
      if (part && before?.[field] && before[field] !== label) choose(part);
    }
    if (!widget) return;
    const [, field, axis] = widget.name.match(NUMBERS) ?? [];
    const value = field ? numberIn(widget.found) : null;
    const part = /** @type {Part} */ ({ field, axis });
    if (value !== null) choose(stepped(rule, part, value, isApart(page, part.field)));
    const box = /** @type {HTMLInputElement | null} */ (widget.found.querySelector('input[type="checkbox"]'));
    if (box && SWITCHES.includes(widget.name)) choose({ [widget.name]: box.checked });
    if (widget.name !== "padding_choice") return;
    const choice = widget.found.querySelector('[aria-checked="true"]')?.textContent;
    if (choice === "Same" && rule.kind === "convolution") choose({ same: true });
    if (choice === "Valid") choose({ same: false, padding: [0, 0] });
  };

  const kinds = ["click", "keydown", "focusout"];
  for (const kind of kinds) {
    window.addEventListener(kind, look, { capture: true });
    window.addEventListener(kind, lookAgain);
  }

  // Python has answered otherwise: to what was done before, or because it mended or refused something. With no answer
  // on its way this one counts; while there is none at all, however long, what was chosen is shown.
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (isUnderWay()) wait();
      else {
        steppers.chosen = {};
        foresee();
      }
    }, QUIET);
  }

  /** @param {Rule | null} rule */
  function answered(rule) {
    clearTimeout(timer);
    if (hasAll(rule, steppers.chosen)) steppers.chosen = {};
    else wait();
  }

  function end() {
    clearTimeout(timer);
    for (const kind of kinds) {
      window.removeEventListener(kind, look, { capture: true });
      window.removeEventListener(kind, lookAgain);
    }
  }

  return steppers;
}

/** @param {string} page @param {string} field */
const isApart = (page, field) => Boolean(document.querySelector(`[class*="st-key-${page}_${field}_w"]`));
