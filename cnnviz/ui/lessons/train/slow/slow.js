// The five lines of the loop, lit in turn: each with the number that it came to, and the batch as it is read.

import { figure, write } from "../../../components/guesses/figures.js";
import { begun, cursor, curves, drawChart } from "../../../components/lines/chart.js";
import { clamp, element, find, paint, pixels } from "../../../core/base.js";
import { bracketed, percent, whole } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";
import { draw } from "../../../core/svg.js";
import { listen, pause, play, showPosition } from "../../../core/transport.js";

/** @import { Context } from "../../../core/base.js" */
/** @import { Walk } from "../../../core/transport.js" */
/** @import { Figure } from "../../../components/guesses/figures.js" */
/** @import { Chart, Layout } from "../../../components/lines/chart.js" */

/**
 * @typedef {object} Data of so many steps of a batch, as training/slow.py has them
 * @property {string[]} lines
 * @property {string[]} meant
 * @property {string[]} classes
 * @property {[count: number, rows: number, cols: number, channels: number]} shape
 * @property {boolean} plain whether a step is rate times gradient
 * @property {string} colour of its loss
 * @property {string} weight
 * @property {number} parameters
 * @property {Uint8Array} images
 * @property {Int32Array} labels
 * @property {Int32Array} guesses
 * @property {Float32Array} losses
 * @property {Float32Array} gradients
 * @property {Float32Array} rates
 * @property {Float32Array} sure
 * @property {Float32Array} shares
 * @property {Float32Array} slopes
 * @property {Float32Array} before
 * @property {Float32Array} after
 */

/** @typedef {Walk & { data: Data, figures: Figure[], chart: Chart, laidOut: Layout | null, over: SVGGElement, observer: ResizeObserver }} View */

const LINES = 5;
const A_SECOND = 2.5; // lines, at the speed of 1
const HEIGHT = 230;

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement }) {
  const known = views.get(parentElement);
  const view = known ?? open(find(parentElement, ".slow"), unpacked(bytes));
  views.set(parentElement, view);
  view.observer.observe(view.root);
  if (!known && !window.matchMedia("(prefers-reduced-motion: reduce)").matches) play(view);
  return () => {
    pause(view);
    view.observer.disconnect();
    views.delete(parentElement);
  };
}

/** @param {HTMLElement} root @param {Data} data @returns {View} */
function open(root, data) {
  find(root, ".loop").replaceChildren(
    ...data.lines.map((line) => {
      const item = element("li");
      item.append(element("code", "", line), element("b"));
      return item;
    }),
  );
  const [count, rows, cols, channels] = data.shape;
  const size = rows * cols * channels;
  const figures = Array.from({ length: count }, figure);
  find(root, ".strip").replaceChildren(...figures.map((one) => one.figure));
  figures.forEach(({ canvas }, at) =>
    paint(canvas, [rows, cols], pixels(data.images.subarray(at * size, (at + 1) * size), channels)),
  );
  /** @type {View} */
  const view = {
    ...{ root, data, figures, chart: chartOf(data), laidOut: null, over: draw("g", {}), at: 0, timer: null },
    pace: A_SECOND,
    lastPosition: () => LINES * data.losses.length - 1,
    go: (position) => go(view, position),
    observer: new ResizeObserver(() => redraw(view)),
  };
  listen(view);
  return view;
}

/** @param {Data} data @returns {Chart} */
function chartOf({ losses, colour }) {
  const x = Float32Array.from(losses, (_, at) => at + 1);
  return {
    series: [
      { name: "loss", colour, points: false, joined: true, follows: true, faint: true, count: x.length, x, y: losses },
    ],
    ...{ x_label: "step", y_label: "loss", x_range: [1, Math.max(2, x.length)], y_range: null },
    ...{ height: HEIGHT, percent: false, log: true, x_log: false },
  };
}

// the chart anew, for another width
/** @param {View} view */
function redraw(view) {
  /** @type {SVGSVGElement} */
  const svg = find(view.root, ".chart");
  const width = svg.parentElement?.clientWidth ?? 0;
  if (width < 80) return;
  const { at, over } = drawChart(svg, view.chart, width);
  Object.assign(view, { laidOut: at, over });
  view.root.classList.toggle("narrow", view.root.clientWidth < 520);
  go(view, view.at);
}

