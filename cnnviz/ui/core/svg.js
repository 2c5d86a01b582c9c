// SVG elements, and colours as every program that reads an SVG knows them.
export const SVG = "http://www.w3.org/2000/svg";

export function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const inks = new Map();
let dotOfColour = null;

// one pixel, to look at colours and measure text with
export const pen = () => {
  dotOfColour ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  return dotOfColour.getContext("2d", { willReadFrequently: true });
};

// a computed colour, which may be color(srgb ...), as [#rrggbb, opacity]
export function ink(colour) {
  if (!inks.has(colour)) {
    const dot = pen();
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = colour;
    dot.fillRect(0, 0, 1, 1);
    const [r, g, b, opacity] = dot.getImageData(0, 0, 1, 1).data;
    inks.set(colour, [`#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`, opacity / 255]);
  }
  return inks.get(colour);
}

// an SVG of the page as one that needs nothing from it: its styles resolved, the page's background below it
export function unbound(svg) {
  const background = getComputedStyle(svg).getPropertyValue("--st-background-color").trim();
  const copy = svg.cloneNode(true), from = svg.querySelectorAll("*"), to = copy.querySelectorAll("*");
  const kept = ["stroke-width", "stroke-dasharray", "font-size", "font-weight", "font-family", "text-anchor"];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    to[i].removeAttribute("class");
    for (const name of ["x", "y", "width", "height"]) if (element.style[name]) to[i].setAttribute(name, parseFloat(element.style[name]));
    for (const name of kept) to[i].style.setProperty(name, style.getPropertyValue(name));
    for (const name of ["fill", "stroke"]) {
      const [colour, opacity] = style[name] === "none" ? ["none", 1] : ink(style[name]);
      to[i].style.setProperty(name, opacity ? colour : "none");
      to[i].style.setProperty(`${name}-opacity`, opacity * Number(style.opacity));
    }
  });
  copy.prepend(draw("rect", { width: "100%", height: "100%", fill: ink(background)[0] }));
  const { width, height } = svg.viewBox.baseVal;
  copy.removeAttribute("class");
  for (const [name, value] of Object.entries({ xmlns: SVG, width, height })) copy.setAttribute(name, value);
  return copy;
}
