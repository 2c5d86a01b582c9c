// Save: a drawing or a picture of what is seen, made here, and a page that works offline, which Python writes.

const received = new Set(); // files that were saved; Streamlit hands over the same data more than once

// `name()` is the file's name, `picture()` an SVG element; `ask()` asks Python for the page, which comes to `receive`
export function listenToSave(root, { name, picture, ask }) {
  const details = root.querySelector(".save");
  const close = () => { details.open = false; };
  details.onclick = (event) => {
    const kind = event.target.closest("[data-save]")?.dataset.save;
    if (!kind) return;
    close();
    if (kind === "html") ask();
    else savePicture(picture(), kind, name());
  };
  details.onkeydown = (event) => { if (event.key === "Escape") close(); };
  for (const kind of ["pointerdown", "focusin"]) root.addEventListener(kind, (event) => { if (!details.contains(event.target)) close(); });
}

export function receive(file, name) {
  if (!file || received.has(file.number)) return;
  received.add(file.number);
  download(new Blob([file.text], { type: "text/html" }), `${name}.html`);
}

async function savePicture(svg, kind, name) {
  const drawing = new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" });
  download(kind === "png" ? await pixels(drawing) : drawing, `${name}.${kind}`);
}

// two pixels for one of the page, as far as a browser's canvas goes
async function pixels(drawing) {
  const image = new Image(), url = URL.createObjectURL(drawing);
  await new Promise((resolve, reject) => { Object.assign(image, { onload: resolve, onerror: reject, src: url }); });
  const canvas = document.createElement("canvas"), scale = Math.min(2, 16000 / image.width);
  Object.assign(canvas, { width: image.width * scale, height: image.height * scale });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function download(blob, file) {
  const link = document.createElement("a");
  Object.assign(link, { href: URL.createObjectURL(blob), download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
