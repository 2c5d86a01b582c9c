// The kernels of a snapshot: now, at the start, or what has changed, as the switch is set.
import { find } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";
import { extent, largest, paintKernels } from "./grid.js";

/** @import { Context } from "../../../core/base.js" */
/** @import { Shape } from "./grid.js" */

/** @typedef {"now" | "first" | "change"} Which */

/**
 * @typedef {object} Data
 * @property {number} step
 * @property {Shape} shape
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
  paintKernels(root, grid, data.shape, values, most);
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
  return { values, most: (shown === "change" ? largest(values) : Math.max(largest(now), largest(first))) || 1 };
}

/** @param {number} channels */
function meaning(channels) {
  if (channels === 3) return "red, green and blue as a colour; mid-grey is 0";
  return channels === 1 ? "" : `the mean over ${channels} channels`;
}
