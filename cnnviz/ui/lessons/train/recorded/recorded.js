// Two recorded runs side by side. The whole curves stand there pale from the first moment; the playhead draws them.

import { begun, cursor, curves, drawChart, written } from "../../../components/lines/chart.js";
import { clamp, element, find } from "../../../core/base.js";
import { percent, short } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";
import { draw } from "../../../core/svg.js";
import { listen, pause, play, showPosition } from "../../../core/transport.js";
import { paintKernels } from "../kernels/grid.js";

/** @import { Context } from "../../../core/base.js" */
/** @import { Chart, Layout, Series } from "../../../components/lines/chart.js" */
/** @import { Walk } from "../../../core/transport.js" */

/**
 * @typedef {object} Run
 * @property {string} name
 * @property {string} colour
 * @property {[count: number, channels: number, rows: number, cols: number]} shape of its kernels
 * @property {string[]} templates the classes, where its kernels are one for each
 * @property {Int32Array} steps of its reports
 * @property {Float32Array} loss
 * @property {Float32Array} accuracy
 * @property {Int32Array} measured the steps at which the test images were
 * @property {Float32Array} test_loss
 * @property {Float32Array} test_accuracy
 * @property {Int32Array} at the steps of its kernels
 * @property {Float32Array} scales
 * @property {Uint8Array} kernels
 */

/** @typedef {{ svg: SVGSVGElement, chart: Chart, at: Layout | null, over: SVGGElement }} Plot */
/** @typedef {{ run: Run, grid: HTMLElement, figures: HTMLElement[], shown: number }} Panel */
/** @typedef {Walk & { plots: Plot[], panels: Panel[], last: number, observer: ResizeObserver }} View */

const POSITIONS = 120;
const A_SECOND = 20; // positions, at the speed of 1
const HEIGHT = 250;
const FIGURES = ["Loss", "on test images", "Accuracy", "on test images"];

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement }) {
  const known = views.get(parentElement);
  const view = known ?? open(find(parentElement, ".recorded"), read(unpacked(bytes)));
  views.set(parentElement, view);
  if (!known) begin(view);
  view.observer.observe(view.root);
  return () => {
    pause(view);
    view.observer.disconnect();
    views.delete(parentElement);
  };
}

// it plays by itself; where motion is not wanted it stands at its end, where all is seen
/** @param {View} view */
function begin(view) {
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) view.at = view.lastPosition();
  else play(view);
}

/** @param {any} data @returns {{ title: string, runs: Run[] }} with the arrays of each run in its place */
function read(data) {
  const runs = data.runs.map((/** @type {object} */ run, /** @type {number} */ place) => {
    const own = Object.entries(data).filter(([name]) => name.startsWith(`${place}.`));
    return { ...run, ...Object.fromEntries(own.map(([name, values]) => [name.slice(2), values])) };
  });
  return { title: data.title, runs };
}

/** @param {HTMLElement} root @param {{ title: string, runs: Run[] }} data @returns {View} */
function open(root, { title, runs }) {
  const last = Math.max(...runs.flatMap((run) => Array.from(run.steps)));
  const plots = [plot(root, ".loss", runs, "loss", last), plot(root, ".accuracy", runs, "accuracy", last)];
  const around = find(root, ".runs");
  const panels = runs.map((run) => panel(around, run));
  /** @type {View} */
  const view = {
    ...{ root, plots, panels, last, at: 0, timer: null, pace: A_SECOND },
    lastPosition: () => POSITIONS - 1,
    go: (position) => go(view, position),
    observer: new ResizeObserver(() => redraw(view)),
  };
  root.setAttribute("aria-label", `${title}: ${runs.map((run) => run.name).join(" and ")}; space plays and pauses`);
  listen(view);
  return view;
}

/** @param {HTMLElement} root @param {string} where @param {Run[]} runs @param {"loss" | "accuracy"} figure @returns {Plot} */
function plot(root, where, runs, figure, last = 0) {
  const series = runs.flatMap((run) => [
    line(run, run.steps, run[figure], false),
    line(run, run.measured, run[`test_${figure}`], true),
  ]);
  /** @type {Chart} */
  const chart = {
    ...{ series, x_label: "step", y_label: figure, x_range: [0, last], height: HEIGHT, x_log: false },
    y_range: figure === "accuracy" ? [0, 1] : null,
    percent: figure === "accuracy",
    log: figure === "loss",
  };
  /** @type {SVGSVGElement} */
  const svg = find(find(root, where), ".chart");
  return { svg, chart, at: null, over: draw("g", {}) };
}

