// Bytes to colours: 128 is zero, one scale a step or one for all.
const ENDS = ["--negative-end", "--negative-middle", "--zero", "--positive-middle", "--positive-end"];
const parsed = (text) => [1, 3, 5].map((at) => parseInt(text.trim().slice(at, at + 2), 16));

// 256 colours, of which a step with a smaller range uses the middle ones
function colours(root) {
  const style = getComputedStyle(root), stops = ENDS.map((name) => parsed(style.getPropertyValue(name)));
  return (share) => {
    const along = 2 + 2 * Math.max(-1, Math.min(1, share)), from = Math.min(3, Math.floor(along)), part = along - from;
    return stops[from].map((value, n) => value + (stops[from + 1][n] - value) * part);
  };
}

// all maps of a step, one below the other at one pixel a cell
function sheet(bytes, rows, cols, stretch, colour) {
  const table = Array.from({ length: 256 }, (_, byte) => colour(((byte - 128) / 127) * stretch));
  const canvas = document.createElement("canvas"), image = new ImageData(cols, rows);
  Object.assign(canvas, { width: cols, height: rows });
  for (let at = 0; at < rows * cols; at++) image.data.set([...table[bytes[at]], 255], 4 * at);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function pictureSheet(picture, [rows, cols, channels]) {
  const canvas = document.createElement("canvas"), image = new ImageData(cols, rows);
  Object.assign(canvas, { width: cols, height: rows });
  for (let at = 0; at < rows * cols; at++) {
    const pixel = [0, 1, 2].map((c) => picture[at * channels + (channels === 3 ? c : 0)]);
    image.data.set([...pixel, 255], 4 * at);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function isDark(element) {
  const [r, g, b] = getComputedStyle(element).color.match(/[\d.]+/g).map(Number);
  return r + g + b > 382;
}
