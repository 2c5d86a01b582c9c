// 'Copy link', and the panel that makes a link for a class.
import { chosen, classLink, listSettings, place } from "./class.js";

const opened = new WeakSet();

// on a phone the menu lies over the page; Streamlit leaves it open when a page was chosen in it
function closeMenu() {
  const button = document.querySelector('[data-testid="stSidebarCollapseButton"] button[aria-expanded="true"]');
  if (button && window.matchMedia("(max-width: 768px)").matches) button.click();
}

// Copies a link. Where the browser keeps the clipboard from us (plain http), shows it in `address`, selected.
async function copy(link, button, address, said) {
  const usual = button.usual ?? (button.usual = button.textContent);
  const say = (text) => {
    button.textContent = text;
    said.textContent = text;
    clearTimeout(button.timer);
    button.timer = setTimeout(() => { button.textContent = usual; said.textContent = ""; }, 2000);
  };
  try {
    await navigator.clipboard.writeText(link);
    say(usual === "Copy" ? "Copied" : "Link copied");
  } catch {
    address.value = link;
    address.hidden = false;
    address.select();
    say("Press Ctrl+C");
  }
}

export function mount({ data, parentElement, setStateValue }) {
  const find = (selector) => parentElement.querySelector(selector);
  const panel = find("#panel"), button = find(".share"), address = find(".address"), said = find(".said"), made = find(".made");
  if (!opened.has(parentElement)) closeMenu();
  opened.add(parentElement);
  button.onclick = () => copy(window.location.href, button, address, said);
  find(".copy").onclick = () => copy(made.value, find(".copy"), made, said);
  address.onkeydown = (event) => event.stopPropagation();
  find(".class").onkeydown = (event) => { // Streamlit and the presenter view have keys of their own
    if (panel.matches(":popover-open")) event.stopPropagation();
  };

  const show = () => {
    const open = panel.matches(":popover-open");
    if (open) place(panel, find(".open"));
    if (open && !find(".settings").children.length) listSettings(panel, data.settings);
    find(".choice").hidden = !data.settings.length;
    find(".settings").hidden = chosen(panel, "fixed") !== "some";
    find(".hide").hidden = chosen(panel, "fixed") === "none";
    made.value = open ? classLink(panel, data.settings) : "";
    const known = data.link === made.value;
    const code = known ? data.code : "";
    find(".code img").src = code ? `data:image/svg+xml,${encodeURIComponent(code)}` : "";
    find(".code").hidden = !code;
    find(".why").textContent = known ? data.why : "";
    if (open && !known) setStateValue("link", made.value);
  };
  panel.onchange = show;
  panel.onbeforetoggle = (event) => { if (event.newState === "open") place(panel, find(".open")); };
  panel.ontoggle = () => { panel.classList.remove("large"); show(); };
  find(".code").onclick = () => panel.classList.toggle("large");
  show();
  return () => clearTimeout(button.timer);
}
