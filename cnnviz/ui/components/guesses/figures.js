// An image with the guess under it: the class, and how sure the network is of it.
import { element } from "../../core/base.js";

/** @typedef {{ ranked: { name: string, share: number }[], truth: string, right: boolean }} Guess the likeliest first */
/** @typedef {ReturnType<typeof figure>} Figure */

export function figure() {
  const parts = {
    figure: element("figure", "guess"),
    canvas: element("canvas"),
    fill: element("span", "fill"),
    name: element("span", "name"),
    truth: element("span", "truth"),
  };
  const track = element("span", "track");
  const caption = element("figcaption");
  track.append(parts.fill);
  caption.append(parts.name, parts.truth);
  parts.figure.append(parts.canvas, track, caption);
  return parts;
}

/** @param {Figure} figure @param {Guess} guess */
export function write({ figure, fill, name, truth }, { ranked: [first], truth: label, right }) {
  figure.classList.toggle("wrong", !right);
  fill.style.setProperty("--p", String(first?.share ?? 0));
  const [said, correct] = [first?.name ?? "–", right ? "" : label];
  Object.assign(name, { textContent: said, title: said });
  Object.assign(truth, { textContent: correct, title: correct });
}
