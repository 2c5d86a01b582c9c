// Shows a prediction; the bars are kept and only change their length.
const percent = (p) => (p < 0.001 ? "< 0.1 %" : p > 0.999 ? "> 99.9 %" : `${(100 * p).toFixed(1)} %`);

function part(name, text = "") {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

function makeBar(name) {
  const bar = document.createElement("div"), track = document.createElement("div"), fill = document.createElement("div");
  bar.className = "bar";
  bar.setAttribute("role", "listitem");
  track.className = "track";
  fill.className = "fill";
  track.append(fill);
  bar.append(part("class", name), track, part("share"));
  return bar;
}

function paint(canvas, picture, [rows, cols]) {
  const bytes = Uint8Array.from(atob(picture), (byte) => byte.charCodeAt(0));
  canvas.width = cols;
  canvas.height = rows;
  const image = new ImageData(cols, rows);
  for (let i = 0; i < rows * cols; i++) image.data.set([bytes[i] ?? 0, bytes[i] ?? 0, bytes[i] ?? 0, 255], 4 * i);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name), bars = find(".bars"), guess = find(".guess");
  if (bars.dataset.classes !== String(data.classes)) {
    bars.replaceChildren(...data.classes.map(makeBar));
    bars.dataset.classes = String(data.classes);
  }
  paint(find(".picture"), data.picture, data.shape);
  find(".size").textContent = data.shape.join(" × ");
  const shares = data.probabilities, first = shares ? shares.indexOf(Math.max(...shares)) : -1;
  [...bars.children].forEach((bar, i) => {
    bar.classList.toggle("first", i === first);
    bar.querySelector(".fill").style.setProperty("--p", shares ? shares[i] : 0);
    bar.querySelector(".share").textContent = shares ? percent(shares[i]) : "–";
  });
  if (!shares) { guess.textContent = data.nothing; return; }
  const name = document.createElement("b");
  name.textContent = data.classes[first];
  guess.replaceChildren(name, `with ${percent(shares[first])}`);
}
