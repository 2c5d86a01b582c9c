// The chart as SVG: axes, curves, the names at their ends, and the cursor over them.
import { short } from "../../core/numbers.js";
import { draw } from "../../core/svg.js";
import { extent, logDomain, logScale, logTicks, roundDomain, scale, ticks } from "./axis.js";

/** @import { Domain, Scale } from "./axis.js" */

/**
 * @typedef {object} Series a curve as a line, as dots, or as both
 * @property {string} name
 * @property {string} colour
 * @property {boolean} points
 * @property {boolean} joined
 * @property {boolean} follows whether it shares the key of the series before it
 * @property {boolean} faint whether it is there to be compared with
 * @property {number} count
 * @property {Float32Array} x
 * @property {Float32Array} y
 */

/**
 * @typedef {object} Chart
 * @property {Series[]} series
 * @property {string} x_label
 * @property {string} y_label
 * @property {Domain | null} x_range
 * @property {Domain | null} y_range
 * @property {number} height
 * @property {boolean} percent
 * @property {boolean} log
 * @property {boolean} x_log
 */

/**
 * @typedef {object} Layout in pixels
 * @property {number} left
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 * @property {boolean} labelled whether names stand at the ends of the curves
 * @property {Domain} xDomain
 * @property {number[]} xTicks
 * @property {number[]} yTicks
 * @property {Scale} x
 * @property {Scale} y
 */

/** @param {Chart} chart @param {number} value */
export const written = (chart, value) => (chart.percent ? `${short(value * 100)} %` : short(value));

// the sizes of a chart `width` pixels wide; names stand at the ends of the curves where there is room for them
/** @param {Chart} chart @param {number} width @returns {Layout} */
export function layOut(chart, width) {
  const longest = Math.max(0, ...chart.series.filter((one) => !one.follows).map((one) => one.name.length));
  const labelled = width >= 400 + 15 * longest;
  const right = labelled && chart.series.length ? 20 + longest * 6.9 : 10;
  const box = { left: 46, top: 8, right: width - right, bottom: chart.height - (chart.x_label ? 40 : 24) };
  const own = chart.series.filter((one) => !one.faint && one.count);
  const scaled = own.length ? own : chart.series; // what is there to be compared with is cut off where it leads far away
  const xDomain = chart.x_range ?? extent(scaled.flatMap((one) => Array.from(one.x).filter(Number.isFinite)));
  const values = scaled.flatMap((one) => Array.from(one.y));
  const most = (box.bottom - box.top) / 44;
  const yDomain = chart.y_range ?? (chart.log ? logDomain(values) : roundDomain(values, most));
  return {
    ...box,
    labelled,
    xDomain,
    xTicks: (chart.x_log ? logTicks : ticks)(xDomain, (box.right - box.left) / 72),
    x: (chart.x_log ? logScale : scale)(xDomain, [box.left, box.right]),
    yTicks: chart.log ? logTicks(yDomain, most * 1.6) : ticks(yDomain, most),
    y: (chart.log ? logScale : scale)(yDomain, [box.bottom, box.top]),
  };
}

/** @param {Chart} chart @param {Layout} at */
function axes(chart, at) {
  const group = draw("g", {});
  for (const value of at.yTicks) {
    const y = at.y(value);
    group.append(
      draw("line", { class: value === 0 ? "rule zero" : "rule", x1: at.left, x2: at.right, y1: y, y2: y }),
      draw("text", { x: at.left - 8, y: y + 4, "text-anchor": "end" }, written(chart, value)),
    );
  }
  for (const value of at.xTicks) {
    const x = at.x(value);
    group.append(
      draw("line", {
        class: value === 0 ? "rule zero" : "rule",
        x1: x,
        x2: x,
        y1: at.bottom,
        y2: value === 0 ? at.top : at.bottom + 4,
      }),
      draw("text", { x, y: at.bottom + 18, "text-anchor": "middle" }, short(value)),
    );
  }
  group.append(draw("line", { class: "rule zero", x1: at.left, x2: at.right, y1: at.bottom, y2: at.bottom }));
  group.append(
    draw("text", { x: (at.left + at.right) / 2, y: at.bottom + 36, "text-anchor": "middle" }, chart.x_label),
  );
  return group;
}

