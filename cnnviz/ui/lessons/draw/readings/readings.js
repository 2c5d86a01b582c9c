// Shows what networks read; the bars are kept and only change their length.
import { element } from "../../../core/base.js";
import { probability } from "../../../core/numbers.js";

const views = new WeakMap();

function makeBar(name) {
  const bar = element("div", "bar"), track = element("div", "track"), fill = element("div", "fill");
  bar.setAttribute("role", "listitem");
  track.append(fill);
  bar.append(element("span", "class", name), track, element("span", "share"));
  return { bar, fill, share: bar.lastChild };
}

const tookFor = (milliseconds, entropy) => `Read in ${milliseconds.toFixed(2)} ms; entropy ${entropy.toFixed(2)} bits.`;

function makeReader({ name, about, classes, doubt }) {
  const root = element("section", "reader"), guess = element("div", "guess"), bars = element("div", "bars"), all = classes.map(makeBar);
  const parts = { root, guess: element("b"), sure: element("div", "sure"), all, doubt: element("span") }, note = element("p", "doubt");
  root.setAttribute("aria-label", `What ${name} reads`);
  bars.setAttribute("role", "list");
  bars.setAttribute("aria-label", `Probabilities of ${name}`);
  guess.setAttribute("role", "status");
  guess.append(parts.guess, parts.sure);
  bars.append(...all.map(({ bar }) => bar));
  note.dataset.longest = `${doubt} ${tookFor(99.99, 9.99)}`; // keeps its place, so that what is below never moves
  note.append(parts.doubt);
  root.append(element("div", "name", name), element("div", "about", about), guess, bars, note);
  return parts;
}

function show(parts, reader, logits, nothing) {
  const { classes, probabilities, guesses, doubtful } = reader;
  parts.root.classList.toggle("doubtful", doubtful);
  parts.root.classList.toggle("with-logits", logits);
  parts.all.forEach(({ bar, fill, share }, i) => {
    bar.classList.toggle("first", Boolean(guesses) && i === guesses[0]);
    fill.style.setProperty("--p", probabilities ? probabilities[i] : 0);
    share.textContent = !probabilities ? "–" : logits ? reader.logits[i].toFixed(2) : probability(probabilities[i]);
  });
  parts.guess.textContent = guesses ? classes[guesses[0]] + (doubtful ? "?" : "") : "";
  const [first, second] = guesses ?? [];
  const sure = guesses && `with ${probability(probabilities[first])}\nthen ${classes[second]}: ${probability(probabilities[second])}`;
  parts.sure.textContent = sure || nothing;
  const took = guesses ? tookFor(reader.milliseconds, reader.entropy) : "";
  parts.doubt.textContent = doubtful ? `${reader.doubt} ${took}` : took;
}

function ask(view, { asks, named, readers: [{ classes }] }) {
  view.find(".asked").hidden = !asks;
  if (view.classes !== String(classes)) {
    view.classes = String(classes);
    view.find(".labels").replaceChildren(...classes.map((name, label) => {
      const button = element("button", "", name);
      button.type = "button";
      button.onclick = () => view.trigger("named", label);
      return button;
    }));
  }
  [...view.find(".labels").children].forEach((button, label) => button.setAttribute("aria-pressed", label === named));
}

function draw(view) {
  const { data } = view, key = JSON.stringify(data.readers.map(({ name, about, classes, doubt }) => [name, about, classes, doubt]));
  if (view.key !== key) {
    view.key = key;
    view.readers = data.readers.map(makeReader);
    view.find(".readers").replaceChildren(...view.readers.map(({ root }) => root));
  }
  view.readers.forEach((parts, i) => show(parts, data.readers[i], view.find(".logits").checked, i ? "" : data.nothing));
  ask(view, data);
}

export function mount({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = { find: (name) => parentElement.querySelector(name) };
    views.set(parentElement, view);
    view.find(".logits").onchange = () => draw(view);
    view.find(".readings").onkeydown = (event) => event.stopPropagation(); // r and c are shortcuts of Streamlit's
  }
  Object.assign(view, { data, trigger: setTriggerValue });
  draw(view);
}
