// The maps: one figure each, as large as the width allows; the larger a map, the smaller its cells.
import { brush, element, paint, pixels } from "../../../core/base.js";

/** @import { Context } from "../../../core/base.js" */

/**
 * @typedef {{ title: string, details: string, size: number, over: number }} FeatureMap `over` its edge a span may hang
 */
/** @typedef {[start: number, step: number, size: number]} Span of the first unit, and from one to the next */
/** @typedef {{ layer: number, row: number, col: number }} Unit */

/**
 * @typedef {object} Data
 * @property {FeatureMap[]} maps the input first
 * @property {Span[][]} spans of each layer on every earlier map
 * @property {number[][][]} taps
 * @property {number[]} picture
 * @property {{ seq: number, at: [layer: number, row: number, col: number] }} pin
 */

/**
 * @typedef {{ top: number, left: number, size: number, x: number, y: number, length: number }} Box in cells, and in
 *   pixels
 */

/**
 * @typedef {object} Figure of a map
 * @property {HTMLElement} figure
 * @property {HTMLElement} area
 * @property {HTMLElement} beyond
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} field
 * @property {number} side in pixels
 * @property {number} ring
 * @property {Box | null} box what is seen of it
 */

/**
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {HTMLElement} holder
 * @property {SVGSVGElement} paths
 * @property {HTMLElement} description
 * @property {Data} data
 * @property {string} layout what there are figures for
 * @property {Figure[]} figures
 * @property {HTMLCanvasElement} picture
 * @property {ReturnType<typeof coloursOf>} colours
 * @property {Unit} pin
 * @property {number} pinned the number of the last pin
 * @property {Unit} cursor
 * @property {boolean} moving
 * @property {number} width
 * @property {ResizeObserver} observer
 * @property {Context["setStateValue"]} setStateValue
 */

// pixels: along a side of the largest map; of a caption; of a cell that still gets its lines; between columns; at least
// around a map
const WIDEST = 236;
const NARROWEST = { wide: 112, narrow: 108 };
const LABEL = 84;
const FINEST = 4;
const GAP = 10;
const RING = 8;

/** @param {View} view */
export function buildMaps(view) {
  const { data, holder } = view;
  view.figures = data.maps.map((map, index) => {
    const figure = element("figure", index ? "map" : "map input");
    figure.dataset.map = String(index);
    const caption = element("figcaption");
    const area = element("div", "area");
    const sizes = element("div", "sizes");
    caption.append(element("b", "", index ? `${index} · ${map.title}` : map.title), element("small", "", map.details));
    const beyond = element("i", "beyond");
    const canvas = element("canvas");
    const field = element("i", "field");
    area.append(beyond, canvas, field);
    const sees = data.spans[index][0][2];
    sizes.append(
      `${map.size} × ${map.size}`,
      element("br"),
      index ? "sees " : "",
      element("b", "", index ? `${sees} × ${sees}` : "\u00a0"),
    );
    figure.append(caption, area, sizes);
    return { figure, area, beyond, canvas, field, side: 0, ring: 0, box: null };
  });
  holder.replaceChildren(...view.figures.map(({ figure }) => figure), view.paths);
}

// the side of a map relative to the largest: its cells shrink as it grows
/** @param {FeatureMap} map @param {number} largest */
const share = (map, largest) => Math.sqrt(map.size / largest);

/** @param {FeatureMap} map @param {number} side */
function columnWidth(map, side) {
  return Math.max(LABEL, side + 2 * ringPixels(map, side));
}

/** @param {FeatureMap} map @param {number} side */
const ringPixels = (map, side) => Math.max(RING, (ringOf(map) * side) / map.size);

// cells drawn around a map for what hangs over its edge; what goes further is cut off
/** @param {FeatureMap} map */
const ringOf = (map) => Math.min(map.over, Math.ceil(map.size / 7));

/** @param {View} view */
export function fitMaps(view) {
  const { maps } = view.data;
  const width = view.holder.clientWidth - 8;
  const narrow = width < 620;
  const largest = Math.max(...maps.map((map) => map.size));
  const room = (/** @type {number} */ side) =>
    maps.reduce((sum, map) => sum + columnWidth(map, side * share(map, largest)) + GAP, -GAP);
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

// a map's cells: the picture, or the colour of outputs; those that were met in the window's colour; lines where they
// fit
/** @param {View} view @param {number} index @param {number[]} rows @param {number[]} cols */
export function drawMap(view, index, rows, cols) {
  const { canvas, side } = view.figures[index];
  const { size } = view.data.maps[index];
  const pen = brush(canvas);
  const edge = (/** @type {number} */ cell) => Math.round((cell * canvas.width) / size);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (index === 0) {
    pen.imageSmoothingEnabled = false;
    pen.drawImage(view.picture, 0, 0, canvas.width, canvas.width);
  } else fill(pen, view.colours.output, 0.16, 0, 0, canvas.width, canvas.width);
  const alpha = index === view.cursor.layer ? 1 : 0.5;
  for (const r of rows) {
    for (const c of cols) {
      const [left, top] = [edge(c), edge(r)];
      fill(pen, view.colours.window, alpha, left, top, edge(c + 1) - left, edge(r + 1) - top);
    }
  }
  const lines = side / size >= FINEST ? Array.from({ length: size - 1 }, (_, n) => edge(n + 1)) : [];
  for (const at of lines) {
    fill(pen, view.colours.line, index ? 0.35 : 0.3, at, 0, 1, canvas.height);
    fill(pen, view.colours.line, index ? 0.35 : 0.3, 0, at, canvas.width, 1);
  }
  pen.strokeStyle = view.colours[index ? "output" : "input"];
  pen.lineWidth = 2;
  pen.strokeRect(0, 0, canvas.width, canvas.height);
}

/** @param {CanvasRenderingContext2D} pen @param {string} colour @param {number} alpha
 * @param {[x: number, y: number, width: number, height: number]} box */
function fill(pen, colour, alpha, ...box) {
  pen.globalAlpha = alpha;
  pen.fillStyle = colour;
  pen.fillRect(...box);
  pen.globalAlpha = 1;
}

// the input's grey values as a small canvas, to be enlarged
/** @param {Data} data */
export function pictureOf(data) {
  const { size } = data.maps[0];
  const canvas = element("canvas");
  paint(canvas, [size, size], pixels(data.picture, 1));
  return canvas;
}

/** @param {HTMLElement} root */
export function coloursOf(root) {
  const style = getComputedStyle(root);
  const named = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return { input: named("--input"), output: named("--output"), window: named("--window"), line: "#808890" };
}
