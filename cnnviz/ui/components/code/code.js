// Code to read; a button copies it.
import { element } from "../../core/base.js";

export function mount({ data, parentElement }) {
  const place = parentElement.querySelector("code"), button = parentElement.querySelector(".copy"), said = parentElement.querySelector(".said");
  place.replaceChildren(...data.parts.map(([kind, text]) => (kind ? element("span", kind, text) : text)));
  button.onclick = async () => {
    const done = await copied(place);
    button.textContent = said.textContent = done;
    clearTimeout(button.timer);
    button.timer = setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2000);
  };
}

// Where the browser keeps the clipboard from us (plain http), selects the code instead.
async function copied(place) {
  try {
    await navigator.clipboard.writeText(place.textContent);
    return "Copied";
  } catch {
    getSelection().selectAllChildren(place);
    return "Press Ctrl+C";
  }
}
