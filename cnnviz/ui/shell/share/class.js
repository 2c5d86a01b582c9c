// The link for a class: the page's address with what it fixes. Python draws its QR code.
import { element } from "../../core/base.js";

export const chosen = (panel, name) => panel.querySelector(`input[name="${name}"]:checked`)?.value;

function fixedNames(panel, settings) {
  if (chosen(panel, "fixed") === "all") return "all";
  if (chosen(panel, "fixed") === "none") return "";
  return settings.map(([name]) => name).filter((name) => panel.querySelector(`input[value="${name}"]`).checked).join(".");
}

export function classLink(panel, settings) {
  const link = new URL(window.location.href);
  for (const parameter of ["lock", "hide", "present"]) link.searchParams.delete(parameter);
  const names = fixedNames(panel, settings);
  if (names) link.searchParams.set(chosen(panel, "hide") ? "hide" : "lock", names);
  if (chosen(panel, "present")) link.searchParams.set("present", "1");
  return link.href;
}

// what can be fixed, as boxes to tick
export function listSettings(panel, settings) {
  panel.querySelector(".settings").replaceChildren(
    ...settings.map(([name, word]) => {
      const label = element("label"), box = element("input");
      Object.assign(box, { type: "checkbox", value: name });
      label.append(box, word);
      return label;
    }),
  );
}

// below the button and within the window, in the panel's own pixels, which large type magnifies
export function place(panel, button) {
  const zoom = panel.currentCSSZoom ?? 1, edge = button.getBoundingClientRect();
  panel.style.top = `${(edge.bottom + 6) / zoom}px`;
  panel.style.right = `${Math.max(12, (document.documentElement.clientWidth - edge.right) / zoom)}px`;
  panel.style.maxHeight = `${(window.innerHeight - edge.bottom - 18) / zoom}px`;
}
