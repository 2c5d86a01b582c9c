// From steps to what is drawn where: which steps share an item (folded blocks, an activation with what it acts on), and a
// layered layout: the further from the input the further right, branches under one another.

export const JOINT = 26, GAP = 30, LABELS = 54; // pixels
const SHEET = 2.6, MOST_SHEETS = 28, ROW_GAP = 26;

// the outermost folded scope around a step, '' where there is none
function foldedScope(view, scope) {
  const parts = scope ? scope.split(".") : [];
  for (let i = 1; i <= parts.length; i++) {
    const path = parts.slice(0, i).join(".");
    if (view.data.folds[path] && !view.open.has(path)) return path;
  }
  return "";
}

// what is to be drawn: {name, label, shape, steps: indices, fold, sources: items}
export function itemsOf(view) {
  const { steps, input } = view.data;
  const items = [{ name: "input", label: "", shape: input, steps: [], sources: new Set() }];
  const home = new Map([["input", 0]]), folds = new Map();
  steps.forEach((step, index) => {
    const fold = foldedScope(view, step.scope), before = home.get(step.sources[0]) ?? items.length - 1;
    let at = fold ? folds.get(fold) : undefined;
    if (!fold && step.quiet && before === items.length - 1 && before > 0 && !items[before].fold) at = before;
    if (at === undefined) {
      at = items.length;
      items.push({ name: shortName(view, fold || step.name, step.scope), label: fold ? view.data.folds[fold].label : step.label, steps: [], sources: new Set(), fold });
      if (fold) folds.set(fold, at);
    } else if (!fold) {
      items[at].label += `, ${step.label}`;
    }
    const item = items[at];
    item.steps.push(index);
    item.shape = step.shape;
    item.joint = step.joint && !fold || (item.joint && step.quiet);
    item.scope = step.scope;
    for (const source of step.sources) {
      const from = home.get(source);
      if (from !== undefined && from !== at) item.sources.add(from);
    }
    home.set(step.name, at);
  });
  if (view.data.stopped) {
    const sources = new Set(view.data.stopped.sources.map((name) => home.get(name)).filter((at) => at !== undefined));
    items.push({ name: view.data.stopped.name, label: "does not fit", shape: [], steps: [], sources, broken: true });
  }
  return items;
}

// a name without the unfolded blocks around it, whose brackets say them
function shortName(view, path, scope) {
  const around = scopesOf(view, { scope, fold: path === scope ? path : undefined }).filter((one) => path.startsWith(`${one}.`)).pop();
  return around ? path.slice(around.length + 1) : path;
}

// width, height and sheets of an item, in pixels
function solidOf(view, item) {
  const tall = view.data.tall;
  if (item.broken) return { width: 46, height: tall / 2, sheets: [] };
  if (item.joint) return { width: JOINT, height: JOINT, sheets: [] };
  if (item.shape.length < 2) {
    const height = Math.max(10, tall * Math.sqrt((item.shape[0] ?? 1) / view.longest));
    return { width: 12, height, sheets: [[0, 0, 12, height]] };
  }
  const [channels, rows, cols] = item.shape.length > 2 ? item.shape : [item.shape[0], 1, item.shape[1]];
  const side = (cells) => Math.max(4, tall * (cells / view.largest) ** 0.7);
  const shown = Math.min(channels, 1 + Math.round(2.4 * Math.log2(channels)), MOST_SHEETS), depth = (shown - 1) * SHEET;
  const sheets = Array.from({ length: shown }, (_, i) => [depth - i * SHEET, i * SHEET, side(cols), side(rows)]);
  return { width: side(cols) + depth, height: side(rows) + depth, sheets };
}

// x, y, width and height of every item, and the size of the whole
export function place(view, items) {
  const maps = items.filter((item) => item.shape.length > 1);
  view.largest = Math.max(1, ...maps.flatMap((item) => item.shape.slice(1)));
  view.longest = Math.max(1, ...items.filter((item) => item.shape.length === 1).map((item) => item.shape[0]));
  const columns = [];
  items.forEach((item, index) => {
    const sources = [...item.sources].filter((from) => from < index);
    item.depth = index ? 1 + Math.max(0, ...sources.map((from) => items[from].depth)) : 0;
    if (!sources.length && index) item.depth = items[index - 1].depth + 1;
    item.solid = solidOf(view, item);
    (columns[item.depth] ??= []).push(item);
  });
  const heights = columns.map((column) => column.reduce((sum, item) => sum + item.solid.height + LABELS, (column.length - 1) * ROW_GAP));
  const reach = Math.max(0, ...items.flatMap((item) => [...item.sources].map((from) => item.depth - items[from].depth - 1)));
  const roof = reach > 0 ? 26 + Math.min(40, 6 * reach) : 4; // room for arcs
  const open = Math.max(0, ...items.map((item) => scopesOf(view, item).length)) * 22;
  const middle = open + roof + Math.max(...heights) / 2;
  let left = 0;
  columns.forEach((column, depth) => {
    const room = Math.max(...column.map((item) => Math.max(item.solid.width, roomFor(item))));
    let top = middle - heights[depth] / 2;
    for (const item of column) {
      Object.assign(item, { x: left, room, y: top + 18, centre: left + room / 2, middle: top + 18 + item.solid.height / 2 });
      top += item.solid.height + LABELS + ROW_GAP;
    }
    left += room + GAP;
  });
  return { width: left - GAP, height: open + roof + Math.max(...heights) + (reach > 0 ? 24 : 4), roof: open };
}

const roomFor = (item) => (item.joint ? 34 : Math.max(64, 6.3 * Math.max(written(item.shape).length, item.name.length, 0.62 * item.label.length)));
export const written = (shape) => shape.map((n) => n.toLocaleString("en")).join(" × ");

// the unfolded scopes around an item, outermost first
export function scopesOf(view, item) {
  const parts = item.scope && !item.fold ? item.scope.split(".") : item.fold ? item.fold.split(".").slice(0, -1) : [];
  return parts.map((_, i) => parts.slice(0, i + 1).join(".")).filter((path) => view.data.folds[path] && view.open.has(path));
}
