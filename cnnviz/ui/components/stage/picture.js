// What is seen of a stage as an SVG: boxes and text where the browser has laid them out, with their colours.
import { draw, ink, pen, SVG } from "../../core/svg.js";

const COLOUR = "(?:rgba?|color)\\([^)]*\\)";
const NOT_SEEN = ".transport, .save, .editor"; // what one works it with

export function pictureOf(root) {
  root.classList.add("pictured"); // nothing sticks or scrolls while it is measured
  const home = root.getBoundingClientRect(), definitions = draw("defs", {});
  const marks = [...root.querySelectorAll("*")].filter((one) => !one.closest(NOT_SEEN)).flatMap((one) => {
    const layer = layerOf(one), opacity = opacityOf(one, root);
    return [...boxesOf(one, home, definitions), ...textsOf(one, home)].map((mark) => ({ ...mark, layer, opacity }));
  });
  root.classList.remove("pictured");
  marks.sort((one, other) => one.layer - other.layer);
  for (const { mark, opacity } of marks) if (opacity < 1) mark.setAttribute("opacity", opacity);
  return sheet(root, definitions, marks);
}

// the paper around the marks: their extent and a margin
function sheet(root, definitions, marks) {
  const ends = (start, length) => [Math.min(...marks.map(({ box }) => box[start])) - 12, Math.max(...marks.map(({ box }) => box[start] + box[length])) + 12];
  const [left, right] = ends("x", "width"), [top, bottom] = ends("y", "height"), width = Math.ceil(right - left), height = Math.ceil(bottom - top);
  const style = getComputedStyle(root), ground = ink(style.getPropertyValue("--st-background-color").trim())[0];
  const svg = draw("svg", { xmlns: SVG, width, height, viewBox: `${left} ${top} ${width} ${height}`, "font-family": style.fontFamily });
  svg.append(draw("title", {}, root.getAttribute("aria-label")), definitions, draw("rect", { x: left, y: top, width, height, fill: ground }), ...marks.map(({ mark }) => mark));
  return svg;
}

const layerOf = (one) => {
  for (let at = one; at?.parentElement; at = at.parentElement) if (getComputedStyle(at).zIndex !== "auto") return Number(getComputedStyle(at).zIndex);
  return 0;
};

const opacityOf = (one, root) => (one === root ? 1 : Number(getComputedStyle(one).opacity) * opacityOf(one.parentElement, root));

const placed = (box, home, inset = 0) => ({ x: box.left - home.left + inset, y: box.top - home.top + inset, width: Math.max(0, box.width - 2 * inset), height: Math.max(0, box.height - 2 * inset) });

const painted = (name, colour) => {
  const [shade, opacity] = ink(colour);
  return opacity < 1 ? { [name]: shade, [`${name}-opacity`]: opacity } : { [name]: shade };
};

