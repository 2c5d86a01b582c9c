// From steps to what is drawn where: which steps share an item (folded blocks, an activation with what it acts on), and
// a layered layout: the further from the input the further right, branches under one another.

/** @import { Saved } from "../../core/save.js" */

/**
 * @typedef {object} Step as Python describes it: shapes without the batch
 * @property {string} name
 * @property {string} label
 * @property {string[]} sources
 * @property {number[]} shape
 * @property {number} [first] the batch, where it is shown: its number of rows
 * @property {string[]} from the shapes that come in
 * @property {string} scope
 * @property {boolean} quiet whether it leaves the shape as it is and needs no block of its own
 * @property {boolean} joint
 * @property {string} sentence
 * @property {string[]} formulas
 */

/**
 * @typedef {object} Data
 * @property {string} name
 * @property {number[]} input
 * @property {number[][]} [further] the inputs after the first, where there are several
 * @property {string[]} inputs what they are called
 * @property {number} [first] the batch, where it is shown
 * @property {Step[]} steps
 * @property {Record<string, { label: string, from: string, formulas: string[] }>} folds the scopes that fold
 * @property {{ name: string, sources: string[] } | null} stopped where the network ends before its end
 * @property {string} said why
 * @property {number} tall of the highest block, in pixels
 * @property {string} at the step that is chosen
 * @property {Saved} file
 */

/** @typedef {[left: number, top: number, width: number, height: number]} Sheet */

/**
 * @typedef {object} Item what is drawn as one: steps of the network, their indices in `steps`
 * @property {string} name
 * @property {string} label
 * @property {number[]} shape
 * @property {number} [first] the batch, where it is shown: its number of rows
 * @property {number[]} steps
 * @property {Set<number>} sources items
 * @property {string} [fold] the scope that is folded into it
 * @property {string} [scope]
 * @property {boolean} [joint]
 * @property {boolean} [broken]
 */

/**
 * @typedef {Item & { depth: number, solid: { width: number, height: number, sheets: Sheet[] }, x: number, y: number,
 *   room: number, centre: number, middle: number }} Placed in pixels; `depth` is its column
 */

/** @typedef {{ data: Data, open: Set<string> }} Network `open` are the scopes that are unfolded */
/**
 * @typedef {{ tall: number, largest: number, longest: number }} Scale the highest block, most cells a side, most units
 */

// pixels
export const JOINT = 26;
export const GAP = 30;
export const LABELS = 54;
const SHEET = 2.6;
const MAX_SHEETS = 28;
const ROW_GAP = 26;

// the outermost folded scope around a step, '' where there is none
/** @param {Network} view @param {string} scope */
function foldedScope(view, scope) {
  const parts = scope ? scope.split(".") : [];
  for (let i = 1; i <= parts.length; i++) {
    const path = parts.slice(0, i).join(".");
    if (view.data.folds[path] && !view.open.has(path)) return path;
  }
  return "";
}

// what is to be drawn
/** @param {Network} view */
export function itemsOf(view) {
  const { steps, input, inputs, further = [] } = view.data;
  /** @type {Item[]} */
  const items = [input, ...further].map((shape, at) => {
    return { name: inputs[at], label: "", shape, first: view.data.first, steps: [], sources: new Set() };
  });
  const home = new Map(items.map(({ name }, at) => [name, at]));
  /** @type {Map<string, number>} */
  const folds = new Map();
  steps.forEach((step, index) => {
    const fold = foldedScope(view, step.scope);
    const before = home.get(step.sources[0]) ?? items.length - 1;
    let at = fold ? folds.get(fold) : undefined;
    if (!fold && step.quiet && before === items.length - 1 && before > further.length && !items[before].fold)
      at = before;
    if (at === undefined) {
      at = items.length;
      items.push({
        name: shortName(view, fold || step.name, step.scope),
        label: fold ? view.data.folds[fold].label : step.label,
        shape: step.shape,
        first: step.first,
        steps: [],
        sources: new Set(),
        fold,
      });
      if (fold) folds.set(fold, at);
    } else if (!fold) {
      items[at].label += `, ${step.label}`;
    }
    const item = items[at];
    item.steps.push(index);
    item.shape = step.shape;
    item.first = step.first;
    item.joint = (step.joint && !fold) || (item.joint && step.quiet);
    item.scope = step.scope;
    for (const source of step.sources) {
      const from = home.get(source);
      if (from !== undefined && from !== at) item.sources.add(from);
    }
    home.set(step.name, at);
  });
  if (view.data.stopped) {
    const sources = new Set(view.data.stopped.sources.flatMap((name) => home.get(name) ?? []));
    items.push({ name: view.data.stopped.name, label: "does not fit", shape: [], steps: [], sources, broken: true });
  }
  return items;
}

