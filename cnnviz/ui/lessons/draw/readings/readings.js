// Shows what networks read, as the pad's answer tells; the bars are kept and only change their length.
import { element, find } from "../../../core/base.js";
import { hear } from "../../../core/news.js";
import { probability } from "../../../core/numbers.js";

/** @import { Context } from "../../../core/base.js" */

/**
 * @typedef {object} Prediction
 * @property {ArrayLike<number>} probabilities
 * @property {ArrayLike<number>} logits
 * @property {number} entropy
 * @property {number} milliseconds
 * @property {number[]} guesses the classes, the likeliest first
 * @property {boolean} doubtful
 */

/** @typedef {{ name: string, about: string, classes: string[], doubt: string }} Reader a network */
/** @typedef {{ hears: string, readers: Reader[], nothing: string, longest: string, asks: boolean }} Data */
/** @typedef {(Pick<Prediction, "guesses" | "doubtful"> | null)[]} Reads */
/** @typedef {{ reads?: Reads, numbers?: Float32Array, named?: number | null }} News */
/** @typedef {ReturnType<typeof makeReader>} Parts */

/**
 * @typedef {object} View
 * @property {ShadowRoot} around
 * @property {Data} data
 * @property {News} news
 * @property {string} key the networks that there are readers for
 * @property {string} classes that there are buttons for
 * @property {Parts[]} readers
 * @property {Context["setTriggerValue"]} trigger
 */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @param {string} name */
function makeBar(name) {
  const bar = element("div", "bar");
  const track = element("div", "track");
  const fill = element("div", "fill");
  const share = element("span", "share");
  bar.setAttribute("role", "listitem");
  track.append(fill);
  bar.append(element("span", "class", name), track, share);
  return { bar, fill, share };
}

/** @param {number} milliseconds @param {number} entropy */
const tookFor = (milliseconds, entropy) => `Read in ${milliseconds.toFixed(2)} ms; entropy ${entropy.toFixed(2)} bits.`;

// what each network reads, null where it reads nothing; the news may still be of other networks than there are now
/** @param {Pick<Reader, "classes">[]} readers @param {News} news @returns {(Prediction | null)[]} */
export function predictions(readers, { reads = [], numbers = new Float32Array() }) {
  const sizes = readers.map(({ classes }, i) => (reads[i] ? 2 * classes.length + 2 : 0));
  const fits = reads.length === readers.length && sizes.reduce((sum, size) => sum + size, 0) === numbers.length;
  let end = 0;
  return readers.map(({ classes: { length } }, i) => {
    const read = reads[i];
    if (!read || !fits) return null;
    end += sizes[i];
    const own = numbers.subarray(end - sizes[i], end);
    const [entropy, milliseconds] = own.subarray(2 * length);
    const [probabilities, logits] = [own.subarray(0, length), own.subarray(length, 2 * length)];
    return { ...read, probabilities, logits, entropy, milliseconds };
  });
}

/** @param {Reader} network @param {string} longest */
function makeReader({ name, about, classes }, longest) {
  const root = element("section", "reader");
  const guess = element("div", "guess");
  const bars = element("div", "bars");
  const all = classes.map(makeBar);
  const parts = { root, guess: element("b"), sure: element("div", "sure"), all, doubt: element("span") };
  const note = element("p", "doubt");
  root.setAttribute("aria-label", `What ${name} reads`);
  bars.setAttribute("role", "list");
  bars.setAttribute("aria-label", `Probabilities of ${name}`);
  guess.setAttribute("role", "status");
  guess.append(parts.guess, parts.sure);
  bars.append(...all.map(({ bar }) => bar));
  note.dataset.longest = `${longest} ${tookFor(99.99, 9.99)}`; // keeps its place, so that what is below never moves
  note.append(parts.doubt);
  root.append(element("div", "name", name), element("div", "about", about), guess, bars, note);
  return parts;
}

/** @param {Parts} parts @param {Reader} reader @param {Prediction | null} read @param {boolean} logits @param {string} nothing */
function show(parts, { classes, doubt }, read, logits, nothing) {
  const [first, second] = read?.guesses ?? [];
  const doubtful = Boolean(read?.doubtful);
  parts.root.classList.toggle("doubtful", doubtful);
  parts.root.classList.toggle("with-logits", logits);
  parts.all.forEach(({ bar, fill, share }, i) => {
    bar.classList.toggle("first", i === first);
    fill.style.setProperty("--p", String(read?.probabilities[i] ?? 0));
    share.textContent = read ? figure(read, i, logits) : "–";
  });
  parts.guess.textContent = read ? classes[first] + (doubtful ? "?" : "") : "";
  parts.sure.textContent = read
    ? `with ${figure(read, first)}\nthen ${classes[second]}: ${figure(read, second)}`
    : nothing;
  const took = read ? tookFor(read.milliseconds, read.entropy) : "";
  parts.doubt.textContent = doubtful ? `${doubt} ${took}` : took;
}

/** @param {Prediction} prediction @param {number} label */
const figure = ({ logits, probabilities }, label, asLogit = false) =>
  asLogit ? logits[label].toFixed(2) : probability(probabilities[label]);

/** @param {View} view */
function ask(view) {
  const { asks, readers } = view.data;
  const [{ classes }] = readers;
  const labels = find(view.around, ".labels");
  find(view.around, ".asked").hidden = !(asks && view.news.reads?.[0]);
  if (view.classes !== String(classes)) {
    view.classes = String(classes);
    const buttons = classes.map((name, label) => {
      const button = element("button", "", name);
      button.type = "button";
      button.onclick = () => view.trigger("named", label);
      return button;
    });
    labels.replaceChildren(...buttons);
  }
  for (const [label, button] of [...labels.children].entries()) {
    button.setAttribute("aria-pressed", String(label === view.news.named));
  }
}

/** @param {View} view */
function draw(view) {
  const { data, news } = view;
  const key = JSON.stringify(data.readers.map(({ name, about, classes }) => [name, about, classes]));
  if (view.key !== key) {
    view.key = key;
    view.readers = data.readers.map((one) => makeReader(one, data.longest));
    find(view.around, ".readers").replaceChildren(...view.readers.map(({ root }) => root));
  }
  /** @type {HTMLInputElement} */
  const logits = find(view.around, ".logits");
  const found = predictions(data.readers, news);
  view.readers.forEach((parts, i) => show(parts, data.readers[i], found[i], logits.checked, i ? "" : data.nothing));
  ask(view);
}

/** @param {Context<Data>} context */
function open({ data, parentElement: around, setTriggerValue: trigger }) {
  /** @type {View} */
  const view = { around, data, trigger, news: {}, key: "", classes: "", readers: [] };
  find(around, ".logits").onchange = () => draw(view);
  find(around, ".readings").onkeydown = (event) => event.stopPropagation(); // r and c are shortcuts of Streamlit's
  return view;
}

/** @param {Context<Data>} context */
export function mount(context) {
  const { data, parentElement, setTriggerValue: trigger } = context;
  const view = views.get(parentElement) ?? open(context);
  views.set(parentElement, view);
  Object.assign(view, { data, trigger });
  draw(view);
  return hear(data.hears, view, (news) => {
    view.news = news;
    draw(view);
  });
}
