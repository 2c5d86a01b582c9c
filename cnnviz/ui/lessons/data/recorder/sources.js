// Where pictures come from: the camera, the pad, or a file; and how each becomes SIDE x SIDE pixels.
import { brush } from "../../../core/base.js";

const INK = 18; // pixels of the pen, of 256

/**
 * The middle square of something that can be drawn, as RGB bytes (side, side, 3). On the way it is halved as long as it
 * is much larger, so that every pixel of it counts.
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {number} side
 * @param {boolean} mirrored
 * @param {HTMLCanvasElement} [shown] that it is drawn on, too
 * @returns {Uint8Array}
 */
export function squared(source, width, height, side, mirrored, shown) {
  const edge = Math.min(width, height);
  let size = side;
  while (size * 2 <= edge && size < 512) size *= 2;
  let canvas = document.createElement("canvas");
  Object.assign(canvas, { width: size, height: size });
  let draw = brush(canvas);
  draw.fillStyle = "#fff";
  draw.fillRect(0, 0, size, size);
  if (mirrored) {
    draw.translate(size, 0);
    draw.scale(-1, 1);
  }
  draw.imageSmoothingQuality = "high";
  draw.drawImage(source, (width - edge) / 2, (height - edge) / 2, edge, edge, 0, 0, size, size);
  while (size > side) {
    const smaller = document.createElement("canvas");
    size /= 2;
    Object.assign(smaller, { width: size, height: size });
    draw = brush(smaller, { willReadFrequently: true });
    draw.drawImage(canvas, 0, 0, size, size);
    canvas = smaller;
  }
  if (shown) brush(shown).drawImage(canvas, 0, 0, shown.width, shown.height);
  return rgb(brush(canvas).getImageData(0, 0, side, side).data);
}

/** RGBA as RGB. @param {ArrayLike<number>} data */
export function rgb(data) {
  const made = new Uint8Array((data.length / 4) * 3);
  for (let cell = 0; cell < data.length / 4; cell++)
    for (let channel = 0; channel < 3; channel++) made[3 * cell + channel] = data[4 * cell + channel];
  return made;
}

/** Bytes as base64. @param {Uint8Array} bytes */
export function encoded(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/**
 * A pad with a white pen on black.
 * @param {HTMLCanvasElement} canvas
 * @param {() => void} changed
 */
export function pad(canvas, changed) {
  const draw = brush(canvas, { willReadFrequently: true });
  let blank = true;
  /** @type {[x: number, y: number] | null} */
  let last = null;
  const wipe = () => {
    draw.fillStyle = "#000";
    draw.fillRect(0, 0, canvas.width, canvas.height);
    blank = true;
    changed();
  };
  /** @param {PointerEvent} event @returns {[number, number]} */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * canvas.width,
      ((event.clientY - box.top) / box.height) * canvas.height,
    ];
  };
  /** @param {[number, number]} from @param {[number, number]} to */
  const line = (from, to) => {
    Object.assign(draw, { strokeStyle: "#fff", lineWidth: INK, lineCap: "round", lineJoin: "round" });
    draw.beginPath();
    draw.moveTo(...from);
    draw.lineTo(to[0] + 0.01, to[1]);
    draw.stroke();
    blank = false;
    changed();
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    line(last, last);
  };
  canvas.onpointermove = (event) => {
    if (!last) return;
    const here = place(event);
    line(last, here);
    last = here;
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    last = null;
  };
  wipe();
  return { wipe, isBlank: () => blank };
}

/**
 * The camera in a video element. Resolves to '' once it runs, and to a sentence where it does not.
 * @param {HTMLVideoElement} video
 */
export async function startCamera(video) {
  if (!navigator.mediaDevices?.getUserMedia)
    return "There is no camera to be had here: a browser gives it to pages under https and to localhost alone. Take the pad, or files.";
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: 640 } });
    await video.play();
    return "";
  } catch (error) {
    const denied = error instanceof DOMException && error.name === "NotAllowedError";
    return denied
      ? "The camera was not allowed. Allow it beside the page's address, or take the pad, or files."
      : "No camera was found. Take the pad, or files.";
  }
}

/** @param {HTMLVideoElement} video */
export function stopCamera(video) {
  const stream = video.srcObject;
  if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
  video.srcObject = null;
}
