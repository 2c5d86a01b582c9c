// A picture that is dropped on the pad or chosen: its bytes go to Python, which decodes them.
import { find } from "../../core/base.js";

/**
 * @typedef {{ root: HTMLElement, files: boolean, most: number, trigger: (name: string, value: unknown) => void }} Taker
 */

/** @param {Taker} pad @param {File | undefined} file */
function bring(pad, file) {
  if (!file || !pad.files) return;
  const send = (/** @type {object} */ what) => pad.trigger("file", { name: file.name, size: file.size, ...what });
  if (file.size > pad.most) {
    send({});
    return;
  }
  const reader = new FileReader();
  reader.onload = () => send({ bytes: String(reader.result).split(",")[1] ?? "" });
  reader.onerror = () => send({ size: 0, bytes: "" });
  reader.readAsDataURL(file);
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
