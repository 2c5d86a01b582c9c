// Kernels as small pictures: one canvas each, kept and painted anew when other numbers come or the switch is moved.
import { divergingScale, element, paint } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";

const views = new WeakMap();
const WHEN = { now: (step) => `at step ${step}`, first: () => "at the start", change: (step) => `change up to step ${step}` };

export function mount({ data, parentElement }) {
  let view = views.get(parentElement);
  if (!view) {
    view = { root: parentElement.querySelector(".kernels") };
    views.set(parentElement, view);
  }
  view.data = unpacked(data);
  view.root.querySelector(".switch").onchange = () => show(view);
  view.root.onkeydown = (event) => event.stopPropagation(); // Streamlit has shortcuts on single letters
  show(view);
}

function show(view) {
  const { root, data } = view, [count, channels, rows, cols] = data.shape;
  const find = (name) => root.querySelector(name);
  root.classList.toggle("coloured", channels === 3);
  for (const name of [".switch", ".grid", ".legend"]) find(name).hidden = !count;
  const shown = find("input:checked").value, when = WHEN[shown](data.step.toLocaleString("en"));
  find(".extent").textContent = count ? `${count} of ${rows} × ${cols}, ${when}` : "This network has no convolution, and so no kernels.";
  if (!count) return;
  const { values, most } = chosen(data, shown), cells = channels * rows * cols;
  layOut(find(".grid"), count, rows, cols);
  const shade = channels === 3 ? inColour(values, most, rows * cols) : onScale(root, values, most);
  [...find(".grid").children].forEach((canvas, index) => {
    paint(canvas, [rows, cols], (at) => shade(index * cells + at));
    const [low, high] = extent(values.subarray(index * cells, (index + 1) * cells));
    canvas.title = `Kernel ${index + 1} of ${count}: from ${short(low)} to ${short(high)}`;
  });
  const [low, high] = extent(values);
  find(".grid").setAttribute("aria-label", `${count} kernels of ${rows} by ${cols}, ${when}: from ${short(low)} to ${short(high)}`);
  find(".low").textContent = short(-most);
  find(".high").textContent = short(most);
  find(".meaning").textContent = meaning(data.channels);
}

// now and the start lie on one scale, so that the switch compares them; the change has its own
function chosen({ now, first }, shown) {
  const values = shown === "change" ? now.map((value, at) => value - first[at]) : shown === "now" ? now : first;
  const largest = (numbers) => Math.max(...extent(numbers).map(Math.abs));
  return { values, most: (shown === "change" ? largest(values) : Math.max(largest(now), largest(first))) || 1 };
}

function meaning(channels) {
  if (channels === 3) return "red, green and blue as a colour; mid-grey is 0";
  return channels === 1 ? "" : `the mean over ${channels} channels`;
}

function extent(numbers) {
  const finite = numbers.filter(Number.isFinite);
  return [finite.reduce((a, b) => Math.min(a, b), Infinity), finite.reduce((a, b) => Math.max(a, b), -Infinity)].map((end) => (Number.isFinite(end) ? end : 0));
}

function layOut(grid, count, rows, cols) {
  while (grid.children.length > count) grid.lastChild.remove();
  while (grid.children.length < count) grid.append(element("canvas"));
  grid.style.setProperty("--side", `${count <= 8 ? 76 : count <= 16 ? 60 : count <= 32 ? 48 : 38}px`);
  grid.style.setProperty("--gap", `${count <= 16 ? 10 : 6}px`);
  grid.style.setProperty("--aspect", `${cols} / ${rows}`);
}

// one number -> a colour between the two ends, through that of zero
function onScale(root, values, most) {
  const shade = divergingScale(root);
  return (at) => shade(values[at] / most);
}

// three numbers, one a channel, -> red, green and blue about mid-grey
function inColour(values, most, plane) {
  return (at) => [0, 1, 2].map((channel) => 127.5 * (1 + (values[at + channel * plane] || 0) / most));
}
