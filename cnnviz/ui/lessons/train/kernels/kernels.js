// Kernels as small pictures: one canvas each, kept and painted anew when other numbers come or the switch is moved.
import { divergingScale, element, find, paint } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";

/** @import { ColourOf, Context } from "../../../core/base.js" */

/** @typedef {"now" | "first" | "change"} Which */

/**
 * @typedef {object} Data
 * @property {number} step
 * @property {[count: number, channels: number, rows: number, cols: number]} shape
 * @property {number} channels of the network's kernels
 * @property {Float32Array} now
 * @property {Float32Array} first
 */

/** @type {Record<Which, (step: string) => string>} */
const WHEN = {
  now: (step) => `at step ${step}`,
  first: () => "at the start",
  change: (step) => `change up to step ${step}`,
};

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement }) {
  const root = find(parentElement, ".kernels");
  const data = unpacked(bytes);
  find(root, ".switch").onchange = () => show(root, data);
  root.onkeydown = (event) => event.stopPropagation(); // Streamlit has shortcuts on single letters
  show(root, data);
}

/** @param {HTMLElement} root @param {Data} data */
function show(root, data) {
  const [count, channels, rows, cols] = data.shape;
  const grid = find(root, ".grid");
  root.classList.toggle("coloured", channels === 3);
  for (const name of [".switch", ".grid", ".legend"]) find(root, name).hidden = !count;
  /** @type {HTMLInputElement} */
  const which = find(root, "input:checked");
  const shown = /** @type {Which} */ (which.value);
  const when = WHEN[shown](data.step.toLocaleString("en"));
  find(root, ".extent").textContent = count
    ? `${count} of ${rows} × ${cols}, ${when}`
    : "This network has no convolution, and so no kernels.";
  if (!count) return;
  const { values, most } = chosen(data, shown);
  const cells = channels * rows * cols;
  layOut(grid, count, rows, cols);
  const shade = channels === 3 ? inColour(values, most, rows * cols) : onScale(root, values, most);
  grid.querySelectorAll("canvas").forEach((canvas, index) => {
    paint(canvas, [rows, cols], (at) => shade(index * cells + at));
    const [low, high] = extent(values.subarray(index * cells, (index + 1) * cells));
    canvas.title = `Kernel ${index + 1} of ${count}: from ${short(low)} to ${short(high)}`;
  });
  const [low, high] = extent(values);
  const label = `${count} kernels of ${rows} by ${cols}, ${when}: from ${short(low)} to ${short(high)}`;
  grid.setAttribute("aria-label", label);
  find(root, ".low").textContent = short(-most);
  find(root, ".high").textContent = short(most);
  find(root, ".meaning").textContent = meaning(data.channels);
}

// now and the start lie on one scale, so that the switch compares them; the change has its own
/** @param {Data} data @param {Which} shown */
function chosen({ now, first }, shown) {
  const values = shown === "change" ? now.map((value, at) => value - first[at]) : shown === "now" ? now : first;
  const largest = (/** @type {Float32Array} */ numbers) => Math.max(...extent(numbers).map(Math.abs));
  return { values, most: (shown === "change" ? largest(values) : Math.max(largest(now), largest(first))) || 1 };
}

/** @param {number} channels */
function meaning(channels) {
  if (channels === 3) return "red, green and blue as a colour; mid-grey is 0";
  return channels === 1 ? "" : `the mean over ${channels} channels`;
}

/** @param {Float32Array} numbers @returns {[low: number, high: number]} */
function extent(numbers) {
  const finite = numbers.filter(Number.isFinite);
  if (!finite.length) return [0, 0];
  return [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
}

/** @param {HTMLElement} grid @param {number} count @param {number} rows @param {number} cols */
function layOut(grid, count, rows, cols) {
  while (grid.children.length > count) grid.lastElementChild?.remove();
  while (grid.children.length < count) grid.append(element("canvas"));
  grid.style.setProperty("--side", `${count <= 8 ? 76 : count <= 16 ? 60 : count <= 32 ? 48 : 38}px`);
  grid.style.setProperty("--gap", `${count <= 16 ? 10 : 6}px`);
  grid.style.setProperty("--aspect", `${cols} / ${rows}`);
}

// one number -> a colour between the two ends, through that of zero
/** @param {HTMLElement} root @param {Float32Array} values @param {number} most @returns {ColourOf} */
function onScale(root, values, most) {
  const shade = divergingScale(root);
  return (at) => shade(values[at] / most);
}

// three numbers, one a channel, -> red, green and blue about mid-grey
/** @param {Float32Array} values @param {number} most @param {number} plane @returns {ColourOf} */
function inColour(values, most, plane) {
  const part = (/** @type {number} */ at) => 127.5 * (1 + (values[at] || 0) / most);
  return (at) => [part(at), part(at + plane), part(at + 2 * plane)];
}
