// The SVG: sheets for maps, bars for vectors, arrows, arcs over what a shortcut leaves out, brackets over unfolded
// blocks.
import { draw } from "../../core/svg.js";
import { GAP, isInput, JOINT, LABELS, place, scopesOf, written } from "./layout.js";

/** @import { Item, Network, Placed } from "./layout.js" */

// draws into `svg`; what comes back are the items where they stand, each with its group, and the frame around the
// chosen one
/** @param {Network} view @param {SVGSVGElement} svg @param {Item[]} drawn */
export function render(view, svg, drawn) {
  const { items, width, height, roof } = place(view, drawn);
  const edges = items.flatMap((item) => [...item.sources].map((from) => edge(items, items[from], item, roof)));
  const groups = items.map((item, index) => block(item, index));
  const token = draw("rect", { class: "token", rx: 5 });
  const label = items.map((item) => `${item.name} ${item.shape.join(" by ")}`).join(", then ");
  const look = { viewBox: `0 0 ${width} ${height}`, width, height, "aria-label": label };
  for (const [name, value] of Object.entries(look)) svg.setAttribute(name, String(value));
  svg.replaceChildren(...edges, ...brackets(view, items), ...groups, token);
  return { items, groups, token };
}

/** @param {Placed} item @param {number} index */
function block(item, index) {
  const { solid, centre, y, x, room } = item;
  const kind = ["item", item.fold && "fold", item.joint && "joint", item.broken && "broken", isInput(item) && "first"];
  const group = draw("g", { class: kind.filter(Boolean).join(" "), "data-item": index });
  group.append(draw("rect", { class: "ground", x, y: y - 18, width: room, height: solid.height + LABELS }));
  const left = centre - solid.width / 2;
  if (item.fold)
    group.append(
      draw("rect", { class: "wrap", x: left - 7, y: y - 7, width: solid.width + 14, height: solid.height + 14, rx: 7 }),
    );
  for (const [dx, dy, width, height] of solid.sheets)
    group.append(draw("rect", { class: "sheet", x: left + dx, y: y + dy, width, height }));
  if (item.joint)
    group.append(
      draw("circle", { class: "sheet", cx: centre, cy: item.middle, r: JOINT / 2 }),
      draw("text", { class: "plus", x: centre, y: item.middle + 6 }, "+"),
    );
  if (item.broken)
    group.append(
      draw("rect", { class: "gap", x: left, y, width: solid.width, height: solid.height, rx: 4 }),
      draw("text", { class: "plus", x: centre, y: item.middle + 6 }, "?"),
    );
  const below = y + solid.height;
  if (!item.joint)
    group.append(draw("text", { class: "label", x: centre, y: y - (item.fold ? 12 : 8) }, clipped(item.label, room)));
  group.append(
    draw("text", { class: "name", x: centre, y: below + (item.fold ? 23 : 18) }, item.joint ? "" : item.name),
  );
  if (!item.joint)
    group.append(draw("text", { class: "shape", x: centre, y: below + (item.fold ? 38 : 33) }, written(item)));
  return group;
}

/** @param {string} text @param {number} room */
const clipped = (text, room) =>
  text.length * 5.6 <= room + GAP - 6 ? text : `${text.slice(0, Math.max(4, Math.floor((room + GAP - 12) / 5.6)))}…`;

// an arrow to the next column; over more than one column an arc, below it where its source lies below
/** @param {Placed[]} items @param {Placed} from @param {Placed} to @param {number} roof */
function edge(items, from, to, roof) {
  const start = from.centre + from.solid.width / 2 + 3;
  const end = to.centre - to.solid.width / 2 - 4;
  if (to.depth - from.depth === 1) {
    const half = (start + end) / 2;
    const path =
      from.middle === to.middle
        ? `M${start} ${to.middle}H${end}`
        : `M${start} ${from.middle}C${half} ${from.middle} ${half} ${to.middle} ${end} ${to.middle}`;
    return draw("path", { class: "edge", d: `${path}m-5 -4l5 4l-5 4` });
  }
  const low = from.middle > to.middle + 8;
  if (low)
    return draw("path", {
      class: "edge",
      d: `M${start} ${from.middle}C${end - 20} ${from.middle} ${end - 4} ${from.middle} ${to.centre} ${to.y + to.solid.height + 6}m-6 4l6 -6l4 7`,
    });
  const under = items.filter(
    (item) => item.depth > from.depth && item.depth < to.depth && item.middle < Math.max(from.middle, to.middle) + 8,
  );
  const top = Math.max(roof - 6, Math.min(from.y, to.y, ...under.map((item) => item.y - 22)) - 22);
  const lift = from.y - (from.joint ? 3 : 20);
  const land = to.y - (to.joint ? 4 : 20);
  return draw("path", {
    class: "edge arc",
    d: `M${from.centre} ${lift}C${from.centre} ${top - 12} ${to.centre} ${top - 12} ${to.centre} ${land}m-4 -6l4 6l4 -6`,
  });
}

// a line over every unfolded block, with its name; a click folds it again
/** @param {Network} view @param {Placed[]} items */
function brackets(view, items) {
  /** @type {Map<string, [left: number, right: number]>} */
  const spans = new Map();
  for (const item of items) {
    for (const scope of scopesOf(view, item)) {
      const span = spans.get(scope) ?? [Infinity, -Infinity];
      spans.set(scope, [Math.min(span[0], item.x), Math.max(span[1], item.x + item.room)]);
    }
  }
  return [...spans].map(([scope, [left, right]]) => {
    const y = 14 + 22 * [...spans.keys()].filter((outer) => scope.startsWith(`${outer}.`)).length;
    const group = draw("g", { class: "bracket", "data-scope": scope });
    group.append(
      draw("rect", { class: "ground", x: left, y: y - 14, width: right - left, height: 22 }),
      draw("path", { d: `M${left} ${y + 6}v-4H${right}v4` }),
      draw("text", { x: left + 4, y: y - 2 }, `− ${scope}`),
    );
    return group;
  });
}
