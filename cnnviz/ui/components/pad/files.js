// A picture that is dropped on the pad or chosen. A small file goes to Python as it is; a large one is made small here
// first, upright, for no message may be larger than 2 MB (.streamlit/config.toml). Python reads it at 256 pixels.
import { find } from "../../core/base.js";

/**
 * @typedef {{ root: HTMLElement, files: boolean, most: number, trigger: (name: string, value: unknown) => void }} Taker
 */

const SMALL = 500_000; // bytes of a file that is sent as it is
const MOST = 700_000; // of one that was made small; as text it takes a third more
const SIDES = [1600, 1200, 800, 500]; // pixels along the longer side, the first that gives few enough bytes
const QUALITY = 0.92;

/** @param {number} width @param {number} height @param {number} side @returns {[width: number, height: number]} */
export function fitted(width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** @param {ImageBitmap} picture @param {number} side @returns {Promise<Blob | null>} */
function drawn(picture, side) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = fitted(picture.width, picture.height, side);
  const context = canvas.getContext("2d");
  if (!context) return Promise.resolve(null);
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white"; // what is transparent lies on white, as in Python
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

// Throws where the browser cannot read the file as a picture.
/** @param {Blob} file */
async function madeSmall(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    for (const side of SIDES) {
      const small = await drawn(picture, side);
      if (small && small.size <= MOST) return small;
    }
  } finally {
    picture.close();
  }
  throw new Error("the picture cannot be made small");
}

/** @param {Blob} blob @returns {Promise<string>} */
function asText(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

// Without bytes Python says what is wrong: too large, or no picture for this browser.
/** @param {Taker} pad @param {File | undefined} file */
async function bring(pad, file) {
  if (!file || !pad.files) return;
  const about = { name: file.name.slice(0, 200), size: file.size };
  try {
    const small = file.size <= SMALL ? file : file.size <= pad.most ? await madeSmall(file) : null;
    pad.trigger("file", small ? { ...about, bytes: await asText(small) } : about);
  } catch {
    pad.trigger("file", about);
  }
}

/** @param {Taker} pad */
export function takeFiles(pad) {
  /** @type {HTMLInputElement} */
  const chooser = find(pad.root, ".file");
  find(pad.root, ".picture").onclick = () => chooser.click();
  chooser.onchange = () => {
    bring(pad, chooser.files?.[0]);
    chooser.value = "";
  };
  const over = (/** @type {boolean} */ is) => (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    pad.root.classList.toggle("over", is);
  };
  pad.root.ondragover = over(true);
  pad.root.ondragleave = over(false);
  pad.root.ondrop = (event) => {
    over(false)(event);
    bring(pad, event.dataTransfer?.files[0]);
  };
}
