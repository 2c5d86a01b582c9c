// One test image and its bars; these are kept where the classes stay, and only change their length.
import { element, paint, pixels } from "../../../core/base.js";
import { probability } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";

function makeBar(name) {
  const bar = element("div", "bar"), track = element("div", "track"), label = element("span", "name", name);
  bar.setAttribute("role", "listitem");
  label.title = name;
  track.append(element("div", "fill"));
  bar.append(label, track, element("span", "share"));
  return bar;
}

export function mount({ data: bytes, parentElement }) {
  const find = (name) => parentElement.querySelector(name), bars = find(".bars"), guess = find(".guess");
  const data = unpacked(bytes), isRight = data.guess === data.label;
  paint(find(".picture"), data.shape, pixels(data.picture, data.shape[2]));
  find(".picture").setAttribute("aria-label", `Test image ${data.index}: ${data.classes[data.label]}`);
  if (bars.dataset.classes !== String(data.classes)) {
    bars.replaceChildren(...data.classes.map(makeBar));
    bars.dataset.classes = String(data.classes);
  }
  [...bars.children].forEach((bar, n) => {
    bar.classList.toggle("first", n === data.guess);
    bar.classList.toggle("true", n === data.label);
    bar.querySelector(".fill").style.setProperty("--p", data.probabilities[n]);
    bar.querySelector(".share").textContent = probability(data.probabilities[n]);
  });
  const verdict = element("strong", "", isRight ? "right" : `wrong: true ${data.classes[data.label]}`);
  guess.classList.toggle("miss", !isRight);
  guess.classList.toggle("long", data.classes[data.guess].length > 4);
  guess.replaceChildren(`Test image ${data.index}, named`, element("b", "", data.classes[data.guess]), `with ${probability(data.probabilities[data.guess])}, `, verdict);
  find(".others").textContent = data.others ? `and ${data.others.toLocaleString("en")} other classes` : "";
}
