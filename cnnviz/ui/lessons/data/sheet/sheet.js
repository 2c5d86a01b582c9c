// Some images side by side, in groups where they belong together.
import { element, find, paint, pixels } from "../../../core/base.js";
import { unpacked } from "../../../core/packed.js";

/** @import { Context } from "../../../core/base.js" */

/** @typedef {{ title: string, more: string, marked: boolean, group: number }} Shown */

/**
 * @typedef {object} Data
 * @property {string} title
 * @property {Shown[]} shown
 * @property {[rows: number, cols: number, channels: number]} shape
 * @property {boolean} clickable
 * @property {Uint8Array} pictures
 */

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement, setTriggerValue }) {
  /** @type {Data} */
  const { title, shown, shape, clickable, pictures } = unpacked(bytes);
  const size = shape[0] * shape[1] * shape[2];
  find(parentElement, ".title").textContent = title;
  /** @type {Map<number, HTMLElement>} */
  const groups = new Map();
  shown.forEach((one, place) => {
    const item = element(clickable ? "button" : "div", one.marked ? "item marked" : "item");
    const canvas = element("canvas");
    paint(canvas, shape, pixels(pictures.subarray(place * size, (place + 1) * size), shape[2]));
    item.append(canvas, element("span", "name", one.title), element("span", "more", one.more));
    if (clickable) {
      item.setAttribute("aria-label", `${one.title} ${one.more}`);
      item.onclick = () => setTriggerValue("place", place);
    }
    const group = groups.get(one.group) ?? element("div", "group");
    groups.set(one.group, group);
    group.append(item);
  });
  const around = find(parentElement, ".groups");
  around.replaceChildren(...groups.values());
  around.classList.toggle("many", groups.size > 1);
}
