// What a stage will show once Python has answered: the edits that wait and the steppers that were moved, applied to
// what Python said last. Python's answer takes its place; where the two agree, nothing is seen of that. What cannot be
// read as a plain number, what Python would have to mend and what an exercise hides wait for Python.
import { termsOf } from "./highlight.js";
import { ACTIVATIONS, resultOf } from "./reduce.js";
import { asTyped, cellOf, isGiven, typed } from "./typed.js";
import {
  adaptiveAxis,
  behind,
  convolutionAxis,
  poolingAxis,
  samePadding,
  transposedAxis,
  unreached,
} from "./windows.js";

/** @import { Data, Output, Plane, Planes } from "./draw.js" */
/** @import { Edit } from "./edit.js" */
/** @import { Axis, Mode } from "./windows.js" */

/** @typedef {[rows: number, cols: number]} Pair */

/**
 * @typedef {object} Rule how the windows of a stage come about; by the names of the settings
 * @property {"convolution" | "transposed" | "pooling" | "adaptive"} kind
 * @property {Pair} stride
 * @property {Pair} padding
 * @property {Pair} dilation
 * @property {Pair} output_padding
 * @property {Pair} kernel of a pooling
 * @property {Pair} outputs of an adaptive pooling
 * @property {Mode} mode
 * @property {boolean} flip
 * @property {boolean} same
 * @property {boolean} ceil_mode
 * @property {boolean} count_include_pad
 * @property {[reduce: Output["reduce"], title: string][]} results of each window, side by side; none: as they are
 */

const LONGEST = 48; // cells a side of the largest output that a page offers

/**
 * @param {Data} data what Python said last
 * @param {Edit[]} edits those that it has not acknowledged, in their order
 * @param {Partial<Rule>} chosen what steppers say that Python has not answered yet
 * @returns {Data} the same, where nothing was done
 */
export function foreseen(data, edits, chosen) {
  if (!edits.length && !Object.keys(chosen).length) return data;
  return worked(data, edits, chosen) ?? { ...data, planes: asTyped(data.planes, edits) };
}

// with every consequence; null where they wait for Python
/** @param {Data} data @param {Edit[]} edits @param {Partial<Rule>} chosen @returns {Data | null} */
function worked(data, edits, chosen) {
  if (!data.rule) return null;
  const rule = { ...data.rule, ...chosen };
  const told = withResults(data, rule);
  const planes = typed(told.planes, edits);
  const grids = Object.values(planes).filter(isGiven);
  const isNew = Object.keys(chosen).length > 0 || grids.some((plane) => !sameSize(plane, data.planes[plane.id]));
  if (isNew && isHiding(data)) return null;
  const axes = isNew ? axesOf(planes, told, rule) : axesAsTheyAre(data);
  const [down, across] = axes?.map((axis) => behind(axis, rule.mode)) ?? [];
  if (!axes || !down || !across) return null;
  const [rows, cols] = axes;
  for (const plane of grids.filter(({ role }) => role === "input")) {
    const values = down.flatMap((r) => across.map((c) => cellOf(plane, r, c)));
    const core = /** @type {Plane["core"]} */ ([rows.before, cols.before, plane.rows, plane.cols]);
    const bare = isNew ? { rows: unreached(rows), cols: unreached(cols) } : plane.unreached;
    planes[plane.id] = { ...plane, rows: rows.padded, cols: cols.padded, values, core, unreached: bare };
  }
  const next = { ...told, rule, planes, taps: { rows: rows.taps, cols: cols.taps } };
  next.outputs = told.outputs.map((output) => resulting(next, output, isNew));
  for (const [id, plane] of Object.entries(planes)) planes[id] = marked(plane, data.planes[id]);
  return next;
}

// whether the windows can be by such a rule, as far as the browser can tell
/** @param {Data} data @param {Partial<Rule>} chosen */
export function isPossible(data, chosen) {
  if (!data.rule || isHiding(data)) return false;
  const rule = { ...data.rule, ...chosen };
  const axes = axesOf(typed(data.planes, []), withResults(data, rule), rule);
  return axes?.every((axis) => behind(axis, rule.mode)) ?? false;
}

// with an output, still empty, for each result that the rule asks for, in the place of those that there were
/** @param {Data} data @param {Rule} rule @returns {Data} */
function withResults(data, rule) {
  const { outputs, planes, columns } = data;
  const shown = outputs.map(({ plane, reduce }) => [reduce, planes[plane].title]);
  if (!rule.results.length || String(rule.results) === String(shown)) return data;
  const isOutput = (/** @type {string} */ id) => outputs.some(({ plane }) => plane === id);
  const [one] = outputs;
  const made = rule.results.map(([reduce], n) => ({
    ...one,
    plane: `y${n}`,
    reduce,
    winners: reduce === "max" ? [] : null,
  }));
  const ids = made.map(({ plane }) => plane);
  const others = Object.entries(planes).filter(([id]) => !isOutput(id));
  const grids = rule.results.map(([, title], n) => [ids[n], { ...planes[one.plane], id: ids[n], title }]);
  const operator = columns.find((column) => column.planes.some(isOutput))?.operator ?? "";
  return {
    ...data,
    outputs: made,
    planes: Object.fromEntries([...others, ...grids]),
    columns: [
      ...columns.filter((column) => !column.planes.some(isOutput)),
      ...ids.map((id, n) => ({ planes: [id], operator: n ? "" : operator, rows: null })),
    ],
    frames: [ids],
  };
}

