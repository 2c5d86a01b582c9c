// A component in a frame of a notebook's cell: light or dark as the notebook around it, and as high as what it shows.
// Where a notebook keeps the frame from what is around it, the reader's system says which, and the frame scrolls.
import { markTheme } from "../core/base.js";
import { open } from "../core/standalone.js";

/** @import { Context } from "../core/base.js" */

/** @param {(context: Context) => unknown} mount */
export function openInFrame(mount) {
  const frame = /** @type {HTMLElement | null} */ (window.frameElement);
  if (frame) {
    markTheme(frame);
    document.documentElement.className = frame.classList.contains("dark") ? "dark" : "light";
  }
  open(mount);
  if (frame) {
    const fit = () => frame.style.setProperty("height", `${Math.ceil(document.body.getBoundingClientRect().height)}px`);
    new ResizeObserver(fit).observe(document.body);
  }
}
