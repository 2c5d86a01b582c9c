// Strokes: a list of {width, erases, points} in units of the pad's side. {clears: true} wipes what came before it, and
// with a `mask` (a canvas whose opacity is ink) puts that picture in its place.
const visible = (strokes) => strokes.slice(Math.max(0, strokes.findLastIndex((stroke) => stroke.clears)));

export const isBlank = (strokes) => !visible(strokes).some((stroke) => stroke.mask || stroke.points && !stroke.erases);

// whether there is a picture and nothing was drawn on it
export const isPicture = (strokes) => visible(strokes).length === 1 && Boolean(visible(strokes)[0].mask);

// the part of a stroke from point `from` on, `side` pixels to the unit
export function ink(context, side, stroke, from = 0) {
  const [first, ...rest] = stroke.points.slice(Math.max(0, from - 1));
  context.globalCompositeOperation = stroke.erases ? "destination-out" : "source-over";
  context.lineWidth = stroke.width * side;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(first[0] * side, first[1] * side);
  if (!rest.length) context.lineTo(first[0] * side + 0.01, first[1] * side);
  for (const [x, y] of rest) context.lineTo(x * side, y * side);
  context.stroke();
}

// a picture as large as it fits, in the middle, in the colour of the ink
function stamp(context, side, mask) {
  const scale = side / Math.max(mask.width, mask.height), width = mask.width * scale, height = mask.height * scale;
  context.globalCompositeOperation = "source-over";
  context.drawImage(mask, (side - width) / 2, (side - height) / 2, width, height);
  context.globalCompositeOperation = "source-in"; // it is the first: there is nothing else yet
  context.fillStyle = context.strokeStyle;
  context.fillRect(0, 0, side, side);
}

export function inkAll(context, side, strokes, colour) {
  context.clearRect(0, 0, side, side);
  context.strokeStyle = colour;
  for (const stroke of visible(strokes)) {
    if (stroke.mask) stamp(context, side, stroke.mask);
    else if (stroke.points) ink(context, side, stroke);
  }
}

// bytes of ink as a canvas that is opaque where they are
export function maskOf({ shape: [rows, cols], ink: text }) {
  const canvas = document.createElement("canvas"), image = new ImageData(cols, rows);
  canvas.width = cols;
  canvas.height = rows;
  Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)).forEach((value, i) => (image.data[4 * i + 3] = value));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// the strokes as a picture of `size` x `size` bytes of ink, in base64
export function pictureOf(strokes, size) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  inkAll(context, size, strokes, "#000");
  const pixels = context.getImageData(0, 0, size, size).data;
  let bytes = "";
  for (let i = 3; i < pixels.length; i += 4) bytes += String.fromCharCode(pixels[i]);
  return btoa(bytes);
}
