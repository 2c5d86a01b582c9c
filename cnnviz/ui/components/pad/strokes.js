// Strokes: a list of {width, erases, points} in units of the pad's side. {clears: true} wipes what came before it.
const visible = (strokes) => strokes.slice(strokes.findLastIndex((stroke) => stroke.clears) + 1);

const isBlank = (strokes) => !visible(strokes).some((stroke) => !stroke.erases);

// the part of a stroke from point `from` on, `side` pixels to the unit
function ink(context, side, stroke, from = 0) {
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

function inkAll(context, side, strokes, colour) {
  context.clearRect(0, 0, side, side);
  context.strokeStyle = colour;
  for (const stroke of visible(strokes)) ink(context, side, stroke);
}

// the strokes as a picture of `size` x `size` bytes of ink, in base64
function pictureOf(strokes, size) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  inkAll(context, size, strokes, "#000");
  const pixels = context.getImageData(0, 0, size, size).data;
  let bytes = "";
  for (let i = 3; i < pixels.length; i += 4) bytes += String.fromCharCode(pixels[i]);
  return btoa(bytes);
}
