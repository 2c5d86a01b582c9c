// The grids: built once for a layout, then written in place, so that focus and editing survive a new result.
import { element } from "../../core/base.js";
import { short, whole } from "../../core/numbers.js";

export const layoutOf = (data) =>
  JSON.stringify([data.columns, Object.values(data.planes).map((p) => [p.id, p.rows, p.cols, p.core, p.editable, p.most, p.note])]);

export function buildPlanes(view) {
  const { data, root } = view;
  const holder = root.querySelector(".planes");
  holder.replaceChildren();
  view.cells = {};
  view.windows = {};
  const rows = Math.max(...data.columns.map((column) => Math.max(0, ...(column.rows ?? [])))) + 1;
  holder.classList.toggle("aligned", data.columns.some((column) => column.rows));
  holder.style.gridTemplateRows = `repeat(${rows}, max-content)`;
  let place = 0;
  for (const column of data.columns) {
    const unit = element("div", "unit"); // an operator stays with what it makes
    const put = (box) => { box.style.gridColumn = ++place; unit.append(box); };
    if (column.operator) put(element("div", "operator", column.operator));
    const box = element("div", column.rows ? "column rows" : "column");
    put(box);
    holder.append(unit);
    column.planes.forEach((id, index) => {
      const plane = buildPlane(view, data.planes[id]);
      if (column.rows) Object.assign(plane.style, { gridRow: column.rows[index] + 1, gridColumn: place });
      box.append(plane);
    });
  }
}

export function buildPlane(view, plane) {
  const box = element("div", "plane");
  box.style.setProperty("--role", `var(--${plane.role})`);
  const grid = element("div", "grid");
  grid.style.setProperty("--cols", plane.cols);
  grid.setAttribute("role", "grid");
  const [top, left, rows, cols] = plane.core;
  view.cells[plane.id] = [];
  for (let r = 0; r < plane.rows; r++) {
    const row = element("div", "row");
    row.setAttribute("role", "row");
    for (let c = 0; c < plane.cols; c++) {
      const inside = r >= top && r < top + rows && c >= left && c < left + cols;
      const cell = element("div", "cell" + (inside ? "" : " padding") + (inside && plane.editable ? " editable" : ""));
      Object.assign(cell.dataset, { plane: plane.id, row: r, col: c });
      cell.setAttribute("role", "gridcell");
      if (plane.editable && r === top && c === left) cell.tabIndex = 0;
      cell.append(element("span", "value"), element("span", "product"));
      view.cells[plane.id].push(cell);
      row.append(cell);
    }
    grid.append(row);
  }
  const frame = element("div", "window");
  frame.hidden = true;
  grid.append(frame);
  view.windows[plane.id] = frame;
  box.append(buildCaption(plane), grid, element("div", "scale"));
  return box;
}

function buildCaption(plane) {
  const caption = element("div", "caption");
  caption.append(element("b", "", plane.title));
  if (plane.most) {
    const [, , rows, cols] = plane.core;
    const boxes = [["rows", rows, plane.most[0]], ["columns", cols, plane.most[1]]].map(([name, value, most]) => {
      const box = element("input", "size");
      Object.assign(box, { type: "number", min: 1, max: most, value, title: `1 to ${most} ${name}` });
      box.dataset.plane = plane.id;
      box.dataset.axis = name;
      box.setAttribute("aria-label", `${plane.title}: ${name}`);
      return box;
    });
    caption.append(boxes[0], document.createTextNode("×"), boxes[1]);
  } else {
    caption.append(element("span", "", plane.note ?? `${plane.rows} × ${plane.cols}`));
  }
  return caption;
}

