// Shows what networks read; the bars are kept and only change their length.
import { element, find } from "../../../core/base.js";
import { probability } from "../../../core/numbers.js";

/** @import { Context } from "../../../core/base.js" */

/**
 * @typedef {object} Prediction
 * @property {number[]} probabilities
 * @property {number[]} logits
 * @property {number[]} guesses the classes, the likeliest first
 * @property {number} entropy
 * @property {number} milliseconds
 */

/** @typedef {{ name: string, about: string, classes: string[], doubt: string }} Network */
/** @typedef {Network & (Prediction | Record<keyof Prediction, null>)} Reader a network, and what it reads if it does */
/** @typedef {{ readers: Reader[], nothing: string, longest: string, named: number | null, asks: boolean }} Data */
/** @typedef {ReturnType<typeof makeReader>} Parts */

/**
 * @typedef {object} View
 * @property {ShadowRoot} around
 * @property {Data} data
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

/** @param {Network} network @param {string} longest */
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

/** @param {Parts} parts @param {Reader} reader @param {boolean} logits @param {string} nothing */
function show(parts, reader, logits, nothing) {
  const { classes, doubt } = reader;
  const [first, second] = reader.guesses ?? [];
  parts.root.classList.toggle("doubtful", doubt !== "");
  parts.root.classList.toggle("with-logits", logits);
  parts.all.forEach(({ bar, fill, share }, i) => {
    bar.classList.toggle("first", i === first);
    fill.style.setProperty("--p", String(reader.probabilities?.[i] ?? 0));
    share.textContent = reader.probabilities ? figure(reader, i, logits) : "–";
  });
  parts.guess.textContent = reader.guesses ? classes[first] + (doubt ? "?" : "") : "";
  parts.sure.textContent = reader.guesses
    ? `with ${figure(reader, first)}\nthen ${classes[second]}: ${figure(reader, second)}`
    : nothing;
  const took = reader.guesses ? tookFor(reader.milliseconds, reader.entropy) : "";
  parts.doubt.textContent = doubt ? `${doubt} ${took}` : took;
}

/** @param {Prediction} prediction @param {number} label */
const figure = ({ logits, probabilities }, label, asLogit = false) =>
  asLogit ? logits[label].toFixed(2) : probability(probabilities[label]);

/** @param {View} view @param {Data} data */
function ask(view, { asks, named, readers: [{ classes }] }) {
  const labels = find(view.around, ".labels");
  find(view.around, ".asked").hidden = !asks;
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
    button.setAttribute("aria-pressed", String(label === named));
  }
}

/** @param {View} view */
function draw(view) {
  const { data } = view;
  const key = JSON.stringify(data.readers.map(({ name, about, classes }) => [name, about, classes]));
  if (view.key !== key) {
    view.key = key;
    view.readers = data.readers.map((one) => makeReader(one, data.longest));
    find(view.around, ".readers").replaceChildren(...view.readers.map(({ root }) => root));
  }
  /** @type {HTMLInputElement} */
  const logits = find(view.around, ".logits");
  view.readers.forEach((parts, i) => show(parts, data.readers[i], logits.checked, i ? "" : data.nothing));
  ask(view, data);
}

/** @param {Context<Data>} context */
function open({ data, parentElement: around, setTriggerValue: trigger }) {
  /** @type {View} */
  const view = { around, data, trigger, key: "", classes: "", readers: [] };
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
}
