// The stages as pictures: one canvas each, redrawn when there are new numbers; the cursor lies over them as outlines.
import { brush, divergingScale, element, find } from "../../../core/base.js";
import { short } from "../../../core/numbers.js";
import { stageOf } from "./chain.js";

/** @import { Colour, Context } from "../../../core/base.js" */
/** @import { Plane } from "../../../components/stage/draw.js" */
/** @import { Editable } from "../../../components/stage/edit.js" */
/** @import { Computed, Said } from "./answer.js" */
/** @import { Chosen, watchControls } from "./controls.js" */
/** @import { Box, Cursor, Data, Filtered, Stage } from "./chain.js" */

/**
 * @typedef {object} Frame of a stage
 * @property {HTMLElement} area
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} reach
 * @property {HTMLElement} cursor
 * @property {HTMLElement} legend
 * @property {HTMLElement} extent
 * @property {Stage["values"]} [values] that are drawn
 * @property {string} [look] and how
 */

/**
 * @typedef {object} Shown
 * @property {Said} said the last answer of Python's
 * @property {Data} data what is drawn
 * @property {Computed[]} computed here lately
 * @property {Said | null} asked about which answer more was asked for
 * @property {Chosen} chosen on the page's controls, and not said by Python yet
 * @property {ReturnType<typeof watchControls>} controls
 * @property {Record<string, Frame>} frames
 * @property {[operator: string, plane: Plane][][]} groups of grids that do not break apart
 * @property {string} layout what there are pictures for
 * @property {string} sums what there are grids for
 * @property {string} fitted what all of it is as large as
 * @property {[width: number, height: number]} area of each picture, in pixels
 * @property {Cursor} cursor
 * @property {boolean} shown whether the cursor is drawn where it is
 * @property {boolean} hovering
 * @property {Cursor | null} pointed where a pointer went down
 * @property {[row: number, col: number]} place on the picture that is pinned, for a stride of 1
 * @property {[i: number, j: number]} pin
 * @property {number} pinned the number of the last pin
 * @property {number} width
 * @property {ResizeObserver} observer
 * @property {Context["setTriggerValue"]} setTriggerValue
 */
/** @typedef {Editable & Filtered & Shown} View */

/** @param {number} value */
export const rounded = (value) => Number(value.toPrecision(7)); // the computed stages are float32

// what the stages are, in their order, with a function that reads a value
/** @param {Data} data */
export function stagesOf(data) {
  const { pixels, convolved, rectified, pooled, sizes, scale, signed } = data;
  const computed = { role: "output", scale, signed };
  /** @type {Omit<Stage, "value">[]} */
  const stages = [
    {
      id: "picture",
      role: "input",
      title: "Picture",
      size: sizes.picture,
      scale: [0, 255],
      signed: false,
      values: pixels,
    },
    { ...computed, id: "convolved", title: "Convolved", size: sizes.convolved, values: convolved },
  ];
  if (rectified) stages.push({ ...computed, id: "rectified", title: "ReLU", size: sizes.convolved, values: rectified });
  if (data.pool && sizes.pooled && pooled) {
    const title = `${POOLS[data.pool.kind]} ${data.pool.window} × ${data.pool.window}`;
    stages.push({ ...computed, id: "pooled", title, size: sizes.pooled, values: pooled });
  }
  return stages.map((stage) => Object.assign(stage, { value: readerOf(stage) }));
}

/** @param {Omit<Stage, "value">} stage @returns {Stage["value"]} */
const readerOf =
  ({ values, size: [, across] }) =>
  (r, c) =>
    values[r * across + c];

const POOLS = { max: "Max pooling", average: "Average pooling" };

/** @param {View} view */
export function buildStages(view) {
  const holder = find(view.root, ".stages");
  holder.replaceChildren();
  view.frames = {};
  view.stages.forEach((stage, index) => {
    if (index) holder.append(element("div", "operator", "→"));
    const frame = element("div", "frame");
    frame.style.setProperty("--role", `var(--${stage.role})`);
    const caption = element("div", "caption");
    const extent = element("span", "extent");
    caption.append(element("b", "", stage.title), extent);
    const area = element("div", "area");
    area.tabIndex = 0;
    area.dataset.stage = stage.id;
    area.setAttribute("role", "application");
    const canvas = element("canvas");
    const reach = element("i", "mark reach");
    const cursor = element("i", "mark cursor");
    area.append(canvas, reach, cursor);
    const legend = element("div", "legend");
    frame.append(caption, area, legend);
    holder.append(frame);
    view.frames[stage.id] = { area, canvas, reach, cursor, legend, extent };
  });
}

