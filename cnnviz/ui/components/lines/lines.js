// A line chart. Hover, touch or the arrow keys read it in the browser; new data redraw it in place.
import { element } from "../../core/base.js";
import { short } from "../../core/numbers.js";
import { draw } from "../../core/svg.js";
import { axes, cursor, curves, frame, layOut, names, nearest, written } from "./chart.js";

const charts = new WeakMap();

function read(data) {
  const numbers = new Float32Array(Uint8Array.from(atob(data.values), (byte) => byte.charCodeAt(0)).buffer);
  let at = 0;
  const take = (count) => numbers.subarray(at, (at += count));
  return { ...data, series: data.series.map((one) => ({ ...one, x: take(one.count), y: take(one.count) })) };
}

function summary(chart) {
  const last = (one) => (one.count ? `, last ${written(chart, one.y[one.count - 1])}` : ", no value yet");
  return `${chart.y_label} over ${chart.x_label}. ` + chart.series.map((one) => one.name + last(one)).join("; ");
}

// one key a series; a series that follows another adds its value to that one's key
function keys(chart, reading) {
  const found = [];
  chart.series.forEach((one, i) => {
    const text = reading && reading[i] !== null ? written(chart, reading[i]) : "";
    if (one.follows && found.length) {
      const value = found[found.length - 1].lastChild;
      value.textContent = [value.textContent, text].filter(Boolean).join(" · ");
      return;
    }
    const key = element("span", "key"), swatch = element("i", one.points ? "dot" : ""), value = element("b", "", text);
    swatch.style.setProperty("--colour", one.colour);
    key.append(swatch, one.name, value);
    found.push(key);
  });
  return found;
}

function redraw(state) {
  const { chart, figure } = state;
  const width = figure.clientWidth - 8;
  if (width < 80) return;
  const at = (state.at = layOut(chart, width)), svg = figure.querySelector(".chart");
  figure.classList.toggle("labelled", at.labelled);
  figure.querySelector(".y-label").textContent = chart.y_label;
  figure.setAttribute("aria-label", `Chart: ${chart.y_label} over ${chart.x_label}; the left and right arrow keys read it`);
  svg.setAttribute("viewBox", `0 0 ${width} ${chart.height}`);
  svg.style.height = `${chart.height}px`;
  svg.setAttribute("aria-label", summary(chart));
  state.over = draw("g", {});
  svg.replaceChildren(frame(at), axes(chart, at), curves(chart, at), ...(at.labelled ? [names(chart, at)] : []), state.over);
  state.stops = [...new Set(chart.series.flatMap((one) => Array.from(one.x)))].filter(Number.isFinite).sort((a, b) => a - b);
  point(state, state.value, false);
}

// read the chart at the stop nearest to `value`; null ends the reading
function point(state, value, aloud) {
  const { chart, figure, at, stops } = state;
  const stop = value === null ? -1 : nearest(stops, value);
  state.value = stop < 0 ? null : stops[stop];
  figure.classList.toggle("idle", stop < 0);
  const head = element("span");
  let reading = null;
  if (stop >= 0) {
    const drawn = cursor(chart, at, state.value);
    reading = drawn.reading;
    state.over.replaceChildren(drawn.group);
    head.textContent = `${chart.x_label} ${short(Number(state.value.toPrecision(5)))}`;
  } else state.over.replaceChildren();
  figure.querySelector(".reading").replaceChildren(head, ...keys(chart, reading));
  if (aloud && reading) {
    const values = chart.series.map((one, i) => (reading[i] === null ? "" : `${one.name} ${written(chart, reading[i])}`));
    figure.querySelector(".said").textContent = [head.textContent, ...values.filter(Boolean)].join(", ");
  }
}

function onKey(state, event) {
  event.stopPropagation(); // r and c are shortcuts of Streamlit's
  const { stops, value } = state, here = value === null ? -1 : nearest(stops, value), far = event.shiftKey ? 10 : 1;
  const to = {
    ArrowRight: here + far, ArrowLeft: here < 0 ? stops.length - 1 : here - far, Home: 0, End: stops.length - 1, Escape: null,
  }[event.key];
  if (to === undefined || !stops.length) return;
  event.preventDefault();
  point(state, to === null ? null : stops[Math.min(Math.max(to, 0), stops.length - 1)], true);
}

export function mount({ data, parentElement }) {
  const figure = parentElement.querySelector(".lines"), svg = figure.querySelector(".chart");
  let state = charts.get(parentElement);
  if (!state) {
    state = { figure, value: null, stops: [] };
    state.observer = new ResizeObserver(() => redraw(state));
    charts.set(parentElement, state);
  }
  state.chart = read(data);
  redraw(state);
  state.observer.observe(figure);
  svg.onpointermove = svg.onpointerdown = (event) => {
    const { left, width } = svg.getBoundingClientRect(), { at } = state, zoom = width / svg.clientWidth; // of large type
    const share = ((event.clientX - left) / zoom - at.left) / (at.right - at.left);
    point(state, at.xDomain[0] + share * (at.xDomain[1] - at.xDomain[0]), false);
  };
  svg.onpointerleave = (event) => event.pointerType === "mouse" && point(state, null, false);
  figure.onkeydown = (event) => onKey(state, event);
  return () => { state.observer.disconnect(); charts.delete(parentElement); };
}
