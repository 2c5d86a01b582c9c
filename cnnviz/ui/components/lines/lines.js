// A line chart. Hover, touch or the arrow keys read it in the browser; new data redraw it in place.
import { clamp, element, find } from "../../core/base.js";
import { expects, expectsNothing, whenCut } from "../../core/connection.js";
import { short } from "../../core/numbers.js";
import { draw } from "../../core/svg.js";
import { cursor, drawChart, nearest, written } from "./chart.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Chart, Layout, Series } from "./chart.js" */

/**
 * @typedef {Omit<Chart, "series"> & { series: Omit<Series, "x" | "y">[], values: string, live: boolean }} Data numbers
 *   in base64; a live chart waits for more
 */

/**
 * @typedef {object} State
 * @property {HTMLElement} figure
 * @property {SVGSVGElement} svg
 * @property {Chart} chart
 * @property {Layout | null} at
 * @property {SVGGElement} over what lies over the curves
 * @property {number | null} value where the chart is read
 * @property {number[]} stops where it can be read
 * @property {ResizeObserver} observer
 * @property {() => void} leave
 */

/** @type {WeakMap<ShadowRoot, State>} */
const charts = new WeakMap();

/** @param {Data} data @returns {Chart} */
function read(data) {
  const numbers = new Float32Array(Uint8Array.from(atob(data.values), (byte) => byte.charCodeAt(0)).buffer);
  let at = 0;
  const take = (/** @type {number} */ count) => {
    at += count;
    return numbers.subarray(at - count, at);
  };
  return { ...data, series: data.series.map((one) => ({ ...one, x: take(one.count), y: take(one.count) })) };
}

/** @param {Chart} chart */
function summary(chart) {
  const last = (/** @type {Series} */ one) =>
    one.count ? `, last ${written(chart, one.y[one.count - 1])}` : ", no value yet";
  return `${chart.y_label} over ${chart.x_label}. ${chart.series.map((one) => one.name + last(one)).join("; ")}`;
}

// one key a series; a series that follows another adds its value to that one's key
/** @param {Chart} chart @param {(number | null)[]} [reading] */
function keys(chart, reading) {
  /** @type {HTMLElement[]} */
  const found = [];
  chart.series.forEach((one, i) => {
    const text = said(chart, reading?.[i] ?? null);
    const before = one.follows ? found.at(-1)?.querySelector("b") : null;
    if (before) {
      before.textContent = [before.textContent, text].filter(Boolean).join(" · ");
      return;
    }
    const key = element("span", "key");
    const swatch = element("i", `${one.points ? "dot" : ""}${one.faint ? " faint" : ""}`);
    const value = element("b", "", text);
    swatch.style.setProperty("--colour", one.colour);
    key.append(swatch, one.name, value);
    found.push(key);
  });
  return found;
}

/** @param {Chart} chart @param {number | null} value */
const said = (chart, value) => (value === null ? "" : written(chart, value));

/** @param {State} state */
function redraw(state) {
  const { chart, figure, svg } = state;
  const width = figure.clientWidth - 8;
  if (width < 80) return;
  const { at, over } = drawChart(svg, chart, width);
  Object.assign(state, { at, over });
  figure.classList.toggle("labelled", at.labelled);
  find(figure, ".y-label").textContent = chart.y_label;
  const label = `Chart: ${chart.y_label} over ${chart.x_label}; the left and right arrow keys read it`;
  figure.setAttribute("aria-label", label);
  svg.setAttribute("aria-label", summary(chart));
  state.stops = [...new Set(chart.series.flatMap((one) => Array.from(one.x)))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  point(state, state.value, false);
}

// read the chart at the stop nearest to `value`; null ends the reading
/** @param {State} state @param {number | null} value @param {boolean} aloud */
function point(state, value, aloud) {
  const { chart, figure, at, stops } = state;
  const stop = value === null || !at ? undefined : stops[nearest(stops, value)];
  const drawn = stop === undefined || !at ? null : cursor(chart, at, stop);
  state.value = stop ?? null;
  figure.classList.toggle("idle", !drawn);
  state.over.replaceChildren(...(drawn ? [drawn.group] : []));
  const head = stop === undefined ? "" : `${chart.x_label} ${short(Number(stop.toPrecision(5)))}`;
  find(figure, ".reading").replaceChildren(element("span", "", head), ...keys(chart, drawn?.reading));
  if (!aloud || !drawn) return;
  const values = chart.series.flatMap(({ name }, i) => {
    const text = said(chart, drawn.reading[i]);
    return text ? [`${name} ${text}`] : [];
  });
  find(figure, ".said").textContent = [head, ...values].join(", ");
}

/** @param {State} state @param {KeyboardEvent} event */
function onKey(state, event) {
  event.stopPropagation(); // r and c are shortcuts of Streamlit's
  const { stops, value } = state;
  const here = value === null ? -1 : nearest(stops, value);
  const far = event.shiftKey ? 10 : 1;
  const last = stops.length - 1;
  /** @type {Record<string, number | null>} */
  const moves = { ArrowRight: here + far, ArrowLeft: here < 0 ? last : here - far, Home: 0, End: last, Escape: null };
  const to = moves[event.key];
  if (to === undefined || !stops.length) return;
  event.preventDefault();
  point(state, to === null ? null : stops[clamp(to, 0, last)], true);
}

/** @param {State} state @param {PointerEvent} event */
function follow(state, event) {
  const { at, chart, svg } = state;
  if (!at) return;
  const { left, width } = svg.getBoundingClientRect();
  const zoom = width / svg.clientWidth; // of large type
  const share = ((event.clientX - left) / zoom - at.left) / (at.right - at.left);
  const [low, high] = at.xDomain;
  point(state, chart.x_log ? low * (high / low) ** share : low + share * (high - low), false);
}

/** @param {ShadowRoot} around @param {Chart} chart */
function open(around, chart) {
  const figure = find(around, ".lines");
  /** @type {SVGSVGElement} */
  const svg = find(figure, ".chart");
  const observer = new ResizeObserver(() => redraw(state));
  /** @type {State} */
  const state = {
    ...{ figure, svg, chart, at: null, over: draw("g", {}), value: null, stops: [], observer },
    leave: () => {},
  };
  charts.set(around, state);
  state.leave = whenCut((isCut) => figure.classList.toggle("cut", isCut));
  svg.onpointermove = (event) => follow(state, event);
  svg.onpointerdown = (event) => follow(state, event);
  svg.onpointerleave = (event) => {
    if (event.pointerType === "mouse") point(state, null, false);
  };
  figure.onkeydown = (event) => onKey(state, event);
  return state;
}

/** @param {Context<Data>} context */
export function mount({ data, parentElement }) {
  const chart = read(data);
  const state = charts.get(parentElement) ?? open(parentElement, chart);
  state.chart = chart;
  redraw(state);
  state.observer.observe(state.figure);
  state.figure.classList.toggle("live", data.live);
  if (data.live) expects(state);
  else expectsNothing(state);
  return () => {
    state.observer.disconnect();
    state.leave();
    expectsNothing(state);
    charts.delete(parentElement);
  };
}
