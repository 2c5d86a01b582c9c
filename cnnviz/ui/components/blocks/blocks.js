// Blocks in a row. A stack of sheets is as high and wide as its maps; a vector's height grows with its root.
const SVG = "http://www.w3.org/2000/svg";
const TALL = 150, SHEETS = 14, SHIFT = 3.4, GAP = 26, TOP = 34, ROOM = 78;
const rows = new WeakMap();

function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// sheets from back to front, around the middle of a box of that size
function solid(shape, unit, longest) {
  if (shape.length < 3) {
    const height = Math.max(10, TALL * Math.sqrt(shape[0] / longest));
    return { width: 12, height, sheets: [[0, 0, 12, height]] };
  }
  const [channels, rows, cols] = shape, shown = Math.min(channels, SHEETS), depth = (shown - 1) * SHIFT;
  const width = Math.max(5, cols * unit), height = Math.max(5, rows * unit);
  const sheets = Array.from({ length: shown }, (_, i) => [depth - i * SHIFT, i * SHIFT, width, height]);
  return { width: width + depth, height: height + depth, sheets };
}

function build(view, blocks) {
  const maps = blocks.filter((block) => block.shape.length === 3), vectors = blocks.filter((block) => block.shape.length < 3);
  const unit = TALL / Math.max(...maps.flatMap((block) => block.shape.slice(1)));
  const longest = Math.max(1, ...vectors.map((block) => block.shape[0]));
  const solids = blocks.map((block) => solid(block.shape, unit, longest));
  const tall = Math.max(...solids.map((one) => one.height)), middle = TOP + tall / 2;
  let left = 0;
  view.groups = blocks.map((block, i) => {
    const one = solids[i], label = Math.max(ROOM, block.by.length * 6.4), room = Math.max(label, one.width), centre = left + room / 2;
    const group = draw("g", { class: "block" });
    group.append(draw("rect", { class: "ground", x: left, y: 0, width: room, height: TOP + tall + 46 }));
    for (const [x, y, width, height] of one.sheets) {
      group.append(draw("rect", { class: "sheet", x: centre - one.width / 2 + x, y: middle - one.height / 2 + y, width, height }));
    }
    group.append(
      draw("text", { x: centre, y: 14 }, block.by),
      draw("text", { class: "name", x: centre, y: TOP + tall + 20 }, block.name),
      draw("text", { x: centre, y: TOP + tall + 38 }, block.shape.map((n) => n.toLocaleString("en")).join(" × ")),
    );
    if (i) group.append(draw("path", { class: "arrow", d: `M${left - GAP + 4} ${middle}H${left - 4}m-5 -4l5 4l-5 4` }));
    group.onclick = group.onpointerenter = () => choose(view, i);
    left += room + GAP;
    return group;
  });
  const size = [left - GAP, TOP + tall + 46];
  view.svg.setAttribute("viewBox", `0 0 ${size.join(" ")}`);
  view.svg.setAttribute("width", size[0]);
  view.svg.setAttribute("height", size[1]);
  view.svg.setAttribute("aria-label", blocks.map((block) => `${block.name} ${block.shape.join(" by ")}`).join(", then "));
  view.svg.replaceChildren(...view.groups);
}

function choose(view, index) {
  view.at = Math.min(Math.max(index, 0), view.blocks.length - 1);
  view.groups.forEach((group, i) => group.classList.toggle("chosen", i === view.at));
  const name = document.createElement("b");
  name.textContent = view.blocks[view.at].name;
  view.told.replaceChildren(name, `  ${view.blocks[view.at].told}`);
}

function onKey(view, event) {
  event.stopPropagation(); // r and c are shortcuts of Streamlit's
  const to = { ArrowRight: view.at + 1, ArrowLeft: view.at - 1, Home: 0, End: view.blocks.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  choose(view, to);
  const { x, width } = view.groups[view.at].getBBox();
  view.scroll.scrollTo({ left: x + width / 2 - view.scroll.clientWidth / 2 });
}

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const before = rows.get(parentElement), text = JSON.stringify(data.blocks);
  if (before?.text === text) return undefined;
  const view = { text, blocks: data.blocks, svg: find(".row"), told: find(".told"), scroll: find(".scroll") };
  rows.set(parentElement, view);
  build(view, data.blocks);
  choose(view, 1);
  view.scroll.onkeydown = (event) => onKey(view, event);
  return undefined;
}
