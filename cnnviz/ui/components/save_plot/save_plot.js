// Saves a plotly figure as its mode bar does, in either format: the mode bar's button takes the one that is set.

export function mount({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) button.onclick = () => save(data.figure, button.dataset.kind);
  parentElement.querySelector(".save-plot").onkeydown = (event) => event.stopPropagation(); // r and c are shortcuts of Streamlit's
}

function save(key, format) {
  const figure = document.querySelector(`.${key} .js-plotly-plot`), camera = figure?.querySelector('.modebar-btn[data-title^="Download"]');
  if (!camera) return; // it is still being drawn
  const options = figure._context.toImageButtonOptions, usual = options.format;
  options.format = format;
  camera.click();
  options.format = usual;
}
