// Draws rows of small grids. They are few and small: every run draws them anew.
const ENDS = ["--negative-end", "--negative-middle", "--zero", "--positive-middle", "--positive-end"];
const parsed = (text) => [1, 3, 5].map((at) => parseInt(text.trim().slice(at, at + 2), 16));

function element(tag, classes, text = "") {
  const made = document.createElement(tag);
  Object.assign(made, { className: classes, textContent: text });
  return made;
}

function isDark(root) {
  const [r, g, b] = getComputedStyle(root).color.match(/[\d.]+/g).map(Number);
  return r + g + b > 382;
}

function shades(root) {
  const style = getComputedStyle(root), stops = ENDS.map((name) => parsed(style.getPropertyValue(name)));
  return (share) => {
    const along = 2 + 2 * Math.max(-1, Math.min(1, share || 0)), from = Math.min(3, Math.floor(along)), part = along - from;
    return stops[from].map((value, n) => value + (stops[from + 1][n] - value) * part);
  };
}

function drawn(view, figure, values) {
  const [rows, cols, channels = 1] = figure.shape, canvas = element("canvas", ""), cell = figure.side / Math.max(rows, cols);
  const [width, height] = [cols * cell, rows * cell], ratio = devicePixelRatio, context = canvas.getContext("2d");
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  canvas.style.width = `${width}px`;
  if (figure.role) canvas.style.setProperty("--frame", `var(--${figure.role})`);
  context.scale(ratio, ratio);
  for (let at = 0; at < rows * cols; at++) {
    const pixel = [0, 1, 2].map((c) => values[at * channels + (channels === 3 ? c : 0)]);
    const colour = figure.tone === "signed" ? view.shade(pixel[0] / (figure.most || 1)) : pixel;
    const [x, y] = [(at % cols) * cell, Math.floor(at / cols) * cell];
    context.fillStyle = `rgb(${colour.map(Math.round).join(" ")})`;
    context.fillRect(x, y, cell + 0.5, cell + 0.5);
    if (figure.numbers && cell >= 19) write(context, values[at], colour, x + cell / 2, y + cell / 2, cell);
  }
  if (figure.box) box(view, context, figure.box, cell);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${figure.label}, ${rows} by ${cols}`);
  canvas.onpointermove = (event) => point(canvas, event, figure, values);
  return canvas;
}

function write(context, value, colour, x, y, cell) {
  context.font = `${Math.min(13, cell / 2.7)}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = colour[0] * 0.3 + colour[1] * 0.6 + colour[2] * 0.1 > 135 ? "#10161f" : "#f8fafc";
  context.fillText(short(value, 5), x, y + 0.5);
}

function box(view, context, [top, bottom, left, right], cell) {
  context.strokeStyle = getComputedStyle(view.root).getPropertyValue("--window");
  context.lineWidth = 2;
  context.strokeRect(left * cell + 1, top * cell + 1, (right - left) * cell - 2, (bottom - top) * cell - 2);
}

// the number under the pointer, whole
function point(canvas, event, figure, values) {
  const [rows, cols, channels = 1] = figure.shape, area = canvas.getBoundingClientRect();
  const col = Math.floor(((event.clientX - area.left) / area.width) * cols), row = Math.floor(((event.clientY - area.top) / area.height) * rows);
  const at = (row * cols + col) * channels;
  canvas.title = channels === 1 && at >= 0 && at < values.length ? `row ${row}, column ${col}: ${whole(values[at])}` : "";
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".figures"), { rows, values, line } = unpacked(data);
  root.classList.toggle("dark", isDark(root));
  const view = { root, shade: shades(root) };
  let from = 0;
  const made = rows.map((row) => {
    const box = element("div", "row");
    if (row.title) box.append(element("p", "title", row.title));
    for (const figure of row.figures) {
      const size = figure.shape.reduce((a, b) => a * b, 1), part = values.subarray(from, (from += size)), one = element("figure", "");
      one.style.setProperty("--side", `${figure.side}px`);
      one.append(drawn(view, figure, part), element("figcaption", "", figure.label));
      if (figure.before) box.append(element("span", "sign", figure.before));
      box.append(one);
    }
    if (row.result) box.append(element("span", "result", row.result));
    return box;
  });
  root.replaceChildren(...made, ...(line ? [element("p", "line", line)] : []));
}
