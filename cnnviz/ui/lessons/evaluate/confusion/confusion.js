// A confusion matrix. Pointing and the arrow keys read it in the browser; a click or Enter sends the cell.
import { element } from "../../../core/base.js";
import { percent } from "../../../core/numbers.js";

const views = new WeakMap();
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const READABLE = 22; // classes whose counts still fit into the cells

const counted = (count) => `${count.toLocaleString("en")} ${count === 1 ? "image" : "images"}`;
const named = ({ classes, counts }, row, col) => `true ${classes[row]}, named ${classes[col]}: ${counted(counts[row][col])}`;

// the heads and cells, once for each set of classes
function build(view) {
  const { grid, data } = view, { classes } = data;
  grid.style.setProperty("--n", classes.length);
  grid.classList.toggle("long", classes.some((name) => name.length > 3));
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

function headed(classes, role, name) {
  const head = element("span", `head ${classes}`, name);
  head.title = name;
  head.setAttribute("role", role);
  return head;
}

function cellAt(row, col) {
  const cell = element("div", row === col ? "cell right" : "cell");
  Object.assign(cell.dataset, { row, col });
  cell.setAttribute("role", "gridcell");
  return cell;
}

function paintCells(view) {
  const { data, cells } = view, { counts, totals } = data;
  const mistakes = counts.flatMap((row, r) => row.map((count, c) => ({ count: r === c ? 0 : count, at: [r, c] })));
  view.worst = mistakes.reduce((worst, one) => (one.count > worst.count ? one : worst));
  view.most = view.worst.count;
  cells.forEach((row, r) => row.forEach((cell, c) => {
    const count = counts[r][c], part = count / Math.max(1, r === c ? totals[r] : view.most);
    const [hue, least, span] = r === c ? ["output", 8, 54] : ["kernel", 14, 70];
    cell.style.setProperty("--hue", `var(--${hue})`);
    cell.style.setProperty("--share", count ? `${(least + span * part).toFixed(1)}%` : "0%");
    cell.textContent = count || "";
    cell.classList.toggle("empty", !count);
    cell.setAttribute("aria-label", named(data, r, c));
  }));
  view.root.querySelector(".most").textContent = view.most ? `1 to ${counted(view.most)}` : "none";
}

// the cell that is chosen: Python's, or the one clicked a moment ago
function mark(view, chosen) {
  view.cells.flat().forEach((cell) => {
    const is = chosen !== null && Number(cell.dataset.row) === chosen[0] && Number(cell.dataset.col) === chosen[1];
    cell.classList.toggle("chosen", is);
    cell.setAttribute("aria-selected", is);
  });
}

// what rows and columns are, with the most frequent mistake as the example
function howToRead({ data, told, worst }) {
  const example = worst.count ? ["Most frequent mistake: ", element("b", "", named(data, ...worst.at)), ". "] : [];
  told.replaceChildren("A row is what an image shows, a column what the network named it; the diagonal is right. ", ...example, "Click a cell to see its images.");
}

// the cell under the pointer or the focus; without one the chosen cell is told of
function point(view, at) {
  const { data, cells, rows, columns, told } = view;
  view.here?.forEach((one) => one.classList.remove("here"));
  view.here = at && [cells[at[0]][at[1]], rows[at[0]], columns[at[1]]];
  view.here?.forEach((one) => one.classList.add("here"));
  const [row, col] = at ?? view.chosen ?? [];
  if (row === undefined) {
    howToRead(view);
    return;
  }
  const said = row === col ? "named rightly" : "taken for it";
  const tail = data.totals[row] ? `, ${percent(data.counts[row][col] / data.totals[row])} of the ${counted(data.totals[row])} of ${data.classes[row]} ${row === col ? said : `are ${said}`}.` : ".";
  told.replaceChildren(element("b", "", named(data, row, col)), tail);
}

// an empty cell has no images to show
function choose(view, row, col) {
  if (!view.data.counts[row][col]) return;
  const { numbers } = view.data, is = view.chosen && view.chosen[0] === row && view.chosen[1] === col;
  view.chosen = is ? null : [row, col];
  mark(view, view.chosen);
  view.setTriggerValue("cell", [numbers[row], numbers[col]]);
}

// one cell takes part in the order of the tab key
function rove(view, row, col) {
  view.stop?.setAttribute("tabindex", "-1");
  view.stop = view.cells[row][col];
  view.stop.setAttribute("tabindex", "0");
}

const placeOf = (event) => {
  const cell = event.target.closest?.(".cell");
  return cell ? [Number(cell.dataset.row), Number(cell.dataset.col)] : null;
};

function onKey(view, event) {
  event.stopPropagation(); // Streamlit has shortcuts of its own
  const at = placeOf(event), step = STEPS[event.key], last = view.cells.length - 1;
  if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
  if (step) {
    const [row, col] = at.map((one, axis) => Math.min(Math.max(one + step[axis], 0), last));
    rove(view, row, col);
    view.stop.focus();
  } else if (event.key === "Enter" || event.key === " ") choose(view, ...at);
  else if (event.key === "Escape" && view.chosen) choose(view, ...view.chosen);
  else return;
  event.preventDefault();
}

function listen(view) {
  const { grid } = view;
  grid.onpointerover = (event) => point(view, placeOf(event));
  grid.onpointerleave = () => point(view, null);
  grid.onclick = (event) => {
    const at = placeOf(event);
    if (!at) return;
    rove(view, ...at);
    choose(view, ...at);
  };
  grid.onkeydown = (event) => onKey(view, event);
  grid.addEventListener("focusin", (event) => point(view, placeOf(event)));
  grid.addEventListener("focusout", () => point(view, null));
}

export function mount({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    const find = (name) => parentElement.querySelector(name);
    view = { root: find(".confusion"), grid: find(".grid"), told: find(".told") };
    views.set(parentElement, view);
    listen(view);
  }
  const before = view.data && String(view.data.classes);
  Object.assign(view, { data, setTriggerValue });
  if (before !== String(data.classes)) {
    build(view);
    rove(view, 0, 0);
    view.here = null;
  }
  view.grid.setAttribute("aria-label", "Confusion matrix: rows are the true classes, columns what the network named them. Arrow keys move, Enter shows the images of a cell.");
  const [row, col] = (data.chosen ?? []).map((number) => data.numbers.indexOf(number));
  view.chosen = row >= 0 && col >= 0 ? [row, col] : null;
  paintCells(view);
  mark(view, view.chosen);
  point(view, view.here ? placeOf({ target: view.here[0] }) : null);
}
