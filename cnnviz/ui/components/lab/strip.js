// The controls above a stage that needs no server: steppers, menus and switches for the rule of its windows, with the
// bounds within which the rest stays possible.
import { element } from "../../core/base.js";
import { isPossible } from "../stage/foresee.js";
import { choose, has, holds, put } from "./desk.js";

/** @import { Desk } from "./desk.js" */
/** @import { Rule } from "../stage/foresee.js" */

/** @typedef {"stride" | "padding" | "dilation" | "output_padding" | "kernel" | "outputs"} PairName */

/**
 * @typedef {{ kind: "pair", field: PairName, label: string, low: number, high: number, goes_with: Partial<Rule> }
 *   | { kind: "menu", field: string, label: string, options: [label: string, rule: Partial<Rule>][], goes_with:
 *   Partial<Rule> }
 *   | { kind: "grids", field: string, label: string, plane: string, options: Record<string, number[][]>, goes_with:
 *   Partial<Rule> }
 *   | { kind: "switch", field: "same" | "ceil_mode" | "count_include_pad", label: string, goes_with: Partial<Rule> }} Control
 *   `goes_with`: it is shown only while the rule has that
 */

/** @typedef {Control & { kind: "pair" }} PairControl */

/**
 * @param {HTMLElement} strip
 * @param {{ desk: Desk, controls: Control[], apart: boolean, draw: () => void }} lab
 */
export function showStrip(strip, lab) {
  const { rule } = lab.desk.now;
  const active = /** @type {ShadowRoot} */ (strip.getRootNode()).activeElement?.getAttribute("data-control");
  strip.replaceChildren();
  if (!rule) return;
  for (const control of lab.controls.filter(({ goes_with }) => has(rule, goes_with))) {
    if (control.kind === "pair") strip.append(...steppers(lab, rule, control));
    else if (control.kind === "menu") strip.append(menu(lab, rule, control));
    else strip.append(control.kind === "grids" ? gridMenu(lab, control) : toggle(lab, rule, control));
  }
  if (lab.controls.some(({ kind }) => kind === "pair")) strip.append(apartToggle(lab));
  if (active) /** @type {HTMLElement | null} */ (strip.querySelector(`[data-control="${active}"]`))?.focus();
}

/** @param {string} label @param {HTMLElement} control @param {string} name */
function labelled(label, control, name) {
  const box = element("label", "control");
  control.dataset.control = name;
  control.setAttribute("aria-label", label); // a menu's options are not part of its name
  box.append(element("span", "", label), control);
  return box;
}

// one stepper for both axes, or one for each
/** @param {Parameters<typeof showStrip>[1]} lab @param {Rule} rule @param {PairControl} control */
function steppers(lab, rule, control) {
  const axes = lab.apart ? [0, 1] : [0];
  return axes.map((axis) => {
    const label = lab.apart ? `${control.label}, ${axis ? "columns" : "rows"}` : control.label;
    const made = (/** @type {number} */ value) => stepped(rule, control.field, lab.apart ? axis : null, value);
    const possible = valuesOf(control).filter((value) => isPossible(lab.desk.now, made(value)));
    const box = element("input");
    const value = rule[control.field][axis];
    Object.assign(box, { type: "number", min: Math.min(value, ...possible), max: Math.max(value, ...possible), value });
    box.onchange = () => {
      const asked = Number(box.value);
      const isWhole = Number.isInteger(asked) && asked >= control.low && asked <= control.high;
      if (!isWhole || !choose(lab.desk, made(asked)))
        lab.desk.said = `${label} ${box.value} does not go with the rest; it may be ${spoken(possible)}.`;
      lab.draw();
    };
    return labelled(label, box, `${control.field}${axis}`);
  });
}

/** @param {PairControl} control */
const valuesOf = ({ low, high }) => Array.from({ length: high - low + 1 }, (_, n) => low + n);

/** @param {Rule} rule @param {PairName} field @param {number | null} axis null: both @param {number} value */
function stepped(rule, field, axis, value) {
  const pair = /** @type {[number, number]} */ (axis === null ? [value, value] : rule[field].with(axis, value));
  return field === "padding" ? { padding: pair, same: false } : { [field]: pair };
}

/** @param {number[]} numbers */
function spoken(numbers) {
  const [first, last] = [numbers[0], numbers[numbers.length - 1]];
  if (numbers.length === 0) return "nothing but what it is";
  if (numbers.length === 1) return String(first);
  return last - first === numbers.length - 1 ? `${first} to ${last}` : numbers.join(", ");
}

/** @param {Parameters<typeof showStrip>[1]} lab @param {Rule} rule @param {Control & { kind: "menu" }} control */
function menu(lab, rule, control) {
  const box = element("select");
  control.options.forEach(([label, part]) => {
    box.append(Object.assign(element("option", "", label), { selected: has(rule, part), value: label }));
  });
  box.onchange = () => {
    const [label, part] = control.options[box.selectedIndex];
    if (!choose(lab.desk, part)) lab.desk.said = `“${label}” does not go with the rest.`;
    lab.draw();
  };
  return labelled(control.label, box, control.field);
}

/** @param {Parameters<typeof showStrip>[1]} lab @param {Control & { kind: "grids" }} control */
function gridMenu(lab, control) {
  const box = element("select");
  const here = Object.keys(control.options).find((name) => holds(lab.desk, control.plane, control.options[name]));
  for (const name of [...(here ? [] : ["Your own"]), ...Object.keys(control.options)])
    box.append(Object.assign(element("option", "", name), { value: name, selected: name === here }));
  box.onchange = () => {
    put(lab.desk, control.plane, control.options[box.value]);
    lab.draw();
  };
  return labelled(control.label, box, control.field);
}

/** @param {Parameters<typeof showStrip>[1]} lab @param {Rule} rule @param {Control & { kind: "switch" }} control */
function toggle(lab, rule, control) {
  const box = element("input");
  Object.assign(box, { type: "checkbox", checked: rule[control.field] });
  box.onchange = () => {
    if (!choose(lab.desk, { [control.field]: box.checked }))
      lab.desk.said = `“${control.label}” does not go with the rest.`;
    lab.draw();
  };
  return labelled(control.label, box, control.field);
}

/** @param {Parameters<typeof showStrip>[1]} lab */
function apartToggle(lab) {
  const box = element("input");
  Object.assign(box, { type: "checkbox", checked: lab.apart });
  box.onchange = () => {
    lab.apart = box.checked;
    if (!lab.apart) choose(lab.desk, together(lab));
    lab.draw();
  };
  return labelled("Rows and columns apart", box, "apart");
}

// the rows' numbers for both axes
/** @param {Parameters<typeof showStrip>[1]} lab @returns {Partial<Rule>} */
function together({ desk, controls }) {
  const { rule } = desk.now;
  const pairs = controls.flatMap((one) => (one.kind === "pair" && rule ? [[one.field, rule[one.field][0]]] : []));
  return Object.fromEntries(pairs.map(([field, value]) => [field, [value, value]]));
}