// M and L commands; a value that is not finite lifts the pen
/** @param {Series} one @param {Layout} at */
function path(one, at) {
  let commands = "";
  let pen = "M";
  for (let i = 0; i < one.x.length; i++) {
    const y = at.y(one.y[i]);
    if (!Number.isFinite(y)) {
      pen = "M";
      continue;
    }
    commands += `${pen}${at.x(one.x[i]).toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  }
  return commands;
}

/** @param {Layout} at @param {number} x @param {number} y */
const isInside = (at, x, y) => x >= at.left - 1 && x <= at.right + 1 && y >= at.top - 1 && y <= at.bottom + 1;

// the frame outside of which curves are cut off, a little wider than the lines
/** @param {Layout} at */
function frame(at) {
  const clip = draw("clipPath", { id: "frame" });
  clip.append(
    draw("rect", { x: at.left - 2, y: at.top - 2, width: at.right - at.left + 4, height: at.bottom - at.top + 4 }),
  );
  return clip;
}

/** @param {Chart} chart @param {Layout} at */
export function curves(chart, at) {
  const group = draw("g", {});
  for (const one of chart.series) {
    const look = { class: one.faint ? "curve faint" : "curve", stroke: one.colour, "clip-path": "url(#frame)" };
    if (one.joined) group.append(draw("path", { ...look, d: path(one, at) }));
    if (!one.points) continue;
    for (let i = 0; i < one.x.length; i++) {
      const cx = at.x(one.x[i]);
      const cy = at.y(one.y[i]);
      if (isInside(at, cx, cy))
        group.append(draw("circle", { class: one.faint ? "dot faint" : "dot", cx, cy, r: 3.2, fill: one.colour }));
    }
  }
  return group;
}

// the names beside the last values, pushed apart where they would touch
/** @param {Chart} chart @param {Layout} at */
function names(chart, at) {
  const group = draw("g", {});
  const ends = chart.series
    .filter((one) => one.x.length && !one.follows)
    .map((one) => ({ one, y: at.y(one.y[one.y.length - 1]) }))
    .filter(({ y }) => Number.isFinite(y));
  ends.sort((a, b) => a.y - b.y);
  ends.forEach((end, i) => {
    if (i) end.y = Math.max(end.y, ends[i - 1].y + 15);
  });
  for (let i = ends.length - 1, floor = at.bottom; i >= 0; i--, floor -= 15) ends[i].y = Math.min(ends[i].y, floor);
  for (const { one, y } of ends) {
    const x = Math.min(at.x(one.x[one.x.length - 1]), at.right) + 9;
    const below = one.joined ? 4 : 18; // lone dots lie on a curve: their name goes under it
    const look = one.faint ? "name faint" : "name";
    group.append(draw("text", { class: look, x, y: y + below, style: `fill: ${one.colour}` }, one.name));
  }
  return group;
}

// the whole chart, `width` pixels wide, with a group over the curves for what moves
/** @param {SVGSVGElement} svg @param {Chart} chart @param {number} width */
export function drawChart(svg, chart, width) {
  const at = layOut(chart, width);
  const over = draw("g", {});
  svg.setAttribute("viewBox", `0 0 ${width} ${chart.height}`);
  svg.style.height = `${chart.height}px`;
  svg.replaceChildren(frame(at), axes(chart, at), curves(chart, at), ...(at.labelled ? [names(chart, at)] : []), over);
  return { at, over };
}

// a curve as far as its first `count` values
/** @param {Series} one @param {number} count @returns {Series} */
export const begun = (one, count) => ({
  ...one,
  faint: false,
  count,
  x: one.x.subarray(0, count),
  y: one.y.subarray(0, count),
});

// the rule and the dots at x = `value`; gives what was read, the nearest value of each series
/** @param {Chart} chart @param {Layout} at @param {number} value */
export function cursor(chart, at, value) {
  const group = draw("g", {});
  group.append(draw("line", { class: "cursor", x1: at.x(value), x2: at.x(value), y1: at.top, y2: at.bottom }));
  const reading = chart.series.map((one) => {
    const i = nearest(one.x, value);
    const cx = at.x(one.x[i]);
    const cy = at.y(one.y[i]);
    if (!Number.isFinite(cy) || (!one.joined && Math.abs(cx - at.x(value)) > 12)) return null;
    if (isInside(at, cx, cy)) group.append(draw("circle", { class: "mark", cx, cy, r: 5, fill: one.colour }));
    return one.y[i];
  });
  return { group, reading };
}

/** @param {ArrayLike<number>} values @param {number} wanted */
export function nearest(values, wanted) {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (best < 0 || Math.abs(values[i] - wanted) < Math.abs(values[best] - wanted)) best = i;
  }
  return best;
}
