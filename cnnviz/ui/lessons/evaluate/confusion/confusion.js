// A confusion matrix. Pointing and the arrow keys read it in the browser; a click or Enter sends the cell.
import { closest, element, find, STEPS } from "../../../core/base.js";
import { percent } from "../../../core/numbers.js";

/** @import { Context } from "../../../core/base.js" */

/** @typedef {[row: number, col: number]} At */

/**
 * @typedef {object} Data
 * @property {string[]} classes the names of rows and columns
 * @property {number[]} numbers which classes they are
 * @property {number[][]} counts
 * @property {number[]} totals of each true class
 * @property {At | null} chosen by the numbers of classes
 */

/**
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {HTMLElement} grid
 * @property {HTMLElement} description
 * @property {Data} data
 * @property {string} built the classes that there are cells for
 * @property {HTMLElement[]} rows
 * @property {HTMLElement[]} columns
 * @property {HTMLElement[][]} cells
 * @property {{ count: number, at: At }} worst the most frequent mistake
 * @property {At | null} chosen
 * @property {HTMLElement[]} here the cell that is pointed at, and its heads
 * @property {HTMLElement | null} stop where the tab key leads
 * @property {Context["setTriggerValue"]} setTriggerValue
 */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();
const READABLE = 22; // classes whose counts still fit into the cells

/** @param {number} count */
const counted = (count) => `${count.toLocaleString("en")} ${count === 1 ? "image" : "images"}`;
/** @param {Data} data @param {number} row @param {number} col */
const named = ({ classes, counts }, row, col) =>
  `true ${classes[row]}, predicted ${classes[col]}: ${counted(counts[row][col])}`;

// the heads and cells, once for each set of classes
/** @param {View} view */
function build(view) {
  const { grid, data } = view;
  const { classes } = data;
  grid.style.setProperty("--n", String(classes.length));
  grid.classList.toggle(
    "long",
    classes.some((name) => name.length > 3),
  );
  grid.classList.toggle("dense", classes.length > READABLE);
  const top = element("div", "row");
  view.columns = classes.map((name) => headed("of-column", "columnheader", name));
  top.append(element("span", "head"), ...view.columns);
  view.rows = classes.map((name) => headed("of-row", "rowheader", name));
  view.cells = classes.map((_, row) => classes.map((_, col) => cellAt(row, col)));
  const body = view.cells.map((cells, row) => {
    const line = element("div", "row");
    line.append(view.rows[row], ...cells);
    return line;
  });
  [top, ...body].forEach((line) => line.setAttribute("role", "row"));
  grid.replaceChildren(top, ...body);
}

/** @param {string} classes @param {string} role @param {string} name */
function headed(classes, role, name) {
  const head = element("span", `head ${classes}`, name);
  head.title = name;
  head.setAttribute("role", role);
  return head;
}

/** @param {number} row @param {number} col */
function cellAt(row, col) {
  const cell = element("div", row === col ? "cell right" : "cell");
  Object.assign(cell.dataset, { row, col });
  cell.setAttribute("role", "gridcell");
  return cell;
}

/** @param {View} view */
function paintCells(view) {
  const { data, cells } = view;
  const { counts, totals } = data;
  view.worst = { count: 0, at: [0, 0] };
  counts.forEach((row, r) =>
    row.forEach((count, c) => {
      if (r !== c && count > view.worst.count) view.worst = { count, at: [r, c] };
    }),
  );
  const most = view.worst.count;
  cells.forEach((row, r) =>
    row.forEach((cell, c) => {
      const count = counts[r][c];
      const part = count / Math.max(1, r === c ? totals[r] : most);
      const [least, span] = r === c ? [8, 54] : [14, 70];
      cell.style.setProperty("--hue", r === c ? "var(--output)" : "var(--kernel)");
      cell.style.setProperty("--share", count ? `${(least + span * part).toFixed(1)}%` : "0%");
      cell.textContent = count ? String(count) : "";
      cell.classList.toggle("empty", !count);
      cell.setAttribute("aria-label", named(data, r, c));
    }),
  );
  find(view.root, ".most").textContent = most ? `1 to ${counted(most)}` : "none";
}

// the cell that is chosen: Python's, or the one clicked a moment ago
/** @param {View} view @param {At | null} chosen */
function mark(view, chosen) {
  view.cells.flat().forEach((cell) => {
    const is = chosen !== null && Number(cell.dataset.row) === chosen[0] && Number(cell.dataset.col) === chosen[1];
    cell.classList.toggle("chosen", is);
    cell.setAttribute("aria-selected", String(is));
  });
}

