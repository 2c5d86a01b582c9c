// Presenter view: buttons, and keys of the whole page. Python turns the pages.

const listening = new WeakMap();

const TURNS = { ArrowLeft: "previous", ArrowRight: "next", PageUp: "previous", PageDown: "next" };
const TAKES_KEYS = 'input, textarea, select, [contenteditable="true"], [role="slider"], [role="combobox"], [role="listbox"], [role="tab"], .cell';

// what a key does here; the keys of whoever is typed into, stepped or opened are theirs
function actionOf(event, data) {
  if (event.repeat || event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return null;
  if (event.composedPath().some((node) => node.matches?.(TAKES_KEYS))) return null;
  if (event.key === "p") return data.on ? "leave" : "present";
  if (!data.on) return null;
  return event.key === "Escape" ? "leave" : TURNS[event.key] ?? null;
}

// A clicker sends PageUp and PageDown wherever the focus is, so these are taken on their way down; an arrow on its way
// up, when a stage that steps by it would have kept it.
function listen(parentElement) {
  const keys = { data: null, act: null };
  const take = (event) => {
    const page = event.key === "PageUp" || event.key === "PageDown";
    if (page !== (event.eventPhase === Event.CAPTURING_PHASE)) return;
    const action = actionOf(event, keys.data);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    keys.act(action);
  };
  window.addEventListener("keydown", take, true);
  document.addEventListener("keydown", take);
  keys.stop = () => {
    window.removeEventListener("keydown", take, true);
    document.removeEventListener("keydown", take);
  };
  listening.set(parentElement, keys);
  return keys;
}

export function mount({ data, parentElement, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector);
  const keys = listening.get(parentElement) ?? listen(parentElement);
  keys.data = data;
  keys.act = (action) => { if (["present", "leave"].includes(action) || data[action]) setTriggerValue("action", action); };
  find(".begin").hidden = data.on;
  find(".bar").hidden = !data.on;
  find(".lesson").hidden = !data.place;
  find(".number").textContent = data.place ? `${data.place} of ${data.total}` : `${data.total} lessons`;
  for (const [side, key] of [["previous", "←"], ["next", "→"]]) {
    const button = find(`[data-action="${side}"]`);
    button.disabled = !data[side];
    button.title = data[side] ? `${data[side]} (${key})` : "";
    button.setAttribute("aria-label", data[side] ? `${side === "next" ? "Next" : "Previous"}: ${data[side]}` : `No ${side} lesson`);
  }
  for (const button of parentElement.querySelectorAll("[data-action]")) button.onclick = () => keys.act(button.dataset.action);
  return () => { keys.stop(); listening.delete(parentElement); };
}
