// The maps: one figure each, as large as the width allows; the larger a map, the smaller its cells.
import { element, paint, pixels } from "../../../core/base.js";

const WIDEST = 236, NARROWEST = { wide: 112, narrow: 108 }; // pixels along a side of the largest map
const LABEL = 84, FINEST = 4; // pixels of a caption, and of a cell that still gets its lines
const GAP = 10, RING = 8; // pixels between the columns, and at least around a map

export function buildMaps(view) {
  const { data, holder } = view;
  view.figures = data.maps.map((map, index) => {
    const figure = element("figure", index ? "map" : "map input");
    figure.dataset.map = index;
    const caption = element("figcaption"), area = element("div", "area"), sizes = element("div", "sizes");
    caption.append(element("b", "", index ? `${index} · ${map.title}` : map.title), element("small", "", map.details));
    const beyond = element("i", "beyond"), canvas = element("canvas"), field = element("i", "field");
    area.append(beyond, canvas, field);
    const sees = data.spans[index][0][2];
    sizes.append(`${map.size} × ${map.size}`, element("br"), index ? "sees " : "", element("b", "", index ? `${sees} × ${sees}` : "\u00a0"));
    figure.append(caption, area, sizes);
    return { figure, area, beyond, canvas, field };
  });
  holder.replaceChildren(...view.figures.map(({ figure }) => figure), view.paths);
}

// the side of a map relative to the largest: its cells shrink as it grows
const share = (map, largest) => Math.sqrt(map.size / largest);

function columnWidth(map, side) {
  return Math.max(LABEL, side + 2 * ringPixels(map, side));
}

const ringPixels = (map, side) => Math.max(RING, (ringOf(map) * side) / map.size);

// cells drawn around a map for what hangs over its edge; what goes further is cut off
const ringOf = (map) => Math.min(map.over, Math.ceil(map.size / 7));

export function fitMaps(view) {
  const { maps } = view.data, width = view.holder.clientWidth - 8, narrow = width < 620;
  const largest = Math.max(...maps.map((map) => map.size));
  const room = (side) => maps.reduce((sum, map) => sum + columnWidth(map, side * share(map, largest)) + GAP, -GAP);
  let side = WIDEST;
  const least = NARROWEST[narrow ? "narrow" : "wide"];
  while (side > least && room(side) > width) side -= 2;
  view.root.classList.toggle("narrow", narrow);
  view.holder.style.setProperty("--gap", `${GAP}px`);
  view.holder.style.setProperty("--label", `${LABEL}px`);
  maps.forEach((map, index) => {
    const one = view.figures[index];
    one.side = Math.round(Math.max(34, side * share(map, largest)));
    one.ring = ringPixels(map, one.side);
    one.area.style.setProperty("--side", `${one.side}px`);
    one.area.style.setProperty("--ring", `${one.ring}px`);
    const pixels = Math.round(one.side * (window.devicePixelRatio || 1));
    if (one.canvas.width !== pixels) Object.assign(one.canvas, { width: pixels, height: pixels });
  });
}

// a map's cells: the picture, or the colour of outputs; those that were met in the window's colour; lines where they fit
export function drawMap(view, index, rows, cols) {
  const { canvas, side } = view.figures[index], { size } = view.data.maps[index];
  const brush = canvas.getContext("2d"), edge = (cell) => Math.round((cell * canvas.width) / size);
  brush.clearRect(0, 0, canvas.width, canvas.height);
  if (index === 0) {
    brush.imageSmoothingEnabled = false;
    brush.drawImage(view.picture, 0, 0, canvas.width, canvas.width);
  } else fill(brush, view.colours.output, 0.16, 0, 0, canvas.width, canvas.width);
  for (const r of rows) for (const c of cols) {
    fill(brush, view.colours.window, index === view.cursor.layer ? 1 : 0.5, edge(c), edge(r), edge(c + 1) - edge(c), edge(r + 1) - edge(r));
  }
  const lines = side / size >= FINEST ? Array.from({ length: size - 1 }, (_, n) => edge(n + 1)) : [];
  for (const at of lines) {
    fill(brush, view.colours.line, index ? 0.35 : 0.3, at, 0, 1, canvas.height);
    fill(brush, view.colours.line, index ? 0.35 : 0.3, 0, at, canvas.width, 1);
  }
  brush.strokeStyle = view.colours[index ? "output" : "input"];
  brush.lineWidth = 2;
  brush.strokeRect(0, 0, canvas.width, canvas.height);
}

function fill(brush, colour, alpha, ...box) {
  brush.globalAlpha = alpha;
  brush.fillStyle = colour;
  brush.fillRect(...box);
  brush.globalAlpha = 1;
}

// the input's grey values as a small canvas, to be enlarged
export function pictureOf(data) {
  const { size } = data.maps[0], canvas = element("canvas");
  paint(canvas, [size, size], pixels(data.picture, 1));
  return canvas;
}

export function coloursOf(root) {
  const style = getComputedStyle(root), named = (name) => style.getPropertyValue(name).trim();
  return { input: named("--input"), output: named("--output"), window: named("--window"), line: "#808890" };
}