/** @param {Item} item */
export const isInput = (item) => !item.steps.length && !item.broken;

// a name without the unfolded blocks around it, whose brackets say them
/** @param {Network} view @param {string} path @param {string} scope */
function shortName(view, path, scope) {
  const around = scopesOf(view, { scope, fold: path === scope ? path : undefined })
    .filter((one) => path.startsWith(`${one}.`))
    .pop();
  return around ? path.slice(around.length + 1) : path;
}

// width, height and sheets of an item, in pixels
/** @param {Scale} scale @param {Item} item @returns {Placed["solid"]} */
function solidOf({ tall, largest, longest }, item) {
  if (item.broken) return { width: 46, height: tall / 2, sheets: [] };
  if (item.joint) return { width: JOINT, height: JOINT, sheets: [] };
  if (item.shape.length < 2) {
    const height = Math.max(10, tall * Math.sqrt((item.shape[0] ?? 1) / longest));
    return { width: 12, height, sheets: [[0, 0, 12, height]] };
  }
  const [channels, rows, cols] = item.shape.length > 2 ? item.shape : [item.shape[0], 1, item.shape[1]];
  const side = (/** @type {number} */ cells) => Math.max(4, tall * (cells / largest) ** 0.7);
  const shown = Math.min(channels, 1 + Math.round(2.4 * Math.log2(channels)), MAX_SHEETS);
  const depth = (shown - 1) * SHEET;
  /** @type {(i: number) => Sheet} */
  const sheet = (i) => [depth - i * SHEET, i * SHEET, side(cols), side(rows)];
  const sheets = Array.from({ length: shown }, (_, i) => sheet(i));
  return { width: side(cols) + depth, height: side(rows) + depth, sheets };
}

// where every item stands, and the size of the whole
/** @param {Network} view @param {Item[]} drawn */
export function place(view, drawn) {
  const maps = drawn.filter((item) => item.shape.length > 1);
  const vectors = drawn.filter((item) => item.shape.length === 1);
  const scale = {
    tall: view.data.tall,
    largest: Math.max(1, ...maps.flatMap((item) => item.shape.slice(1))),
    longest: Math.max(1, ...vectors.map((item) => item.shape[0])),
  };
  const items = /** @type {Placed[]} */ (drawn);
  /** @type {Placed[][]} */
  const columns = [];
  items.forEach((item, index) => {
    const sources = [...item.sources].filter((from) => from < index);
    item.depth = isInput(item) ? 0 : 1 + Math.max(0, ...sources.map((from) => items[from].depth));
    if (!sources.length && !isInput(item)) item.depth = items[index - 1].depth + 1;
    item.solid = solidOf(scale, item);
    columns[item.depth] ??= [];
    columns[item.depth].push(item);
  });
  const heights = columns.map((column) =>
    column.reduce((sum, item) => sum + item.solid.height + LABELS, (column.length - 1) * ROW_GAP),
  );
  const reach = Math.max(
    0,
    ...items.flatMap((item) => [...item.sources].map((from) => item.depth - items[from].depth - 1)),
  );
  const roof = reach > 0 ? 26 + Math.min(40, 6 * reach) : 4; // room for arcs
  const open = Math.max(0, ...items.map((item) => scopesOf(view, item).length)) * 22;
  const middle = open + roof + Math.max(...heights) / 2;
  let left = 0;
  columns.forEach((column, depth) => {
    const room = Math.max(...column.map((item) => Math.max(item.solid.width, roomFor(item))));
    let top = middle - heights[depth] / 2;
    for (const item of column) {
      Object.assign(item, {
        x: left,
        room,
        y: top + 18,
        centre: left + room / 2,
        middle: top + 18 + item.solid.height / 2,
      });
      top += item.solid.height + LABELS + ROW_GAP;
    }
    left += room + GAP;
  });
  return { items, width: left - GAP, height: open + roof + Math.max(...heights) + (reach > 0 ? 24 : 4), roof: open };
}

/** @param {Item} item */
const roomFor = (item) =>
  item.joint ? 34 : Math.max(64, 6.3 * Math.max(written(item).length, item.name.length, 0.62 * item.label.length));

// its shape, behind the size of the batch where that is shown
/** @param {Item} item */
export const written = ({ shape, first }) =>
  [...(first ? [first] : []), ...shape].map((n) => n.toLocaleString("en")).join(" × ");

// the unfolded scopes around an item, outermost first
/** @param {Network} view @param {{ scope?: string, fold?: string }} item @returns {string[]} */
export function scopesOf(view, item) {
  const parts = item.scope && !item.fold ? item.scope.split(".") : item.fold ? item.fold.split(".").slice(0, -1) : [];
  return parts
    .map((_, i) => parts.slice(0, i + 1).join("."))
    .filter((path) => view.data.folds[path] && view.open.has(path));
}