// what rows and columns are, with the most frequent mistake as the example
/** @param {View} view */
function howToRead({ data, description, worst }) {
  const example = worst.count ? ["Most frequent mistake: ", element("b", "", named(data, ...worst.at)), ". "] : [];
  description.replaceChildren(
    "A row is what an image shows, a column what the network predicts; the diagonal is right. ",
    ...example,
    "Click a cell to see its images.",
  );
}

// the cell under the pointer or the focus; without one the chosen cell is told of
/** @param {View} view @param {At | null} at */
function point(view, at) {
  const { data, cells, rows, columns, description } = view;
  view.here.forEach((one) => one.classList.remove("here"));
  view.here = at ? [cells[at[0]][at[1]], rows[at[0]], columns[at[1]]] : [];
  view.here.forEach((one) => one.classList.add("here"));
  const shown = at ?? view.chosen;
  if (!shown) {
    howToRead(view);
    return;
  }
  const [row, col] = shown;
  const said = row === col ? "classified correctly" : `predicted as ${data.classes[col]}`;
  const tail = data.totals[row]
    ? `, ${percent(data.counts[row][col] / data.totals[row])} of the ${counted(data.totals[row])} of ${data.classes[row]} are ${said}.`
    : ".";
  description.replaceChildren(element("b", "", named(data, row, col)), tail);
}

// an empty cell has no images to show
/** @param {View} view @param {number} row @param {number} col */
function choose(view, row, col) {
  if (!view.data.counts[row][col]) return;
  const { numbers } = view.data;
  const is = view.chosen && view.chosen[0] === row && view.chosen[1] === col;
  view.chosen = is ? null : [row, col];
  mark(view, view.chosen);
  view.setTriggerValue("cell", [numbers[row], numbers[col]]);
}

// one cell takes part in the order of the tab key
/** @param {View} view @param {number} row @param {number} col */
function rove(view, row, col) {
  view.stop?.setAttribute("tabindex", "-1");
  view.stop = view.cells[row][col];
  view.stop.setAttribute("tabindex", "0");
}

/** @param {HTMLElement} cell @returns {At} */
const placeOf = ({ dataset }) => [Number(dataset.row), Number(dataset.col)];

/** @param {Event} event */
const cellOf = (event) => {
  const cell = closest(event, ".cell");
  return cell && placeOf(cell);
};

/** @param {View} view @param {KeyboardEvent} event */
function onKey(view, event) {
  event.stopPropagation(); // Streamlit has shortcuts of its own
  const at = cellOf(event);
  const step = STEPS[event.key];
  const last = view.cells.length - 1;
  if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
  if (step) {
    const [row, col] = at.map((one, axis) => Math.min(Math.max(one + step[axis], 0), last));
    rove(view, row, col);
    view.stop?.focus();
  } else if (event.key === "Enter" || event.key === " ") choose(view, ...at);
  else if (event.key === "Escape" && view.chosen) choose(view, ...view.chosen);
  else return;
  event.preventDefault();
}

/** @param {View} view */
function listen(view) {
  const { grid } = view;
  grid.onpointerover = (event) => point(view, cellOf(event));
  grid.onpointerleave = () => point(view, null);
  grid.onclick = (event) => {
    const at = cellOf(event);
    if (!at) return;
    rove(view, ...at);
    choose(view, ...at);
  };
  grid.onkeydown = (event) => onKey(view, event);
  grid.addEventListener("focusin", (event) => point(view, cellOf(event)));
  grid.addEventListener("focusout", () => point(view, null));
}

/** @param {Context<Data>} context */
export function mount({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    const [root, grid, description] = [".confusion", ".grid", ".description"].map((name) => find(parentElement, name));
    const empty = {
      built: "",
      rows: [],
      columns: [],
      cells: [],
      chosen: null,
      here: [],
      stop: null,
    };
    view = {
      root,
      grid,
      description,
      data,
      setTriggerValue,
      ...empty,
      worst: { count: 0, at: [0, 0] },
    };
    views.set(parentElement, view);
    listen(view);
  }
  Object.assign(view, { data, setTriggerValue });
  const built = String(data.classes);
  if (view.built !== built) {
    build(view);
    rove(view, 0, 0);
    Object.assign(view, { built, here: [] });
  }
  view.grid.setAttribute(
    "aria-label",
    "Confusion matrix: rows are the true classes, columns what the network predicts. Arrow keys move, Enter shows the images of a cell.",
  );
  const [row, col] = (data.chosen ?? []).map((number) => data.numbers.indexOf(number));
  view.chosen = row >= 0 && col >= 0 ? [row, col] : null;
  paintCells(view);
  mark(view, view.chosen);
  point(view, view.here.length ? placeOf(view.here[0]) : null);
}
