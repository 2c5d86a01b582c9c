// A component in a saved file: what it shows stands in the document, and there is nobody to tell anything.
import { find, markTheme } from "./base.js";

/** @import { Context } from "./base.js" */

const nobody = () => {};

/** @param {(context: Context) => unknown} mount */
export function open(mount) {
  /** @type {HTMLScriptElement} */
  const { text, type } = find(document, "#data");
  /** @type {HTMLTemplateElement} */
  const parts = find(document, "#parts");
  const data = type.endsWith("json") ? JSON.parse(text) : Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const parentElement = find(document, "#component").attachShadow({
    mode: "open",
  });
  parentElement.append(parts.content);
  markTheme(find(parentElement, "[data-state]"));
  mount({
    data,
    parentElement,
    setStateValue: nobody,
    setTriggerValue: nobody,
    waitsWhile: nobody,
  });
}
