// One image with its numbers: a pointer or the arrow keys choose a pixel, and its neighbours are written out.
import { clamp, divergingScale, element, find, paint, pixels, STEPS } from "../../../core/base.js";
import { address, imagesOf } from "./fetched.js";

/** @typedef {{ mean: number[], std: number[], words: string }} Seen */
/** @typedef {{ values: Uint8ClampedArray, size: readonly [rows: number, cols: number, channels: number], index: number,
 *   label: number }} Picture its values in reading order, (H, W, C) */

// pixels to each side of the chosen one whose numbers are written out, so that three channels stand beside one another
const reachOf = (/** @type {number} */ channels) => (channels === 1 ? 3 : 2);
const CHANNELS = ["red", "green", "blue"];
const SPREAD = 3; // deviations at which a normalised number has the strongest colour

/**
 * The pixels of one image, exactly as they are.
 * @param {string} base
 * @param {number} index
 * @param {readonly [rows: number, cols: number, channels: number]} size
 * @returns {Promise<Picture>}
 */
export async function fetched(base, index, size) {
  const response = await fetch(address(`${base}/${index}.png`));
  if (!response.ok) throw new Error(`${response.status}`);
  const [[found], [label]] = imagesOf(response);
  const bitmap = await createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  brush.drawImage(bitmap, 0, 0);
  const { data } = brush.getImageData(0, 0, bitmap.width, bitmap.height);
  const channels = size[2];
  const values = new Uint8ClampedArray(size[0] * size[1] * channels);
  for (let cell = 0; cell < size[0] * size[1]; cell++)
    for (let channel = 0; channel < channels; channel++) values[cell * channels + channel] = data[4 * cell + channel];
  return { values, size, index: found, label };
}

/** A pixel after normalisation. @param {number} value from 0 to 255 @param {Seen} seen @param {number} channel */
export const normalised = (value, seen, channel) => (value / 255 - seen.mean[channel]) / seen.std[channel];

/**
 * The numbers around a pixel, null where there is no pixel: rows from top to bottom.
 * @param {Picture} picture
 * @param {readonly [row: number, column: number]} at
 * @param {number} channel
 * @returns {(number | null)[][]}
 */
export function around({ values, size: [rows, cols, channels] }, [row, column], channel) {
  const reach = reachOf(channels);
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, place) => place - reach);
  return offsets.map((down) =>
    offsets.map((right) => {
      const [y, x] = [row + down, column + right];
      const inside = y >= 0 && x >= 0 && y < rows && x < cols;
      return inside ? values[(y * cols + x) * channels + channel] : null;
    }),
  );
}

/** @param {number} value */
const short = (value) => (Math.abs(value) < 0.0005 ? 0 : value).toFixed(3).replace("-", "−");

/**
 * @param {ParentNode} root
 * @param {Picture} picture
 * @param {string[]} classes
 * @param {Seen} seen
 * @param {string} named
 * @param {{ index: number, at: [row: number, column: number] } | null} same which pixel of which image was chosen before
 */
export function drawSpecimen(root, picture, classes, seen, named, same) {
  const { values, size, index, label } = picture;
  const [rows, cols, channels] = size;
  const canvas = /** @type {HTMLCanvasElement} */ (find(root, ".stage .picture"));
  const lens = find(root, ".lens");
  paint(canvas, [rows, cols], pixels(values, channels));
  find(root, ".name").textContent = `${named} ${index.toLocaleString("en")}: ${classes[label] ?? label}`;
  const keys = "The arrow keys go from pixel to pixel.";
  canvas.setAttribute("aria-label", `Image ${index}, ${rows} by ${cols} pixels, of class ${classes[label]}. ${keys}`);
  drawChannels(find(root, ".channels"), picture);
  drawNormalised(root, picture, seen);

  let at = same?.index === index ? same.at : brightest(picture);
  const show = () => {
    const [row, column] = at;
    const box = canvas.getBoundingClientRect();
    const side = box.width / cols;
    const reach = reachOf(channels);
    Object.assign(lens.style, {
      left: `${Math.max(0, column - reach) * side}px`,
      top: `${Math.max(0, row - reach) * side}px`,
      width: `${(Math.min(cols, column + reach + 1) - Math.max(0, column - reach)) * side}px`,
      height: `${(Math.min(rows, row + reach + 1) - Math.max(0, row - reach)) * side}px`,
    });
    const own = Array.from({ length: channels }, (_, channel) => values[(row * cols + column) * channels + channel]);
    const is = channels === 1 ? own[0] : own.map((value, channel) => `${CHANNELS[channel]} ${value}`).join(", ");
    find(root, ".pixel").textContent = `Row ${row}, column ${column}: ${is}`;
    find(root, ".numbers").replaceChildren(...own.map((_, channel) => table(picture, at, channel)));
    find(root, ".formula").textContent = own.map((value, channel) => formula(value, seen, channel)).join("; ");
    find(root, ".formula").append(element("br"), element("small", "", seen.words));
  };
  /** @param {PointerEvent} event */
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    at = [
      clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1),
      clamp(Math.floor(((event.clientX - box.left) / box.width) * cols), 0, cols - 1),
    ];
    show();
  };
  canvas.onpointermove = point;
  canvas.onpointerdown = point;
  canvas.onkeydown = (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    at = [clamp(at[0] + step[0], 0, rows - 1), clamp(at[1] + step[1], 0, cols - 1)];
    show();
  };
  show();
  return { show, chosen: () => ({ index, at }) };
}

