// The link that opens what a lab shows in the app: the settings that Python wrote, with what has changed since.
import { has } from "./desk.js";

/** @import { Data, Plane } from "../stage/draw.js" */
/** @import { Control } from "./strip.js" */

/**
 * @typedef {object} Link what opens a stage in the app
 * @property {Record<string, string>} query its settings as Python wrote them
 * @property {Record<string, string[]>} grids by setting: the planes that it is made of, or a grid as it is written
 */

/** @param {Plane} plane */
function written(plane) {
  const [top, left, rows, cols] = plane.core;
  const cells = Array.from({ length: rows * cols }, (_, at) => {
    const value = plane.values[(top + Math.floor(at / cols)) * plane.cols + left + (at % cols)];
    return String(value);
  });
  return [`${rows}x${cols}`, ...cells].join("_");
}

/** @param {string} page @param {Data & { link?: Link }} data @param {Control[]} controls @param {boolean} apart */
export function addressOf(page, data, controls, apart) {
  const { rule, planes } = data;
  const { query, grids } = data.link ?? { query: {}, grids: {} };
  const parts = new URLSearchParams(query);
  for (const [field, ids] of Object.entries(grids))
    parts.set(field, ids.map((id) => (planes[id] ? written(planes[id]) : id)).join("__"));
  for (const control of rule ? controls.filter(({ goes_with }) => has(rule, goes_with)) : []) {
    if (control.kind === "pair") {
      parts.set(`${control.field}_h`, String(rule?.[control.field][0]));
      if (apart) parts.set(`${control.field}_w`, String(rule?.[control.field][1]));
    } else if (control.kind === "switch") parts.set(control.field, rule?.[control.field] ? "1" : "0");
  }
  if (apart) parts.set("per_axis", "1");
  if (rule && parts.has("op")) parts.set("op", operationOf(rule));
  if (rule && parts.has("mode")) parts.set("mode", rule.mode);
  return `${page}?${parts}`;
}

/** @param {{ kind: string, flip: boolean }} rule */
const operationOf = ({ kind, flip }) =>
  kind === "transposed" ? "transposed" : flip ? "convolution" : "cross-correlation";
