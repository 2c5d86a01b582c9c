// One test image and its bars; these are kept where the classes stay, and only change their length.
function part(tag, name, text = "") {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function makeBar(name) {
  const bar = part("div", "bar"), track = part("div", "track"), label = part("span", "name", name);
  bar.setAttribute("role", "listitem");
  label.title = name;
  track.append(part("div", "fill"));
  bar.append(label, track, part("span", "share"));
  return bar;
}

export default function ({ data: bytes, parentElement }) {
  const find = (name) => parentElement.querySelector(name), bars = find(".bars"), guess = find(".guess");
  const data = unpacked(bytes), isRight = data.guess === data.label;
  paint(find(".picture"), data.picture, data.shape);
  find(".picture").setAttribute("aria-label", `Test image ${data.index}: ${data.classes[data.label]}`);
  if (bars.dataset.classes !== String(data.classes)) {
    bars.replaceChildren(...data.classes.map(makeBar));
    bars.dataset.classes = String(data.classes);
  }
  [...bars.children].forEach((bar, n) => {
    bar.classList.toggle("first", n === data.guess);
    bar.classList.toggle("true", n === data.label);
    bar.querySelector(".fill").style.setProperty("--p", data.probabilities[n]);
    bar.querySelector(".share").textContent = percent(data.probabilities[n]);
  });
  const verdict = part("strong", "", isRight ? "right" : `wrong: true ${data.classes[data.label]}`);
  guess.classList.toggle("miss", !isRight);
  guess.classList.toggle("long", data.classes[data.guess].length > 4);
  guess.replaceChildren(`Test image ${data.index}, predicted as`, part("b", "", data.classes[data.guess]), `with ${percent(data.probabilities[data.guess])}, `, verdict);
  find(".others").textContent = data.others ? `and ${data.others.toLocaleString("en")} other classes` : "";
}
