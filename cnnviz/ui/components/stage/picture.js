// What is seen of a stage as an SVG: boxes and text where the browser has laid them out, with their colours.
import { draw, ink, pen, SVG } from "../../core/svg.js";

/** @typedef {{ x: number, y: number, width: number, height: number }} Box in pixels from the stage's corner */
/** @typedef {{ box: Box, mark: SVGElement }} Mark */
/** @typedef {Record<string, string | number>} Look attributes */

const COLOUR = "(?:rgba?|color)\\([^)]*\\)";
const NOT_SEEN = ".transport, .history, .save, .editor"; // what one works it with

/** @param {HTMLElement} root */
export function pictureOf(root) {
  root.classList.add("pictured"); // nothing sticks or scrolls while it is measured
  const home = root.getBoundingClientRect();
  const definitions = draw("defs", {});
  /** @type {NodeListOf<HTMLElement>} */
  const all = root.querySelectorAll("*");
  const marks = [...all]
    .filter((one) => !one.closest(NOT_SEEN))
    .flatMap((one) => {
      const layer = layerOf(one);
      const opacity = opacityOf(one, root);
      return [...boxesOf(one, home, definitions), ...textsOf(one, home)].map((mark) => ({ ...mark, layer, opacity }));
    });
  root.classList.remove("pictured");
  marks.sort((one, other) => one.layer - other.layer);
  for (const { mark, opacity } of marks) if (opacity < 1) mark.setAttribute("opacity", String(opacity));
  return paper(root, definitions, marks);
}

// the paper around the marks: their extent and a margin
/** @param {HTMLElement} root @param {SVGElement} definitions @param {Mark[]} marks */
function paper(root, definitions, marks) {
  /** @type {(start: "x" | "y", length: "width" | "height") => [low: number, high: number]} */
  const ends = (start, length) => [
    Math.min(...marks.map(({ box }) => box[start])) - 12,
    Math.max(...marks.map(({ box }) => box[start] + box[length])) + 12,
  ];
  const [left, right] = ends("x", "width");
  const [top, bottom] = ends("y", "height");
  const width = Math.ceil(right - left);
  const height = Math.ceil(bottom - top);
  const style = getComputedStyle(root);
  const ground = ink(style.getPropertyValue("--st-background-color").trim())[0];
  const svg = draw("svg", {
    xmlns: SVG,
    width,
    height,
    viewBox: `${left} ${top} ${width} ${height}`,
    "font-family": style.fontFamily,
  });
  svg.append(
    draw("title", {}, root.getAttribute("aria-label") ?? ""),
    definitions,
    draw("rect", { x: left, y: top, width, height, fill: ground }),
    ...marks.map(({ mark }) => mark),
  );
  return svg;
}

/** @param {HTMLElement} one @returns {number} */
function layerOf(one) {
  const { zIndex } = getComputedStyle(one);
  if (!one.parentElement || zIndex !== "auto") return Number(zIndex) || 0;
  return layerOf(one.parentElement);
}

/** @param {HTMLElement | null} one @param {HTMLElement} root @returns {number} */
const opacityOf = (one, root) =>
  !one || one === root ? 1 : Number(getComputedStyle(one).opacity) * opacityOf(one.parentElement, root);

/** @param {DOMRect} box @param {DOMRect} home @returns {Box} */
const placed = (box, home, inset = 0) => ({
  x: box.left - home.left + inset,
  y: box.top - home.top + inset,
  width: Math.max(0, box.width - 2 * inset),
  height: Math.max(0, box.height - 2 * inset),
});

/** @param {string} name @param {string} colour @returns {Look} */
const painted = (name, colour) => {
  const [shade, opacity] = ink(colour);
  return opacity < 1 ? { [name]: shade, [`${name}-opacity`]: opacity } : { [name]: shade };
};

