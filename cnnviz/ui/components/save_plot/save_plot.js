// Saves a plotly figure as its mode bar does, in either format: the mode bar's button takes the one that is set.
import { find } from "../../core/base.js";

/** @import { Context } from "../../core/base.js" */

/** @typedef {Element & { _context: { toImageButtonOptions: { format: string } } }} Plot as plotly extends it */

/** @param {Context<{ figure: string }>} context of the class name around the figure */
export function mount({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => save(data.figure, button.dataset.kind ?? "png");
  }
  find(parentElement, ".save-plot").onkeydown = (event) => event.stopPropagation(); // Streamlit's r and c
}

/** @param {string} key @param {string} format */
function save(key, format) {
  /** @type {Plot | null} */
  const figure = document.querySelector(`.${key} .js-plotly-plot`);
  /** @type {HTMLElement | null | undefined} */
  const camera = figure?.querySelector('.modebar-btn[data-title^="Download"]');
  if (!figure || !camera) return; // it is still being drawn
  const options = figure._context.toImageButtonOptions;
  const usual = options.format;
  options.format = format;
  camera.click();
  options.format = usual;
}
