const PATIENCE = 1500; // milliseconds until what was chosen has been drawn

// who has chosen by key goes on there, as soon as it is drawn
function follow(selector) {
  const observer = new MutationObserver(() => {
    const place = document.querySelector(selector);
    if (place && !place.contains(document.activeElement)) place.querySelector("input, button")?.focus({ preventScroll: true });
  });
  observer.observe(document.body, { subtree: true, childList: true });
  setTimeout(() => observer.disconnect(), PATIENCE);
}

// A list of buttons with their sentences; a click goes to Python, and the stage comes back into sight.
export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".tries");
  list.replaceChildren(
    ...data.tries.map(([label, sentence]) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      const text = document.createElement("span");
      button.type = "button";
      button.textContent = label;
      button.disabled = data.disabled.includes(label);
      button.onclick = (event) => {
        setTriggerValue("chosen", label);
        document.querySelector(`.${data.stage}`)?.scrollIntoView({ behavior: "smooth", block: "center" });
        if (data.panel && event.detail === 0) follow(`.${data.panel}`);
      };
      text.textContent = sentence;
      item.append(button, text);
      return item;
    }),
  );
}