/** @param {View} view @param {number} position */
function go(view, position) {
  view.at = clamp(position, 0, view.lastPosition());
  const [step, line] = [Math.floor(view.at / LINES), view.at % LINES];
  const { data, root } = view;
  const numbers = numbersOf(data, step);
  root.querySelectorAll(".loop li").forEach((item, at) => {
    item.classList.toggle("now", at === line);
    item.classList.toggle("later", at > line);
    find(item, "b").textContent = numbers[at];
  });
  find(root, ".meant").textContent = `${data.meant[line]} ${sentenceOf(data, step, line)}`;
  showPosition(view, "Line", `step ${step + 1} of ${data.losses.length}`);
  showChart(view, step, line);
  showBatch(view, line ? step : step - 1);
}

// what each line came to, beside it
/** @param {Data} data @param {number} step */
function numbersOf(data, step) {
  const moved = data.after[step] - data.before[step];
  return [
    "gradients 0",
    `${data.shape[0]} × ${data.classes.length} scores`,
    `loss ${five(data.losses[step])}`,
    `gradient ${five(data.gradients[step])}`,
    `weight ${moved < 0 ? "" : "+"}${five(moved)}`,
  ];
}

/** @param {Data} data @param {number} step @param {number} line */
function sentenceOf(data, step, line) {
  const count = data.shape[0];
  const at = (/** @type {Float32Array | Int32Array} */ values) =>
    Array.from(values.slice(step * count, (step + 1) * count));
  if (line === 1) return `${rightOf(data, step)} of ${count} are right.`;
  if (line === 2) {
    const shares = at(data.shares);
    const worst = shares.indexOf(Math.min(...shares));
    return `Most wrong is picture ${worst + 1}: its label, ${data.classes[data.labels[worst]]}, has ${percent(shares[worst])}.`;
  }
  if (line === 3)
    return `The gradients of all ${data.parameters.toLocaleString("en")} weights together are ${five(data.gradients[step])} long; that of ${data.weight} is ${five(data.slopes[step])}.`;
  if (line !== 4) return "";
  const [before, after] = [five(data.before[step]), five(data.after[step])];
  const rate = five(data.rates[step]);
  if (!data.plain) return `${data.weight} goes from ${before} to ${after}, at a rate of ${rate}.`;
  return `${data.weight}: ${before} − ${rate} × ${bracketed(rounded(data.slopes[step]))} = ${after}.`;
}

/** @param {number} value to five digits */
const rounded = (value) => Number(value.toPrecision(5));

/** @param {number} value as five digits of it */
const five = (value) => whole(rounded(value));

/** @param {Data} data @param {number} step */
function rightOf({ labels, guesses }, step) {
  return labels.filter((label, at) => guesses[step * labels.length + at] === label).length;
}

// the loss as far as it is known: that of a step once its third line has been there
/** @param {View} view @param {number} step @param {number} line */
function showChart({ chart, laidOut: at, over, root, data }, step, line) {
  if (!at) return;
  const count = line >= 2 ? step + 1 : step;
  const [one] = chart.series;
  const known = begun(one, count);
  const drawn = count ? cursor({ ...chart, series: [known] }, at, count).group : draw("g", {});
  over.replaceChildren(curves({ ...chart, series: [known] }, at), drawn);
  const said = count ? `${five(data.losses[count - 1])} after ${count} steps` : "not known yet";
  find(root, ".chart").setAttribute("aria-label", `Loss of the batch over the steps: ${said}`);
}

// the batch as it was read last; before the first forward pass nothing is
/** @param {View} view @param {number} step */
function showBatch({ data, figures, root }, step) {
  const count = data.shape[0];
  figures.forEach((one, at) => {
    const [label, place] = [data.labels[at], step * count + at];
    const guess = data.guesses[place];
    const ranked = step < 0 ? [] : [{ name: data.classes[guess], share: data.sure[place] }];
    write(one, { ranked, truth: data.classes[label], right: step < 0 || guess === label });
  });
  find(root, ".count").textContent = step < 0 ? "" : `${rightOf(data, step)} of ${count} right`;
}
