// Draws the pictures of a drawing on its way; the cards are kept and only get other pictures.
import { element, paint } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";

const SIDE = 132; // pixels of the longer side of a picture
const views = new WeakMap();
const grey = ({ low, high }, value) => Math.round(255 * Math.max(0, Math.min(1, (value - low) / (high - low))));

function makeCard(view, { step, title, done }) {
  const root = element("li", "card"), head = element(done === null ? "div" : "button", "title");
  const frame = element("div", "frame"), parts = { root, head, canvas: element("canvas"), size: element("div", "size"), note: element("div", "note") };
  if (done !== null) {
    Object.assign(head, { type: "button", onclick: () => view.trigger("switched", step) });
    head.setAttribute("role", "switch");
    head.append(element("span", "knob"));
  }
  head.append(element("span", "", title));
  parts.canvas.setAttribute("role", "img");
  frame.append(parts.canvas);
  root.append(head, frame, parts.size, parts.note);
  return parts;
}

function paintCard(canvas, card, values) {
  const [rows, cols] = card.shape, scale = SIDE / Math.max(rows, cols);
  paint(canvas, card.shape, (at) => Array(3).fill(grey(card, values[at])));
  Object.assign(canvas.style, { width: `${cols * scale}px`, height: `${rows * scale}px` });
}

function show(view, parts, card, values) {
  parts.root.classList.toggle("off", card.done === false);
  if (card.done !== null) parts.head.setAttribute("aria-checked", card.done);
  paintCard(parts.canvas, card, values);
  parts.canvas.setAttribute("aria-label", `${card.title}: ${card.shape.join(" by ")} pixels`);
  parts.size.textContent = card.shape.join(" × ");
  parts.note.textContent = card.note;
  parts.canvas.onpointermove = (event) => {
    const [rows, cols] = card.shape, box = parts.canvas.getBoundingClientRect();
    const row = Math.min(rows - 1, Math.floor(((event.clientY - box.top) / box.height) * rows));
    const col = Math.min(cols - 1, Math.floor(((event.clientX - box.left) / box.width) * cols));
    view.value.textContent = `${card.title}: row ${row}, column ${col} is ${short(values[row * cols + col], 5)}`;
  };
  parts.canvas.onpointerleave = () => { view.value.textContent = ""; };
}

// a picture as a table of its numbers, each on its own grey
function table(root, card, values) {
  const [rows, cols] = card.shape;
  if (root.rows.length !== rows || root.rows[0]?.cells.length !== cols) {
    root.replaceChildren();
    for (let row = 0; row < rows; row++) {
      const line = root.insertRow();
      for (let col = 0; col < cols; col++) line.insertCell();
    }
  }
  values.forEach((value, at) => {
    const cell = root.rows[Math.floor(at / cols)].cells[at % cols], g = grey(card, value);
    cell.textContent = value;
    cell.style.background = `rgb(${g} ${g} ${g})`;
    cell.style.color = g > 127 ? "#10161f" : "#f8fafc";
  });
}

function draw(view) {
  const { data } = view, picture = (at) => data[`picture${at}`], last = data.cards.length - 2;
  const key = data.cards.map(({ step }) => step).join();
  if (view.key !== key) {
    view.key = key;
    view.cards = data.cards.map((card) => makeCard(view, card));
    view.root.querySelector(".cards").replaceChildren(...view.cards.map(({ root }) => root));
  }
  view.cards.forEach((parts, at) => show(view, parts, data.cards[at], picture(at)));
  if (view.whole.open && last >= 0) table(view.root.querySelector("table"), data.cards[last], picture(last));
}

export function mount({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    const root = parentElement.querySelector(".pipeline");
    view = { root, whole: root.querySelector(".whole"), value: root.querySelector(".value") };
    views.set(parentElement, view);
    view.whole.ontoggle = () => draw(view);
    root.onkeydown = (event) => event.stopPropagation(); // r and c are shortcuts of Streamlit's
  }
  Object.assign(view, { data: unpacked(data), trigger: setTriggerValue });
  draw(view);
}
