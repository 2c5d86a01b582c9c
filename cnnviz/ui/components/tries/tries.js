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
      button.onclick = () => {
        setTriggerValue("chosen", label);
        document.querySelector(`.${data.stage}`)?.scrollIntoView({ behavior: "smooth", block: "center" });
      };
      text.textContent = sentence;
      item.append(button, text);
      return item;
    }),
  );
}