// values, tints, drafts that are no numbers, hatching
export function writePlanes(view) {
  for (const plane of Object.values(view.data.planes)) {
    const largest = Math.max(1e-12, ...plane.values.map(Math.abs));
    const [top, left] = plane.core;
    plane.values.forEach((value, index) => {
      const cell = view.cells[plane.id][index];
      const row = Math.floor(index / plane.cols), col = index % plane.cols;
      const draft = plane.drafts?.[`${row - top},${col - left}`];
      const hidden = value === null; // an exercise asks for it
      const text = draft ? draft.text : hidden ? "?" : short(value, view.most);
      const full = hidden ? "?" : whole(value);
      const strength = Math.round((50 * Math.abs(value)) / largest) * Math.sign(value);
      const unreached = plane.unreached.rows.includes(row) || plane.unreached.cols.includes(col);
      const look = [text, full, strength, unreached, Boolean(draft)].join();
      if (cell.look === look) return; // a style that is set again is computed again
      cell.look = look;
      cell.firstChild.textContent = text;
      cell.title = draft ? draft.why : full;
      cell.classList.toggle("asked", hidden);
      cell.classList.toggle("invalid", Boolean(draft));
      cell.style.setProperty("--chars", text.length);
      cell.classList.toggle("unreached", unreached);
      cell.style.setProperty("--tint", value < 0 ? "var(--negative)" : "var(--positive)");
      cell.style.setProperty("--strength", `${Math.abs(strength)}%`);
      const told = hidden ? "hidden, to be predicted" : text;
      cell.setAttribute("aria-label", `${plane.title}, row ${row + 1}, column ${col + 1}: ${told}`);
    });
    const title = view.cells[plane.id][0].closest(".plane").querySelector(".caption b");
    if (title) title.textContent = plane.title; // an operation may change its name and keep its shape
    writeScale(view, plane, largest);
    const grid = view.cells[plane.id][0].closest(".grid");
    grid.setAttribute("aria-label", plane.note ? plane.title : `${plane.title}, ${plane.rows} rows, ${plane.cols} columns`);
    for (const box of grid.parentElement.querySelectorAll(".caption .size")) {
      if (box !== view.host.activeElement) box.value = box.dataset.axis === "rows" ? plane.core[2] : plane.core[3];
    }
  }
}

function writeScale(view, plane, largest) {
  const scale = view.cells[plane.id][0].closest(".plane").querySelector(".scale");
  const low = Math.min(0, ...plane.values), high = Math.max(0, ...plane.values);
  scale.hidden = plane.values.length < 2 || low === high;
  const bar = element("i");
  const shade = (value, hue) => `color-mix(in srgb, var(--${hue}) ${(50 * Math.abs(value)) / largest}%, var(--st-background-color))`;
  bar.style.setProperty("--from", shade(low, "negative"));
  bar.style.setProperty("--to", shade(high, "positive"));
  bar.style.setProperty("--zero", `${low === high ? 0 : (-100 * low) / (high - low)}%`);
  scale.replaceChildren(element("span", "", short(low)), bar, element("span", "", short(high)));
}

// cells as large as the width and the scene's height allow, up to 46 pixels; what does not fit beside the rest goes below,
// and on a phone everything stands under one another
export function fit(view) {
  const { data, root } = view;
  const width = root.clientWidth - 12;
  const narrow = width < 560;
  const least = window.matchMedia("(pointer: coarse)").matches ? 30 : 22;
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const tallest = Math.max(...data.columns.map((column) => sum(column.planes.map((id) => data.planes[id].rows))));
  const columns = data.columns.map((column) => ({
    cells: Math.max(...column.planes.map((id) => data.planes[id].cols)),
    caption: column.planes.some((id) => data.planes[id].most) ? 136 : 70,
    gap: column.operator ? 88 : 32,
  }));
  // a column is as wide as its cells or as its caption, whichever is more
  const inRow = (row) => {
    const roomFor = (size) => sum(row.map((one) => Math.max(one.caption, one.cells * size) + one.gap));
    let size = 46;
    while (size > least && roomFor(size) > width) size -= 1;
    return size;
  };
  const across = inRow(columns) > 26 || columns.length < 4 ? inRow(columns) : inRow(columns.slice(0, -1));
  const alone = Math.min(44, width / Math.max(...columns.map((column) => column.cells)));
  const size = narrow ? alone : Math.min(across, (data.height ?? 440) / tallest);
  root.classList.toggle("narrow", narrow);
  const cell = Math.floor(Math.max(least, size));
  root.style.setProperty("--cell", `${cell}px`);
  view.most = Math.min(6, Math.floor((cell - 3) / 4.7)); // characters of 9 pixels that a cell has room for
}