// an element's ground, gradient, border, rings and outline, from below
function* boxesOf(one, home, definitions) {
  const bounds = one.getBoundingClientRect(), style = getComputedStyle(one);
  if (!bounds.width || !bounds.height) return;
  const rect = (box, look) => ({ box, mark: draw("rect", { ...box, rx: parseFloat(style.borderTopLeftRadius) || 0, ...look }) });
  const area = placed(bounds, home);
  if (one.tagName === "CANVAS") {
    yield { box: area, mark: draw("image", { ...area, preserveAspectRatio: "none", style: `image-rendering: ${style.imageRendering}`, href: one.toDataURL() }) };
    return;
  }
  if (ink(style.backgroundColor)[1]) yield rect(area, painted("fill", style.backgroundColor));
  if (style.backgroundImage !== "none") yield rect(area, { fill: `url(#${define(style.backgroundImage, definitions)})` });
  const border = parseFloat(style.borderTopWidth), shade = style.borderTopColor;
  if (border && ink(shade)[1] && !parseFloat(style.borderBottomWidth)) {
    yield { box: { ...area, height: border }, mark: draw("path", { d: `M${area.x} ${area.y}h${area.width}`, "stroke-width": border, ...painted("stroke", shade) }) };
  } else if (border && ink(shade)[1]) {
    const dashes = style.borderTopStyle === "dashed" ? { "stroke-dasharray": `${3 * border} ${2 * border}` } : {};
    yield rect(placed(bounds, home, border / 2), { fill: "none", "stroke-width": border, ...dashes, ...painted("stroke", shade) });
  }
  for (const [, colour, width, inset] of [...style.boxShadow.matchAll(new RegExp(`(${COLOUR}) 0px 0px 0px ([\\d.]+)px( inset)?`, "g"))].reverse()) {
    yield rect(placed(bounds, home, (inset ? 1 : -1) * width / 2), { fill: "none", "stroke-width": width, ...painted("stroke", colour) });
  }
  const outline = style.outlineStyle === "solid" ? parseFloat(style.outlineWidth) : 0;
  if (outline) yield rect(placed(bounds, home, -outline / 2), { fill: "none", "stroke-width": outline, ...painted("stroke", style.outlineColor) });
}

// a gradient of the stylesheet: a scale from left to right, or hatching
function define(image, definitions) {
  const stops = [...image.matchAll(new RegExp(`(${COLOUR})(?: ([\\d.]+)%)?`, "g"))], id = `fill${definitions.childElementCount}`;
  if (image.startsWith("repeating")) {
    const hatch = draw("pattern", { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)" });
    hatch.append(draw("path", { d: "M0 2.5h5", ...painted("stroke", stops.at(-1)[1]) }));
    definitions.append(hatch);
  } else {
    const scale = draw("linearGradient", { id });
    scale.append(...stops.map(([, colour, at], n) => draw("stop", { offset: at ? at / 100 : n / (stops.length - 1), "stop-color": ink(colour)[0] })));
    definitions.append(scale);
  }
  return id;
}

// an element's own text, line by line; textLength keeps it in its place in another font
function* textsOf(one, home) {
  const style = getComputedStyle(one);
  for (const [text, bounds] of one.tagName === "INPUT" ? [[one.value, one.getBoundingClientRect()]] : [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).flatMap(linesOf)) {
    const box = placed(bounds, home);
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = Object.assign(pen(), { font: style.font }).measureText(text);
    const fits = one.tagName !== "INPUT" && text.length > 1 ? { textLength: box.width, lengthAdjust: "spacingAndGlyphs" } : {};
    const [, cosine, sine] = style.transform.match(/matrix\(([^,]+), ([^,]+)/) ?? [null, 1, 0], turn = (Math.atan2(sine, cosine) * 180) / Math.PI;
    const turned = turn ? { transform: `rotate(${turn} ${box.x + box.width / 2} ${box.y + box.height / 2})` } : {};
    const look = { "font-size": style.fontSize, "font-weight": style.fontWeight, "text-anchor": "middle", ...painted("fill", style.color), ...fits, ...turned };
    yield { box, mark: draw("text", { x: box.x + box.width / 2, y: box.y + (box.height + up - down) / 2, ...look }, text) };
  }
}

// the lines that a text node is broken into: [text, rectangle], without the blanks around them
function linesOf(node) {
  const range = document.createRange(), lines = [];
  node.data.split("").forEach((character, at) => {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const box = range.getBoundingClientRect(), line = lines.at(-1);
    const blank = !character.trim(), same = line && Math.abs(line.box.top - box.top) < 2;
    if (!box.width || (blank && !same)) return;
    if (!same) lines.push({ text: character, box });
    else Object.assign(line, { text: line.text + character, box: blank ? line.box : new DOMRect(line.box.left, line.box.top, box.right - line.box.left, line.box.height) });
  });
  return lines.map(({ text, box }) => [text.trimEnd(), box]);
}
