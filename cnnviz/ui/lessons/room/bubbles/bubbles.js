// Circles on a logarithmic axis; a circle that is pointed at, or chosen by the arrow keys, tells its numbers.
import { find, STEPS } from "../../../core/base.js";
import { listenToSave, receive } from "../../../core/save.js";
import { draw, unbound } from "../../../core/svg.js";

/** @import { Context } from "../../../core/base.js" */
/** @import { Saved } from "../../../core/save.js" */

/**
 * @typedef {{ id: string, name: string, x: number, y: number, area: number, description: string }} Point y in percent
 */
/**
 * @typedef {{ name: string, points: Point[], x: string, y: string, file?: Saved }} Data x and y are the axes' labels
 */

const LEFT = 64;
const RIGHT = 60;
const TOP = 22;
const BOTTOM = 48;
const WIDTH = 860;
const HEIGHT = 360;

/** @param {Context<Data>} context */
export function mount({ data, parentElement, setTriggerValue }) {
  const root = find(parentElement, ".bubbles");
  /** @type {SVGSVGElement} */
  const svg = find(root, ".plot");
  const description = find(root, ".description");
  const { points } = data;
  const logs = points.map((point) => Math.log10(point.x));
  const most = Math.max(...points.map((point) => point.area));
  const low = Math.min(...logs) - 0.25;
  const high = Math.max(...logs) + 0.25;
  const least = Math.min(...points.map((point) => point.y));
  const step = 100 - least > 50 ? 20 : 100 - least > 8 ? 5 : 1;
  const bottom = Math.max(0, (Math.floor(least / step) - 1) * step);
  const top = 100; // room for the lowest circle
  const x = (/** @type {number} */ value) => LEFT + ((Math.log10(value) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const y = (/** @type {number} */ value) =>
    HEIGHT - BOTTOM - ((value - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM);
  /** @type {SVGElement[]} */
  const grid = [];
  for (let at = bottom; at <= top; at += step) {
    grid.push(draw("line", { x1: LEFT, x2: WIDTH, y1: y(at), y2: y(at) }));
    grid.push(draw("text", { class: "axis", x: LEFT - 26, y: y(at) + 4 }, `${at} %`));
  }
  for (let power = Math.floor(low); power <= high; power++) {
    for (const factor of [1, 2, 5]) {
      const value = factor * 10 ** power;
      const inside = Math.log10(value) >= low && Math.log10(value) <= high;
      if (inside) grid.push(draw("text", { class: "axis", x: x(value), y: HEIGHT - 26 }, String(value)));
    }
  }
  grid.push(
    draw("text", { class: "axis", x: WIDTH / 2, y: HEIGHT - 6 }, data.x),
    draw("text", { class: "axis", x: LEFT + 40, y: 12 }, data.y),
  );
  const highest = Math.max(...points.map((point) => point.y)); // its name stands above it, for the others come below
  let at = -1;
  const groups = points.map((point, index) => {
    const group = draw("g", {});
    const radius = 40 * Math.sqrt(point.area / most);
    const below = y(point.y) + radius + 16;
    const above = point.y === highest || below > HEIGHT - BOTTOM;
    group.append(
      draw("circle", { cx: x(point.x), cy: y(point.y), r: radius }),
      draw("text", { x: x(point.x), y: above ? y(point.y) - radius - 7 : below }, point.name),
    );
    group.onpointerenter = () => choose(index);
    group.onclick = () => choose(index);
    return group;
  });
  const choose = (/** @type {number} */ index) => {
    at = (index + points.length) % points.length;
    groups.forEach((group, i) => group.classList.toggle("chosen", i === at));
    root.dataset.chosen = points[at].id;
    description.textContent = points[at].description;
  };
  svg.setAttribute("aria-label", `${data.y} over ${data.x}: ${points.map((point) => point.description).join("; ")}`);
  svg.replaceChildren(...grid, ...groups);
  root.onkeydown = (event) => {
    event.stopPropagation(); // Streamlit has shortcuts of its own
    const step = STEPS[event.key]?.[1];
    if (!step) return;
    event.preventDefault();
    choose(at + step);
  };
  const before = points.findIndex((point) => point.id === root.dataset.chosen); // new points leave the choice as it is
  choose(before < 0 ? points.length - 1 : before);
  listenToSave(root, {
    name: () => data.name,
    picture: () => unbound(svg),
    ask: () => setTriggerValue("save", true),
  });
  receive(data.file ?? null, data.name);
}