/** @param {Run} run @param {Int32Array} steps @param {Float32Array} values @param {boolean} points @returns {Series} */
function line({ name, colour }, steps, values, points) {
  const x = Float32Array.from(steps);
  return { name, colour, points, joined: true, follows: true, faint: true, count: x.length, x, y: values };
}

/** @param {HTMLElement} around @param {Run} run @returns {Panel} */
function panel(around, run) {
  const [root, list, grid] = [element("section", "of"), element("dl"), element("div", "grid")];
  root.style.setProperty("--colour", run.colour);
  const figures = FIGURES.map((name) => {
    const [one, value] = [element("div"), element("dd")];
    one.append(element("dt", "", name), value);
    list.append(one);
    return value;
  });
  const what = run.templates.length ? `Templates of ${run.templates.join(", ")}` : "Kernels of the first layer";
  root.append(element("h4", "", run.name), list, element("p", "what", what), grid);
  grid.setAttribute("role", "img");
  around.append(root);
  return { run, grid, figures, shown: -1 };
}

// all anew, for another width
/** @param {View} view */
function redraw(view) {
  for (const one of view.plots) {
    const width = one.svg.parentElement?.clientWidth ?? 0;
    if (width < 80) return;
    Object.assign(one, drawChart(one.svg, one.chart, width));
  }
  view.root.classList.toggle("narrow", view.root.clientWidth < 520);
  go(view, view.at);
}

/** @param {ArrayLike<number>} values rising @param {number} most @returns how many are at most that */
function upTo(values, most) {
  let count = 0;
  while (count < values.length && values[count] <= most) count++;
  return count;
}

/** @param {View} view @param {number} position */
function go(view, position) {
  view.at = clamp(position, 0, POSITIONS - 1);
  const step = Math.round((view.last * view.at) / (POSITIONS - 1));
  for (const one of view.plots) showPlot(one, step);
  for (const one of view.panels) showPanel(view.root, one, step);
  showPosition(view, "Position", `step ${step.toLocaleString("en")}`);
}

// the curves as far as the step, over the pale whole ones
/** @param {Plot} plot @param {number} step */
function showPlot({ chart, at, over, svg }, step) {
  if (!at) return;
  const series = chart.series.map((one) => begun(one, upTo(one.x, step)));
  const rule = cursor({ ...chart, series: [] }, at, step).group;
  over.replaceChildren(curves({ ...chart, series }, at), rule);
  const said = series.map((one) => `${one.name}${one.points ? " on test images" : ""} ${newest(chart, one)}`);
  svg.setAttribute("aria-label", `${chart.y_label} at step ${step}: ${said.join("; ")}`);
}

/** @param {Chart} chart @param {Series} one */
const newest = (chart, { count, y }) => (count ? written(chart, y[count - 1]) : "not yet");

/** @param {HTMLElement} root @param {Panel} panel @param {number} step */
function showPanel(root, panel, step) {
  const { run, figures, grid } = panel;
  const reported = upTo(run.steps, step) - 1;
  const measured = upTo(run.measured, step) - 1;
  const loss = (/** @type {Float32Array} */ values, /** @type {number} */ at) => (at < 0 ? "–" : short(values[at]));
  const share = (/** @type {Float32Array} */ values, /** @type {number} */ at) => (at < 0 ? "–" : percent(values[at]));
  figures[0].textContent = loss(run.loss, reported);
  figures[1].textContent = loss(run.test_loss, measured);
  figures[2].textContent = share(run.accuracy, reported);
  figures[3].textContent = share(run.test_accuracy, measured);
  const seen = Math.max(0, upTo(run.at, step) - 1);
  if (seen === panel.shown) return;
  panel.shown = seen;
  const [count, channels, rows, cols] = run.shape;
  const numbers = count * channels * rows * cols;
  const levels = run.kernels.subarray(seen * numbers, (seen + 1) * numbers);
  paintKernels(
    root,
    grid,
    run.shape,
    Float32Array.from(levels, (level) => ((level - 128) / 127) * run.scales[seen]),
  );
  grid.setAttribute("aria-label", `${count} of ${rows} by ${cols}, ${run.name}, at step ${run.at[seen]}`);
}
