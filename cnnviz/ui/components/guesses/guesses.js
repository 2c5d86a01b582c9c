// Test images with the guess under each; new guesses change words and bars and leave the images as they are.
import { clamp, find, paint, pixels, STEPS } from "../../core/base.js";
import { probability } from "../../core/numbers.js";
import { unpacked } from "../../core/packed.js";
import { figure, write } from "./figures.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Figure, Guess } from "./figures.js" */

/**
 * @typedef {object} Data
 * @property {string} title
 * @property {string} when
 * @property {[count: number, rows: number, cols: number, channels: number]} shape
 * @property {string[]} classes
 * @property {number[]} labels the true class of each image
 * @property {Uint8Array} images
 * @property {Float32Array} probabilities
 */

/**
 * @typedef {object} View
 * @property {HTMLElement} strip
 * @property {HTMLElement} title
 * @property {HTMLElement} count
 * @property {HTMLElement} description
 * @property {number} at the image that is told of; -1 for none
 * @property {string} key the shape that there are figures for
 * @property {Figure[]} figures
 * @property {Guess[]} guesses
 * @property {Data} data
 */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement }) {
  /** @type {Data} */
  const data = unpacked(bytes);
  let view = views.get(parentElement);
  if (!view) {
    const [strip, title, count, description] = [".strip", ".title", ".count", ".description"].map((name) =>
      find(parentElement, name),
    );
    view = { strip, title, count, description, data, at: -1, key: "", figures: [], guesses: [] };
    views.set(parentElement, view);
    listen(view);
  }
  view.data = data;
  view.guesses = data.labels.map((label, index) => guessed(data, label, index));
  build(view);
  for (const [index, guess] of view.guesses.entries()) write(view.figures[index], guess);
  tell(view);
}

// classes by their probability, the likeliest first; none where the network's numbers are no numbers any more
/** @param {Data} data @param {number} label @param {number} index @returns {Guess} */
function guessed({ probabilities, classes, labels }, label, index) {
  const width = probabilities.length / labels.length;
  const shares = [...probabilities.subarray(index * width, (index + 1) * width)];
  const order = shares.every(Number.isFinite) ? shares.map((_, k) => k).sort((a, b) => shares[b] - shares[a]) : [];
  const name = (/** @type {number} */ k) => classes[k] ?? `class ${k}`;
  const ranked = order.slice(0, 3).map((k) => ({ name: name(k), share: shares[k] }));
  return { ranked, truth: name(label), right: order[0] === label };
}

/** @param {View} view */
function build(view) {
  const { strip, data } = view;
  const [count] = data.shape;
  const key = data.shape.join();
  if (view.key !== key) {
    view.figures = Array.from({ length: count }, figure);
    strip.replaceChildren(...view.figures.map((one) => one.figure));
    view.key = key;
    view.at = -1;
  }
  const [, rows, cols, channels] = data.shape;
  const size = rows * cols * channels;
  view.figures.forEach(({ canvas }, index) =>
    paint(canvas, [rows, cols], pixels(data.images.subarray(index * size, (index + 1) * size), channels)),
  );
}

/** @param {View} view */
function tell(view) {
  const { guesses, figures, data, at } = view;
  const when = data.when && ` ${data.when}`;
  const wrong = guesses.map((guess, index) => ({ ...guess, number: index + 1 })).filter((guess) => !guess.right);
  const right = guesses.length - wrong.length;
  view.title.textContent = data.title;
  view.count.textContent = `${right} of ${guesses.length} right${when}`;
  const mistakes = wrong
    .map((one) => `image ${one.number}, ${one.truth}, predicted as ${one.ranked[0]?.name ?? "nothing"}`)
    .join("; ");
  const keys = "The left and right arrow keys tell the probabilities.";
  view.strip.setAttribute(
    "aria-label",
    `${right} of ${guesses.length} images are classified correctly${when}. ${mistakes ? `Wrong: ${mistakes}. ` : ""}${keys}`,
  );
  figures.forEach(({ figure }, index) => figure.classList.toggle("now", index === at));
  view.description.textContent =
    at < 0
      ? "Under each image the guess and how sure it is; a wrong one has a cross, and the right name below it."
      : sentence(guesses[at], at);
}

/** @param {Guess} guess @param {number} at */
function sentence({ ranked: [first, ...others], truth, right }, at) {
  if (!first) return `Image ${at + 1} is ${truth}; the network's numbers have run away.`;
  const then = others.map((one) => `${one.name} with ${probability(one.share)}`).join(", ");
  return `Image ${at + 1}: ${first.name} with ${probability(first.share)}${then ? `, then ${then}` : ""}. ${right ? "That is right." : `It is ${truth}.`}`;
}

/** @param {View} view */
function listen(view) {
  const { strip } = view;
  const move = (/** @type {number} */ to) => {
    if (to === view.at) return;
    view.at = to;
    tell(view);
  };
  const follow = (/** @type {PointerEvent} */ { target }) =>
    move(view.figures.findIndex(({ figure }) => figure.contains(/** @type {Node} */ (target))));
  strip.onpointermove = follow;
  strip.onpointerdown = follow;
  strip.onpointerleave = (event) => {
    if (event.pointerType === "mouse") move(-1);
  };
  strip.onblur = () => move(-1);
  strip.onkeydown = (event) => {
    event.stopPropagation(); // Streamlit has shortcuts on single letters
    const step = STEPS[event.key]?.[1];
    if (!step) return;
    event.preventDefault();
    move(clamp(view.at + step, 0, view.guesses.length - 1));
  };
}
