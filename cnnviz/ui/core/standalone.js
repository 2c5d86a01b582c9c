// A component in a saved file: what it shows stands in the document, and there is nobody to tell anything.
import { markTheme } from "./base.js";

const nobody = () => {};

export function open(mount) {
  const { textContent, type } = document.getElementById("data");
  const data = type.endsWith("json") ? JSON.parse(textContent) : Uint8Array.from(atob(textContent), (one) => one.charCodeAt(0));
  const parentElement = document.getElementById("component").attachShadow({ mode: "open" });
  parentElement.append(document.getElementById("parts").content);
  markTheme(parentElement.querySelector("[data-state]"));
  mount({ data, parentElement, setStateValue: nobody, setTriggerValue: nobody, waitsWhile: nobody });
}
