// One test image and its bars; these are kept where the classes stay, and only change their length.
import { element, find, paint, pixels } from "../../../core/base.js";
import { probability } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";

/** @import { Context } from "../../../core/base.js" */

/**
 * @typedef {object} Data
 * @property {number} index of the test image
 * @property {number[]} shape rows, columns, channels
 * @property {string[]} classes that have a bar
 * @property {number[]} probabilities
 * @property {number} guess its place among the bars
 * @property {number} label
 * @property {number} others classes without a bar
 * @property {Uint8Array} picture
 */

/** @param {string} name */
function makeBar(name) {
  const bar = element("div", "bar");
  const track = element("div", "track");
  const label = element("span", "name", name);
  bar.setAttribute("role", "listitem");
  label.title = name;
  track.append(element("div", "fill"));
  bar.append(label, track, element("span", "share"));
  return bar;
}

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement }) {
  /** @type {Data} */
  const data = unpacked(bytes);
  const bars = find(parentElement, ".bars");
  const guess = find(parentElement, ".guess");
  /** @type {HTMLCanvasElement} */
  const picture = find(parentElement, ".picture");
  const isRight = data.guess === data.label;
  paint(picture, data.shape, pixels(data.picture, data.shape[2]));
  picture.setAttribute("aria-label", `Test image ${data.index}: ${data.classes[data.label]}`);
  if (bars.dataset.classes !== String(data.classes)) {
    bars.replaceChildren(...data.classes.map(makeBar));
    bars.dataset.classes = String(data.classes);
  }
  [...bars.children].forEach((bar, n) => {
    bar.classList.toggle("first", n === data.guess);
    bar.classList.toggle("true", n === data.label);
    find(bar, ".fill").style.setProperty("--p", String(data.probabilities[n]));
    find(bar, ".share").textContent = probability(data.probabilities[n]);
  });
  const verdict = element("strong", "", isRight ? "right" : `wrong: true ${data.classes[data.label]}`);
  guess.classList.toggle("miss", !isRight);
  guess.classList.toggle("long", data.classes[data.guess].length > 4);
  guess.replaceChildren(
    `Test image ${data.index}, named`,
    element("b", "", data.classes[data.guess]),
    `with ${probability(data.probabilities[data.guess])}, `,
    verdict,
  );
  const others = data.others ? `and ${data.others.toLocaleString("en")} other classes` : "";
  find(parentElement, ".others").textContent = others;
}
