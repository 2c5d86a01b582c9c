// SVG elements, and colours as every program that reads an SVG knows them.
import { brush } from "./base.js";

export const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
export function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @type {Map<string, [colour: string, opacity: number]>} */
const inks = new Map();
/** @type {HTMLCanvasElement | null} */
let dotOfColour = null;

// one pixel, to look at colours and measure text with
export const pen = () => {
  dotOfColour ??= Object.assign(document.createElement("canvas"), {
    width: 1,
    height: 1,
  });
  return brush(dotOfColour, { willReadFrequently: true });
};

// a computed colour, which may be color(srgb ...), as [#rrggbb, opacity]
/** @param {string} colour */
export function ink(colour) {
  let known = inks.get(colour);
  if (!known) {
    const dot = pen();
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = colour;
    dot.fillRect(0, 0, 1, 1);
    const [r, g, b, opacity] = dot.getImageData(0, 0, 1, 1).data;
    known = [`#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`, opacity / 255];
    inks.set(colour, known);
  }
  return known;
}

// an SVG of the page as one that needs nothing from it: its styles resolved, the page's background below it
/** @param {SVGSVGElement} svg */
export function unbound(svg) {
  const background = getComputedStyle(svg).getPropertyValue("--st-background-color").trim();
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  /** @type {NodeListOf<SVGElement>} */
  const from = svg.querySelectorAll("*");
  /** @type {NodeListOf<SVGElement>} */
  const to = copy.querySelectorAll("*");
  const kept = ["stroke-width", "stroke-dasharray", "font-size", "font-weight", "font-family", "text-anchor"];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    to[i].removeAttribute("class");
    for (const name of ["x", "y", "width", "height"]) {
      const length = element.style.getPropertyValue(name);
      if (length) to[i].setAttribute(name, String(parseFloat(length)));
    }
    for (const name of kept) to[i].style.setProperty(name, style.getPropertyValue(name));
    for (const name of ["fill", "stroke"]) {
      const look = style.getPropertyValue(name);
      const [colour, opacity] = look === "none" ? ["none", 1] : ink(look);
      to[i].style.setProperty(name, opacity ? colour : "none");
      to[i].style.setProperty(`${name}-opacity`, String(opacity * Number(style.opacity)));
    }
  });
  copy.prepend(draw("rect", { width: "100%", height: "100%", fill: ink(background)[0] }));
  const { width, height } = svg.viewBox.baseVal;
  copy.removeAttribute("class");
  for (const [name, value] of Object.entries({ xmlns: SVG, width, height })) copy.setAttribute(name, String(value));
  return copy;
}