// an element's ground, gradient, border, rings and outline, from below
/** @param {HTMLElement} one @param {DOMRect} home @param {SVGElement} definitions @returns {Generator<Mark>} */
function* boxesOf(one, home, definitions) {
  const bounds = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  if (!bounds.width || !bounds.height) return;
  const rx = parseFloat(style.borderTopLeftRadius) || 0;
  /** @type {(box: Box, look: Look) => Mark} */
  const rect = (box, look) => ({ box, mark: draw("rect", { ...box, rx, ...look }) });
  /** @type {(inset: number, width: number, colour: string, more?: Look) => Mark} */
  const ring = (inset, width, colour, more = {}) =>
    rect(placed(bounds, home, inset), { fill: "none", "stroke-width": width, ...more, ...painted("stroke", colour) });
  const area = placed(bounds, home);
  if (one instanceof HTMLCanvasElement) {
    const look = { preserveAspectRatio: "none", style: `image-rendering: ${style.imageRendering}` };
    yield { box: area, mark: draw("image", { ...area, ...look, href: one.toDataURL() }) };
    return;
  }
  if (ink(style.backgroundColor)[1]) yield rect(area, painted("fill", style.backgroundColor));
  if (style.backgroundImage !== "none")
    yield rect(area, { fill: `url(#${define(style.backgroundImage, definitions)})` });
  const border = parseFloat(style.borderTopWidth);
  const shade = style.borderTopColor;
  if (border && ink(shade)[1] && !parseFloat(style.borderBottomWidth)) {
    const line = { d: `M${area.x} ${area.y}h${area.width}`, "stroke-width": border, ...painted("stroke", shade) };
    yield { box: { ...area, height: border }, mark: draw("path", line) };
  } else if (border && ink(shade)[1]) {
    const isDashed = style.borderTopStyle === "dashed";
    yield ring(border / 2, border, shade, isDashed ? { "stroke-dasharray": `${3 * border} ${2 * border}` } : {});
  }
  const shadows = style.boxShadow.matchAll(new RegExp(`(${COLOUR}) 0px 0px 0px ([\\d.]+)px( inset)?`, "g"));
  for (const [, colour, width, inset] of [...shadows].reverse()) {
    yield ring(((inset ? 1 : -1) * Number(width)) / 2, Number(width), colour);
  }
  const outline = style.outlineStyle === "solid" ? parseFloat(style.outlineWidth) : 0;
  if (outline) yield ring(-outline / 2, outline, style.outlineColor);
}

// a gradient of the stylesheet: a scale from left to right, or hatching
/** @param {string} image @param {SVGElement} definitions */
function define(image, definitions) {
  const stops = [...image.matchAll(new RegExp(`(${COLOUR})(?: ([\\d.]+)%)?`, "g"))];
  const id = `fill${definitions.childElementCount}`;
  if (image.startsWith("repeating")) {
    const tile = { width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)" };
    const hatch = draw("pattern", { id, ...tile });
    hatch.append(draw("path", { d: "M0 2.5h5", ...painted("stroke", stops[stops.length - 1][1]) }));
    definitions.append(hatch);
  } else {
    const scale = draw("linearGradient", { id });
    stops.forEach(([, colour, at], n) => {
      const offset = at ? Number(at) / 100 : n / (stops.length - 1);
      scale.append(draw("stop", { offset, "stop-color": ink(colour)[0] }));
    });
    definitions.append(scale);
  }
  return id;
}

// an element's own text, line by line; textLength keeps it in its place in another font
/** @param {HTMLElement} one @param {DOMRect} home @returns {Generator<Mark>} */
function* textsOf(one, home) {
  const style = getComputedStyle(one);
  const isInput = one instanceof HTMLInputElement;
  const lines = isInput
    ? [{ text: one.value, bounds: one.getBoundingClientRect() }]
    : [...one.childNodes].flatMap(linesOf);
  for (const { text, bounds } of lines) {
    const box = placed(bounds, home);
    const font = Object.assign(pen(), { font: style.font });
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = font.measureText(text);
    /** @type {Look} */
    const fits = !isInput && text.length > 1 ? { textLength: box.width, lengthAdjust: "spacingAndGlyphs" } : {};
    const [, cosine, sine] = style.transform.match(/matrix\(([^,]+), ([^,]+)/) ?? ["", "1", "0"];
    const turn = (Math.atan2(Number(sine), Number(cosine)) * 180) / Math.PI;
    /** @type {Look} */
    const turned = turn ? { transform: `rotate(${turn} ${box.x + box.width / 2} ${box.y + box.height / 2})` } : {};
    const look = {
      "font-size": style.fontSize,
      "font-weight": style.fontWeight,
      "text-anchor": "middle",
      ...painted("fill", style.color),
      ...fits,
      ...turned,
    };
    yield {
      box,
      mark: draw("text", { x: box.x + box.width / 2, y: box.y + (box.height + up - down) / 2, ...look }, text),
    };
  }
}

// the lines that a text is broken into, without the blanks around them
/** @param {Node} node */
function linesOf(node) {
  if (!(node instanceof Text)) return [];
  const range = document.createRange();
  /** @type {{ text: string, bounds: DOMRect }[]} */
  const lines = [];
  node.data.split("").forEach((character, at) => {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const box = range.getBoundingClientRect();
    const line = lines.at(-1);
    const blank = !character.trim();
    const same = line && Math.abs(line.bounds.top - box.top) < 2;
    if (!box.width || (blank && !same)) return;
    if (!same) {
      lines.push({ text: character, bounds: box });
      return;
    }
    const { left, top, height } = line.bounds;
    line.text += character;
    if (!blank) line.bounds = new DOMRect(left, top, box.right - left, height);
  });
  return lines.map(({ text, bounds }) => ({ text: text.trimEnd(), bounds }));
}