/** Where the first of the brightest pixels is. @param {Picture} picture @returns {[row: number, column: number]} */
function brightest({ values, size: [, cols, channels] }) {
  let best = 0;
  for (let place = 0; place < values.length; place += channels) if (values[place] > values[best]) best = place;
  return [Math.floor(best / channels / cols), (best / channels) % cols];
}

/** @param {number} value @param {Seen} seen @param {number} channel */
function formula(value, seen, channel) {
  const [mean, std] = [seen.mean[channel], seen.std[channel]];
  const off = mean ? ` − ${mean.toPrecision(3)}` : "";
  const by = std === 1 ? "" : ` ÷ ${std.toPrecision(3)}`;
  const scaled = `${value} ÷ 255${off}`;
  return `${by ? `(${scaled})` : scaled}${by} = ${short(normalised(value, seen, channel))}`;
}

/** @param {Picture} picture @param {readonly [number, number]} at @param {number} channel */
function table(picture, at, channel) {
  const made = element("table");
  if (picture.size[2] > 1) made.append(element("caption", "", CHANNELS[channel]));
  const reach = reachOf(picture.size[2]);
  around(picture, at, channel).forEach((row, down) => {
    const line = made.insertRow();
    row.forEach((value, right) => {
      const cell = line.insertCell();
      if (value === null) return;
      cell.textContent = String(value);
      const part = (/** @type {number} */ c) => (picture.size[2] === 1 || c === channel ? value : 0);
      cell.style.background = `rgb(${part(0)} ${part(1)} ${part(2)})`;
      cell.style.color = 0.3 * part(0) + 0.59 * part(1) + 0.11 * part(2) > 110 ? "#000" : "#fff";
      cell.classList.toggle("here", down === reach && right === reach);
    });
  });
  return made;
}

/** Each channel as a picture of its own. @param {HTMLElement} place @param {Picture} picture */
function drawChannels(place, { values, size: [rows, cols, channels] }) {
  place.hidden = channels === 1;
  place.replaceChildren(
    ...Array.from({ length: channels === 1 ? 0 : channels }, (_, channel) => {
      const figure = element("figure");
      const canvas = element("canvas", "picture");
      paint(canvas, [rows, cols], (cell) => {
        const value = values[cell * channels + channel];
        return [value, value, value];
      });
      figure.append(canvas, element("figcaption", "", `${channel}: ${CHANNELS[channel]}`));
      return figure;
    }),
  );
}

/** The image as the network sees it; of three channels their mean. @param {ParentNode} root @param {Picture} picture
 * @param {Seen} seen */
function drawNormalised(root, { values, size: [rows, cols, channels] }, seen) {
  const around = find(root, ".normalised");
  const scale = divergingScale(around);
  paint(/** @type {HTMLCanvasElement} */ (find(around, "canvas")), [rows, cols], (cell) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      sum += normalised(values[cell * channels + channel], seen, channel);
    return scale(sum / channels / SPREAD);
  });
  find(around, ".low").textContent = `−${SPREAD}`;
  find(around, ".high").textContent = `${SPREAD}`;
}
