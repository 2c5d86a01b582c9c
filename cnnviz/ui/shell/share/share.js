// 'Copy link', and the panel that makes a link for a class; it opens by itself where the link is a long one.
import { find } from "../../core/base.js";
import { chosen, classLink, listSettings, place } from "./class.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Setting } from "./class.js" */

/**
 * @typedef {object} Data
 * @property {Setting[]} settings
 * @property {number} long letters of a link from which on not everybody can take it
 * @property {string} link of which the rest says something
 * @property {string} code its QR code
 * @property {string} why why there is none
 * @property {string} text what makes it long, as a file; '' where it is not, or by other settings
 */

const opened = new WeakSet();

/** @type {WeakMap<HTMLElement, { usual: string, timer: number }>} */
const buttons = new WeakMap(); // what they say, until when they say something else

// on a phone the menu lies over the page; Streamlit leaves it open when a page was chosen in it
function closeMenu() {
  /** @type {HTMLElement | null} */
  const button = document.querySelector('[data-testid="stSidebarCollapseButton"] button[aria-expanded="true"]');
  if (button && window.matchMedia("(max-width: 768px)").matches) button.click();
}

// Copies a link. Where the browser keeps the clipboard from us (plain http), shows it in `address`, selected.
/** @param {string} link @param {HTMLElement} button @param {HTMLInputElement} address @param {HTMLElement} said */
async function copy(link, button, address, said) {
  const { usual, timer } = buttons.get(button) ?? { usual: button.textContent ?? "", timer: 0 };
  const say = (/** @type {string} */ text) => {
    button.textContent = text;
    said.textContent = text;
    clearTimeout(timer);
    const again = () => {
      button.textContent = usual;
      said.textContent = "";
    };
    buttons.set(button, { usual, timer: setTimeout(again, 2000) });
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

/** @param {Context<Data>} context */
export function mount({ data, parentElement, setStateValue }) {
  const panel = find(parentElement, "#panel");
  const button = find(parentElement, ".share");
  const copyButton = find(panel, ".copy");
  const code = find(panel, ".code");
  const said = find(parentElement, ".said");
  /** @type {HTMLInputElement} */
  const address = find(parentElement, ".address");
  /** @type {HTMLInputElement} */
  const made = find(panel, ".made");
  /** @type {HTMLAnchorElement} */
  const file = find(panel, ".file");
  const isOpen = () => panel.matches(":popover-open");
  if (!opened.has(parentElement)) closeMenu();
  opened.add(parentElement);
  button.onclick = async () => {
    await copy(window.location.href, button, address, said);
    if (window.location.href.length > data.long && !isOpen()) panel.showPopover();
  };
  copyButton.onclick = () => copy(made.value, copyButton, made, said);
  address.onkeydown = (event) => event.stopPropagation();
  const all = find(parentElement, ".class");
  all.onkeydown = (event) => {
    if (isOpen()) event.stopPropagation(); // Streamlit and the presenter view have keys of their own
  };

  const below = () => place(panel, all, find(parentElement, ".open"));
  const show = () => {
    if (isOpen()) below();
    if (isOpen() && !find(panel, ".settings").children.length) listSettings(panel, data.settings);
    find(panel, ".choice").hidden = !data.settings.length;
    find(panel, ".settings").hidden = chosen(panel, "fixed") !== "some";
    find(panel, ".hide").hidden = chosen(panel, "fixed") === "none";
    made.value = isOpen() ? classLink(panel, data.settings) : "";
    const known = data.link === made.value;
    const drawn = known ? data.code : "";
    find(code, "img").setAttribute("src", drawn ? `data:image/svg+xml,${encodeURIComponent(drawn)}` : "");
    code.hidden = !drawn;
    find(panel, ".why").textContent = known ? data.why : "";
    file.href = `data:text/x-python;charset=utf-8,${encodeURIComponent(data.text)}`;
    file.hidden = !(known && data.text);
    if (isOpen() && !known) setStateValue("link", made.value);
  };
  panel.onchange = show;
  panel.onbeforetoggle = (event) => {
    if (event.newState === "open") below();
  };
  panel.ontoggle = () => {
    panel.classList.remove("large");
    show();
  };
  code.onclick = () => panel.classList.toggle("large");
  show();
  return () => clearTimeout(buttons.get(button)?.timer);
}
