// A list of buttons with their sentences; a click goes to Python, and the stage comes back into sight.
import { element } from "../../core/base.js";

const PATIENCE = 1500; // milliseconds until what was chosen has been drawn

// who has chosen by key goes on there, as soon as it is drawn: where one types, or else at the first button
function follow(selector) {
  const observer = new MutationObserver(() => {
    const place = document.querySelector(`${selector} input`) ?? document.querySelector(`${selector} button`);
    if (place && place !== document.activeElement) place.focus({ preventScroll: true });
  });
  const stop = () => observer.disconnect();
  observer.observe(document.body, { subtree: true, childList: true });
  addEventListener("keydown", stop, { once: true, capture: true });
  setTimeout(stop, PATIENCE);
}

export function mount({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".tries");
  list.replaceChildren(
    ...data.tries.map(([label, sentence]) => {
      const item = element("li"), button = element("button", "", label), text = element("span", "", sentence);
      button.type = "button";
      button.disabled = data.disabled.includes(label);
      button.onclick = (event) => {
        setTriggerValue("chosen", label);
        document.querySelector(`.${data.stage}`)?.scrollIntoView({ behavior: "smooth", block: "center" });
        if (data.panel && event.detail === 0) follow(`.${data.panel}`);
      };
      item.append(button, text);
      return item;
    }),
  );
}