// what has the numbers and the colours that it had is left as it is
/** @param {View} view */
export function drawStages(view) {
  const isDark = view.root.closest(".dark") !== null;
  /** @type {Map<boolean, Colour[]>} */
  const tables = new Map();
  for (const stage of view.stages) {
    const frame = view.frames[stage.id];
    const { values, scale, signed } = stage;
    const look = [...scale, signed, isDark].join();
    if (frame.values === values && frame.look === look) continue;
    Object.assign(frame, { values, look });
    const table = tables.get(signed) ?? colours(view, signed);
    tables.set(signed, table);
    drawStage(stage, frame, table);
  }
}

/** @param {Stage} stage @param {Frame} frame @param {Colour[]} table */
function drawStage({ title, size: [rows, cols], scale: [low, high], signed, values }, frame, table) {
  const { area, canvas, legend, extent } = frame;
  extent.textContent = `${rows} × ${cols}`;
  area.setAttribute("aria-label", `${title}, ${rows} by ${cols}. Arrow keys move the cursor, Enter pins it.`);
  if (canvas.width !== cols || canvas.height !== rows) Object.assign(canvas, { width: cols, height: rows });
  const image = new ImageData(cols, rows);
  const pixels = new Uint32Array(image.data.buffer); // alpha, blue, green, red
  const paint = Uint32Array.from(table, ([red, green, blue]) => 0xff000000 | (blue << 16) | (green << 8) | red);
  const steps = 510 / (high - low);
  for (let at = 0; at < values.length; at++) {
    const step = (values[at] - low) * steps + 0.5;
    pixels[at] = paint[step < 0 ? 0 : step > 510 ? 510 : step | 0];
  }
  brush(canvas).putImageData(image, 0, 0);
  const bar = element("i");
  const shade = (/** @type {number} */ step) => `rgb(${table[step].join(" ")})`;
  bar.style.background = `linear-gradient(90deg, ${[0, 128, 255, 382, 510].map(shade).join(", ")})`;
  const ends = signed ? [low, 0, high] : [low, high];
  legend.classList.toggle("signed", signed);
  legend.replaceChildren(bar, ...ends.map((value) => element("span", "", short(rounded(value)))));
}

// 511 colours from the low end of a scale to the high one: black to white, or through the page's background at zero
/** @param {View} view @param {boolean} signed @returns {Colour[]} */
function colours(view, signed) {
  const scale = divergingScale(view.root);
  /** @type {(step: number) => Colour} */
  const colourOf = (step) => (signed ? scale(step / 255 - 1) : [step / 2, step / 2, step / 2]);
  return Array.from({ length: 511 }, (_, step) => /** @type {Colour} */ (colourOf(step).map(Math.round)));
}

// as large as the width and the first screen allow, all alike; under one another on a phone
/** @param {View} view */
export function fitStages(view) {
  const holder = find(view.root, ".stages");
  const [rows, cols] = view.stages[0].size;
  const count = view.stages.length;
  const width = view.root.clientWidth - 8;
  const narrow = width < 620;
  view.root.classList.toggle("narrow", narrow);
  const room = narrow ? width : (width - 44 * (count - 1)) / count;
  const scale = Math.min(room / cols, (narrow ? 340 : 320) / rows);
  view.area = [Math.floor(cols * scale), Math.floor(rows * scale)];
  holder.style.setProperty("--wide", `${view.area[0]}px`);
  holder.style.setProperty("--high", `${view.area[1]}px`);
  for (const stage of view.stages) {
    const { canvas } = view.frames[stage.id];
    canvas.style.imageRendering = (cols * scale) / stage.size[1] >= 1.8 ? "pixelated" : "auto";
  }
}

// a rectangle of cells as an outline, never smaller than an eye can find
/** @param {View} view @param {string} id @param {"cursor" | "reach"} name @param {Box | null} box */
export function outlineCells(view, id, name, box, least = 9) {
  const { [name]: mark } = view.frames[id];
  mark.hidden = !box;
  if (!box) return;
  const [rows, cols] = stageOf(view, id).size;
  const across = view.area[0] / cols;
  const down = view.area[1] / rows;
  const width = Math.max(least, box.cols * across);
  const height = Math.max(least, box.rows * down);
  mark.style.width = `${width}px`;
  mark.style.height = `${height}px`;
  const left = (box.col + box.cols / 2) * across - width / 2;
  const top = (box.row + box.rows / 2) * down - height / 2;
  mark.style.transform = `translate(${left}px, ${top}px)`;
}
