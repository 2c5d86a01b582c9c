// The link for a class: the page's address with what it fixes. Python draws its QR code.
import { element, find } from "../../core/base.js";

/** @typedef {[name: string, word: string]} Setting its name in the link, and a word for it */

/** @param {HTMLElement} panel @param {string} name */
export function chosen(panel, name) {
  /** @type {HTMLInputElement | null} */
  const input = panel.querySelector(`input[name="${name}"]:checked`);
  return input?.value;
}

/** @param {HTMLElement} panel @param {Setting[]} settings */
function fixedNames(panel, settings) {
  if (chosen(panel, "fixed") === "all") return "all";
  if (chosen(panel, "fixed") === "none") return "";
  const names = settings.map(([name]) => name);
  return names.filter((name) => panel.querySelector(`input[value="${name}"]:checked`)).join(".");
}

/** @param {HTMLElement} panel @param {Setting[]} settings */
export function classLink(panel, settings) {
  const link = new URL(window.location.href);
  for (const parameter of ["lock", "hide", "present"]) link.searchParams.delete(parameter);
  const names = fixedNames(panel, settings);
  if (names) link.searchParams.set(chosen(panel, "hide") ? "hide" : "lock", names);
  if (chosen(panel, "present")) link.searchParams.set("present", "1");
  return link.href;
}

// what can be fixed, as boxes to tick
/** @param {HTMLElement} panel @param {Setting[]} settings */
export function listSettings(panel, settings) {
  const labels = settings.map(([name, word]) => {
    const label = element("label");
    const box = element("input");
    Object.assign(box, { type: "checkbox", value: name });
    label.append(box, word);
    return label;
  });
  find(panel, ".settings").replaceChildren(...labels);
}

// below what opened it, as far to the right as the button, within the window; in the panel's own pixels, which large
// type magnifies
/** @param {HTMLElement} panel @param {HTMLElement} opener @param {HTMLElement} button */
export function place(panel, opener, button) {
  const zoom = panel.currentCSSZoom ?? 1;
  const { bottom } = opener.getBoundingClientRect();
  const { right } = button.getBoundingClientRect();
  const width = document.documentElement.clientWidth / zoom;
  const most = width - panel.offsetWidth - 12; // of the distance to the right: the left edge is within the window
  panel.style.top = `${(bottom + 6) / zoom}px`;
  panel.style.right = `${Math.max(12, Math.min(most, width - right / zoom))}px`;
  panel.style.maxHeight = `${(window.innerHeight - bottom - 18) / zoom}px`;
}
