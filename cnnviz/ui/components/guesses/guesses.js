// Test images with the guess under each; new guesses change words and bars and leave the images as they are.
import { element, paint, percent, pixels } from "../../core/base.js";
import { unpacked } from "../../core/packed.js";

const views = new WeakMap();

export function mount({ data, parentElement }) {
  let view = views.get(parentElement);
  if (!view) {
    const find = (name) => parentElement.querySelector(name);
    view = { strip: find(".strip"), title: find(".title"), count: find(".count"), told: find(".told"), at: -1 };
    views.set(parentElement, view);
    listen(view);
  }
  view.data = unpacked(data);
  view.guesses = view.data.labels.map((label, index) => guessed(view.data, label, index));
  build(view);
  view.guesses.forEach((guess, index) => write(view.figures[index], guess));
  tell(view);
}

// classes by their probability, the likeliest first; none where the network's numbers are no numbers any more
function guessed({ probabilities, classes, labels }, label, index) {
  const width = probabilities.length / labels.length;
  const shares = [...probabilities.subarray(index * width, (index + 1) * width)];
  const order = shares.every(Number.isFinite) ? shares.map((_, k) => k).sort((a, b) => shares[b] - shares[a]) : [];
  const name = (k) => classes[k] ?? `class ${k}`;
  const ranked = order.slice(0, 3).map((k) => ({ name: name(k), share: shares[k] }));
  return { ranked, truth: name(label), right: order[0] === label };
}

function build(view) {
  const { strip, data } = view, [count] = data.shape, key = data.shape.join();
  if (view.key !== key) {
    view.figures = Array.from({ length: count }, figure);
    strip.replaceChildren(...view.figures.map((one) => one.figure));
    view.key = key;
    view.at = -1;
  }
  const [, rows, cols, channels] = data.shape, size = rows * cols * channels;
  view.figures.forEach(({ canvas }, index) => paint(canvas, [rows, cols], pixels(data.images.subarray(index * size, (index + 1) * size), channels)));
}

function figure() {
  const parts = { figure: element("figure", "guess"), canvas: element("canvas"), fill: element("span", "fill"), name: element("span", "name"), truth: element("span", "truth") };
  const track = element("span", "track"), caption = element("figcaption");
  track.append(parts.fill);
  caption.append(parts.name, parts.truth);
  parts.figure.append(parts.canvas, track, caption);
  return parts;
}

function write({ figure, fill, name, truth }, { ranked: [first], truth: label, right }) {
  figure.classList.toggle("wrong", !right);
  fill.style.setProperty("--p", first?.share ?? 0);
  name.textContent = name.title = first?.name ?? "–";
  truth.textContent = truth.title = right ? "" : label;
}

function tell(view) {
  const { guesses, figures, data, at } = view, when = data.when && ` ${data.when}`;
  const wrong = guesses.map((guess, index) => ({ ...guess, number: index + 1 })).filter((guess) => !guess.right);
  const right = guesses.length - wrong.length;
  view.title.textContent = data.title;
  view.count.textContent = `${right} of ${guesses.length} right${when}`;
  const mistakes = wrong.map((one) => `image ${one.number}, ${one.truth}, taken for ${one.ranked[0]?.name ?? "nothing"}`).join("; ");
  const keys = "The left and right arrow keys tell the probabilities.";
  view.strip.setAttribute("aria-label", `${right} of ${guesses.length} images are named rightly${when}. ${mistakes ? `Wrong: ${mistakes}. ` : ""}${keys}`);
  figures.forEach(({ figure }, index) => figure.classList.toggle("now", index === at));
  view.told.textContent = at < 0 ? "Under each image the guess and how sure it is; a wrong one has a cross, and the right name below it." : sentence(guesses[at], at);
}

function sentence({ ranked: [first, ...others], truth, right }, at) {
  if (!first) return `Image ${at + 1} is ${truth}; the network's numbers have run away.`;
  const then = others.map((one) => `${one.name} with ${percent(one.share)}`).join(", ");
  return `Image ${at + 1}: ${first.name} with ${percent(first.share)}${then ? `, then ${then}` : ""}. ${right ? "That is right." : `It is ${truth}.`}`;
}

function listen(view) {
  const { strip } = view;
  const move = (to) => {
    if (to === view.at) return;
    view.at = to;
    tell(view);
  };
  const under = (event) => view.figures.findIndex(({ figure }) => figure.contains(event.target));
  strip.onpointermove = strip.onpointerdown = (event) => move(under(event));
  strip.onpointerleave = (event) => { if (event.pointerType === "mouse") move(-1); };
  strip.onblur = () => move(-1);
  strip.onkeydown = (event) => {
    event.stopPropagation(); // Streamlit has shortcuts on single letters
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], last = view.guesses.length - 1;
    if (!step) return;
    event.preventDefault();
    move(Math.min(last, Math.max(0, view.at + step)));
  };
}
