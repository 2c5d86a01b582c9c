// What is on the pad: strokes, one over the other.
import { brush, element } from "../../core/base.js";

/** @typedef {{ width: number, erases: boolean, points: [x: number, y: number][] }} Line in units of the pad's side */
/**
 * @typedef {{ clears: true, mask?: HTMLCanvasElement }} Wipe of what came before; the opacity of `mask` is ink in its
 *   place
 */
/** @typedef {Line | Wipe} Stroke */

/** @param {Stroke} stroke @returns {stroke is Wipe} */
const wipes = (stroke) => "clears" in stroke;

/** @param {Stroke[]} strokes */
const visible = (strokes) => strokes.slice(Math.max(0, strokes.findLastIndex(wipes)));

/** @param {Stroke[]} strokes */
export const isBlank = (strokes) => !visible(strokes).some((stroke) => (wipes(stroke) ? stroke.mask : !stroke.erases));

// whether there is a picture and nothing was drawn on it
/** @param {Stroke[]} strokes */
export function isPicture(strokes) {
  const [first, ...others] = visible(strokes);
  return Boolean(first && wipes(first) && first.mask) && !others.length;
}

// the part of a stroke from point `from` on, `side` pixels to the unit
/** @param {CanvasRenderingContext2D} context @param {number} side @param {Line} stroke */
export function ink(context, side, stroke, from = 0) {
  const [first, ...rest] = stroke.points.slice(Math.max(0, from - 1));
  context.globalCompositeOperation = stroke.erases ? "destination-out" : "source-over";
  context.lineWidth = stroke.width * side;
  Object.assign(context, { lineCap: "round", lineJoin: "round" });
  context.beginPath();
  context.moveTo(first[0] * side, first[1] * side);
  if (!rest.length) context.lineTo(first[0] * side + 0.01, first[1] * side);
  for (const [x, y] of rest) context.lineTo(x * side, y * side);
  context.stroke();
}

// a picture as large as it fits, in the middle, in the colour of the ink
/** @param {CanvasRenderingContext2D} context @param {number} side @param {HTMLCanvasElement} mask */
function stamp(context, side, mask) {
  const scale = side / Math.max(mask.width, mask.height);
  const width = mask.width * scale;
  const height = mask.height * scale;
  context.globalCompositeOperation = "source-over";
  context.drawImage(mask, (side - width) / 2, (side - height) / 2, width, height);
  context.globalCompositeOperation = "source-in"; // it is the first: there is nothing else yet
  context.fillStyle = context.strokeStyle;
  context.fillRect(0, 0, side, side);
}

/** @param {CanvasRenderingContext2D} context @param {number} side @param {Stroke[]} strokes @param {string} colour */
export function inkAll(context, side, strokes, colour) {
  context.clearRect(0, 0, side, side);
  context.strokeStyle = colour;
  for (const stroke of visible(strokes)) {
    if (!wipes(stroke)) ink(context, side, stroke);
    else if (stroke.mask) stamp(context, side, stroke.mask);
  }
}

// bytes of ink as a canvas that is opaque where they are
/** @param {{ shape: number[], ink: string }} stamp rows and columns; its bytes in base64 */
export function maskOf({ shape: [rows, cols], ink: text }) {
  const canvas = Object.assign(element("canvas"), { width: cols, height: rows });
  const image = new ImageData(cols, rows);
  for (const [i, byte] of [...atob(text)].entries()) image.data[4 * i + 3] = byte.charCodeAt(0);
  brush(canvas).putImageData(image, 0, 0);
  return canvas;
}

// the strokes as a picture of `size` x `size` bytes of ink
/** @param {Stroke[]} strokes @param {number} size */
export function pictureOf(strokes, size) {
  const canvas = Object.assign(element("canvas"), { width: size, height: size });
  const context = brush(canvas, { willReadFrequently: true });
  inkAll(context, size, strokes, "#000");
  const pixels = context.getImageData(0, 0, size, size).data;
  return Uint8Array.from({ length: size * size }, (_, at) => pixels[4 * at + 3]);
}