/** @param {Plane} plane without its padding @param {Plane} before with it */
const sameSize = ({ rows, cols }, { core }) => rows === core[2] && cols === core[3];

// an exercise asks for a number or a size
/** @param {Data} data */
const isHiding = ({ outputs, planes }) =>
  outputs.some(({ plane }) => planes[plane].note || planes[plane].values.includes(null));

// --- the windows

// along rows and columns; null where Python would have to mend something first
/** @param {Planes} planes without padding @param {Data} data @param {Rule} rule @returns {[Axis, Axis] | null} */
function axesOf(planes, data, rule) {
  const [{ sources, reduce }] = data.outputs;
  const x = planes[sources[0].x];
  const w = sources[0].w ? planes[sources[0].w] : null;
  const rows = axisOf(rule, 0, x.rows, w?.rows ?? rule.kernel[0], reduce === "l2");
  const cols = axisOf(rule, 1, x.cols, w?.cols ?? rule.kernel[1], reduce === "l2");
  return rows && cols && Math.max(rows.taps.length, cols.taps.length) <= LONGEST ? [rows, cols] : null;
}

/** @param {Rule} rule @param {0 | 1} n @param {number} size @param {number} kernel @param {boolean} isL2 */
function axisOf(rule, n, size, kernel, isL2) {
  const [stride, padding, dilation] = [rule.stride[n], rule.padding[n], rule.dilation[n]];
  switch (rule.kind) {
    case "transposed":
      if (rule.same) return null;
      return transposedAxis(size, kernel, stride, padding, dilation, rule.output_padding[n]);
    case "adaptive":
      if (isL2) return null;
      return adaptiveAxis(size, rule.outputs[n]);
    case "convolution": {
      if (rule.same && stride > 1) return null;
      const both = rule.same ? samePadding(kernel, dilation) : /** @type {[number, number]} */ ([padding, padding]);
      return convolutionAxis(size, kernel, stride, both, dilation, rule.flip);
    }
    case "pooling": {
      if (padding > Math.floor(kernel / 2)) return null;
      if (!isL2) return poolingAxis(size, kernel, stride, padding, rule.ceil_mode);
      const axis = poolingAxis(size + 2 * padding, kernel, stride, 0, rule.ceil_mode); // zeros are laid around it first
      return axis && { ...axis, size, before: padding };
    }
  }
}

/** @param {Data} data @returns {[Axis, Axis]} */
function axesAsTheyAre({ planes, outputs, taps }) {
  const { rows, cols, core } = planes[outputs[0].sources[0].x];
  return [
    { size: core[2], before: core[0], padded: rows, taps: taps.rows },
    { size: core[3], before: core[1], padded: cols, taps: taps.cols },
  ];
}

// --- the results

// an output with its divisors and winners; its plane, and the activated one, go into the planes of `data`
/** @param {Data & { rule: Rule }} data @param {Output} output @param {boolean} isNew @returns {Output} */
function resulting(data, output, isNew) {
  const { planes, taps, rule } = data;
  const size = { rows: taps.rows.length, cols: taps.cols.length };
  const was = planes[output.plane];
  const hides = (/** @type {number} */ at) => !isNew && was.values[at] === null;
  const results = Array.from({ length: size.rows * size.cols }, (_, at) => {
    const [i, j] = [Math.floor(at / size.cols), at % size.cols];
    const whole = taps.rows[i].length * taps.cols[j].length;
    return resultOf(output, { terms: termsOf({ data }, output, i, j).flat(), whole }, planes, rule.count_include_pad);
  });
  const values = results.map(({ value }, at) => (hides(at) ? null : value));
  const core = /** @type {Plane["core"]} */ ([0, 0, size.rows, size.cols]);
  planes[output.plane] = { ...was, ...size, core, values };
  if (output.activated) {
    const { plane, name } = output.activated;
    const activated = values.map((value) => (value === null ? null : ACTIVATIONS[name](value)));
    planes[plane] = { ...planes[plane], ...size, core, values: activated };
  }
  const winners = results.map(({ winner }, at) => (hides(at) ? null : winner) ?? NOWHERE);
  const divisors = results.map(({ divisor }) => divisor);
  return { ...output, winners: output.winners && winners, divisors: output.divisors && divisors };
}

/** @type {[row: number, col: number]} */
const NOWHERE = [-1, -1];

// with the cells that are not as Python said
/** @param {Plane} plane @param {Plane | undefined} before @returns {Plane} */
function marked(plane, before) {
  const isOther = plane.rows !== before?.rows || plane.cols !== before.cols;
  const cells = plane.values.flatMap((value, at) => (isOther || value !== before.values[at] ? [at] : []));
  return { ...plane, provisional: new Set(cells) };
}
