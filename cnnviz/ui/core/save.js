// Save: a drawing or a picture of what is seen, made here, and a page that works offline, which Python writes.
import { brush, closest, element, find } from "./base.js";

/**
 * @typedef {{ number: string, text: string } | null} Saved a page that Python has written, where it was just asked for
 */

/** @type {Set<string>} */
const received = new Set(); // files that were saved; Streamlit hands over the same data more than once

/**
 * `name()` is the file's name; `ask()` asks Python for the page, which comes to `receive`.
 * @param {HTMLElement} root
 * @param {{ name: () => string, picture: () => SVGSVGElement, ask: () => void }} what
 */
export function listenToSave(root, { name, picture, ask }) {
  /** @type {HTMLDetailsElement} */
  const details = find(root, ".save");
  const close = () => {
    details.open = false;
  };
  details.onclick = (event) => {
    const kind = closest(event, "[data-save]")?.dataset.save;
    if (!kind) return;
    close();
    if (kind === "html") ask();
    else savePicture(picture(), kind, name());
  };
  details.onkeydown = (event) => {
    if (event.key === "Escape") close();
  };
  for (const kind of ["pointerdown", "focusin"]) {
    root.addEventListener(kind, ({ target }) => {
      if (!details.contains(/** @type {Node} */ (target))) close();
    });
  }
}

/** @param {Saved} file @param {string} name */
export function receive(file, name) {
  if (!file || received.has(file.number)) return;
  received.add(file.number);
  download(new Blob([file.text], { type: "text/html" }), `${name}.html`);
}

/** @param {SVGSVGElement} svg @param {string} kind svg or png @param {string} name */
async function savePicture(svg, kind, name) {
  const drawing = new Blob([new XMLSerializer().serializeToString(svg)], {
    type: "image/svg+xml",
  });
  const blob = kind === "png" ? await pixels(drawing) : drawing;
  if (blob) download(blob, `${name}.${kind}`);
}

// two pixels for one of the page, as far as a browser's canvas goes
/** @param {Blob} drawing @returns {Promise<Blob | null>} */
async function pixels(drawing) {
  const image = new Image();
  const url = URL.createObjectURL(drawing);
  await new Promise((resolve, reject) => {
    Object.assign(image, { onload: resolve, onerror: reject, src: url });
  });
  const canvas = element("canvas");
  const scale = Math.min(2, 16000 / image.width);
  Object.assign(canvas, {
    width: image.width * scale,
    height: image.height * scale,
  });
  brush(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** @param {Blob} blob @param {string} file */
function download(blob, file) {
  const link = element("a");
  Object.assign(link, { href: URL.createObjectURL(blob), download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
