// The grids: built once for a layout, then written in place, so that focus and editing survive a new result.
import { element, find } from "../../core/base.js";
import { short, whole } from "../../core/numbers.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Saved } from "../../core/save.js" */
/** @import { Rule } from "./foresee.js" */
/** @import { Steps } from "./history.js" */

/**
 * @typedef {object} Plane one grid
 * @property {string} id
 * @property {string} role
 * @property {string} title
 * @property {number} rows
 * @property {number} cols
 * @property {(number | null)[]} values null where an exercise asks for the number
 * @property {string | null} [note] in place of the size
 * @property {[top: number, left: number, rows: number, cols: number]} core what is not padding
 * @property {{ rows: number[], cols: number[] }} unreached by no window
 * @property {boolean} editable
 * @property {[rows: number, cols: number] | null} most the largest size, where it can be changed
 * @property {Record<string, { text: string, why: string }>} drafts what was typed and is no number, by its cell
 * @property {number[][] | null} [cut] rows of numbers, those too that a smaller size has cut off
 * @property {Record<string, string>} [waiting] what was typed and only Python can read, by its cell
 * @property {Set<number>} [provisional] the cells that Python has not confirmed yet, by their place in `values`
 */

/**
 * @typedef {object} Output how a plane comes about
 * @property {string} plane
 * @property {{ x: string, w: string | null }[]} sources
 * @property {"sum" | "max" | "average" | "l2"} reduce
 * @property {string | null} bias
 * @property {number[] | null} divisors
 * @property {[row: number, col: number][] | null} winners
 * @property {{ plane: string, name: string } | null} activated what an activation makes of it
 */

/** @typedef {{ planes: string[], operator: string, rows: number[] | null }} Column */
/** @typedef {Record<string, Plane>} Planes */

/**
 * @typedef {object} Data
 * @property {string} name
 * @property {string} label
 * @property {Column[]} columns
 * @property {Planes} planes
 * @property {Output[]} outputs
 * @property {{ rows: (number | null)[][], cols: (number | null)[][] }} taps which input row a kernel row meets, per
 *   output row
 * @property {string[][]} frames outputs that fill together
 * @property {number} height
 * @property {Rule | null} rule by which the browser works out what Python will answer
 * @property {Record<string, [label: string, part: Partial<Rule>][]>} menus of the page: what each of their entries makes
 *   of the rule
 * @property {Steps | null} history
 * @property {number | null} standsOn
 * @property {number} ack the number of the last edit that Python took
 * @property {Saved} file
 * @property {string} [session] that keeps the steps; a file has none
 */

/** @typedef {HTMLElement & { look?: string | null }} Cell `look` is what is written in it */

/**
 * @typedef {object} Grids
 * @property {HTMLElement} root
 * @property {ShadowRoot} host
 * @property {{ planes: Planes, ack: number }} data
 * @property {Record<string, Cell[]>} cells
 * @property {Record<string, HTMLElement>} windows
 * @property {number} [most] characters that a cell has room for
 * @property {number} [width] pixels that there are for the grids, as far as it is known
 * @property {Context["setStateValue"]} setStateValue
 */

/** @param {Data} data */
export const layoutOf = (data) =>
  JSON.stringify([
    data.columns,
    Object.values(data.planes).map((p) => [p.id, p.rows, p.cols, p.core, p.editable, p.most, p.note]),
  ]);

/** @param {Grids & { data: Data }} view */
export function buildPlanes(view) {
  const { data, root } = view;
  const holder = find(root, ".planes");
  holder.replaceChildren();
  view.cells = {};
  view.windows = {};
  const rows = Math.max(...data.columns.map((column) => Math.max(0, ...(column.rows ?? [])))) + 1;
  holder.classList.toggle(
    "aligned",
    data.columns.some((column) => column.rows),
  );
  holder.style.gridTemplateRows = `repeat(${rows}, max-content)`;
  let place = 0;
  for (const column of data.columns) {
    const unit = element("div", "unit"); // an operator stays with what it makes
    const put = (/** @type {HTMLElement} */ box) => {
      place += 1;
      box.style.gridColumn = String(place);
      unit.append(box);
    };
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

/** @param {Grids} view @param {Plane} plane */
export function buildPlane(view, plane) {
  const box = element("div", "plane");
  box.style.setProperty("--role", `var(--${plane.role})`);
  const grid = element("div", "grid");
  grid.style.setProperty("--cols", String(plane.cols));
  grid.setAttribute("role", "grid");
  const [top, left, rows, cols] = plane.core;
  view.cells[plane.id] = [];
  for (let r = 0; r < plane.rows; r++) {
    const row = element("div", "row");
    row.setAttribute("role", "row");
    for (let c = 0; c < plane.cols; c++) {
      const inside = r >= top && r < top + rows && c >= left && c < left + cols;
      const cell = element("div", `cell${inside ? "" : " padding"}${inside && plane.editable ? " editable" : ""}`);
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

/** @param {Plane} plane */
function buildCaption(plane) {
  const caption = element("div", "caption");
  caption.append(element("b", "", plane.title));
  if (plane.most) {
    const [, , rows, cols] = plane.core;
    caption.append(sizeBox(plane, "rows", rows, plane.most[0]), "×", sizeBox(plane, "columns", cols, plane.most[1]));
  } else {
    caption.append(element("span", "", plane.note ?? `${plane.rows} × ${plane.cols}`));
  }
  return caption;
}

/** @param {Plane} plane @param {"rows" | "columns"} axis @param {number} value @param {number} most */
function sizeBox(plane, axis, value, most) {
  const box = element("input", "size");
  Object.assign(box, { type: "number", min: 1, max: most, value, title: `1 to ${most} ${axis}` });
  Object.assign(box.dataset, { plane: plane.id, axis });
  box.setAttribute("aria-label", `${plane.title}: ${axis}`);
  return box;
}

/**
 * @param {Grids} view
 * @param {Plane} plane
 * @param {string} selector of something of the plane's
 * @returns {HTMLElement}
 */
const partOf = (view, plane, selector) => find(aroundGrid(view, plane), selector);

/** @param {Grids} view @param {Plane} plane */
const aroundGrid = (view, plane) => /** @type {HTMLElement} */ (view.cells[plane.id][0].closest(".plane"));

// values, tints, drafts that are no numbers, hatching
/** @param {Grids} view */
export function writePlanes(view) {
  for (const plane of Object.values(view.data.planes)) {
    const largest = Math.max(1e-12, ...plane.values.map((value) => Math.abs(value ?? 0)));
    const [top, left] = plane.core;
    plane.values.forEach((value, index) => {
      const cell = view.cells[plane.id][index];
      const row = Math.floor(index / plane.cols);
      const col = index % plane.cols;
      const place = `${row - top},${col - left}`;
      const draft = plane.drafts?.[place];
      const hidden = value === null; // an exercise asks for it
      const number = value ?? 0;
      const text = plane.waiting?.[place] ?? (draft ? draft.text : hidden ? "?" : short(number, view.most));
      const full = hidden ? "?" : whole(number);
      const strength = Math.round((50 * Math.abs(number)) / largest) * Math.sign(number);
      const unreached = plane.unreached.rows.includes(row) || plane.unreached.cols.includes(col);
      const provisional = plane.provisional?.has(index) ?? false;
      const look = [text, full, strength, unreached, Boolean(draft), provisional].join();
      if (cell.look === look) return; // a style that is set again is computed again
      cell.look = look;
      cell.toggleAttribute("data-provisional", provisional);
      cell.children[0].textContent = text;
      cell.title = draft ? draft.why : full;
      cell.classList.toggle("asked", hidden);
      cell.classList.toggle("invalid", Boolean(draft));
      cell.style.setProperty("--chars", String(text.length));
      cell.classList.toggle("unreached", unreached);
      cell.style.setProperty("--tint", number < 0 ? "var(--negative)" : "var(--positive)");
      cell.style.setProperty("--strength", `${Math.abs(strength)}%`);
      const said = hidden ? "hidden, to be predicted" : text;
      cell.setAttribute("aria-label", `${plane.title}, row ${row + 1}, column ${col + 1}: ${said}`);
    });
    partOf(view, plane, ".caption b").textContent = plane.title; // an operation may change its name and keep its shape
    writeScale(view, plane, largest);
    const size = plane.note ? "" : `, ${plane.rows} rows, ${plane.cols} columns`;
    partOf(view, plane, ".grid").setAttribute("aria-label", `${plane.title}${size}`);
    /** @type {NodeListOf<HTMLInputElement>} */
    const boxes = aroundGrid(view, plane).querySelectorAll(".caption .size");
    for (const box of boxes) {
      if (box !== view.host.activeElement) box.value = String(plane.core[box.dataset.axis === "rows" ? 2 : 3]);
    }
  }
}

/** @param {Grids} view @param {Plane} plane @param {number} largest */
function writeScale(view, plane, largest) {
  const scale = partOf(view, plane, ".scale");
  const numbers = plane.values.map((value) => value ?? 0);
  const low = Math.min(0, ...numbers);
  const high = Math.max(0, ...numbers);
  scale.hidden = plane.values.length < 2 || low === high;
  const bar = element("i");
  const shade = (/** @type {number} */ value, /** @type {string} */ hue) =>
    `color-mix(in srgb, var(--${hue}) ${(50 * Math.abs(value)) / largest}%, var(--st-background-color))`;
  bar.style.setProperty("--from", shade(low, "negative"));
  bar.style.setProperty("--to", shade(high, "positive"));
  bar.style.setProperty("--zero", `${low === high ? 0 : (-100 * low) / (high - low)}%`);
  scale.replaceChildren(element("span", "", short(low)), bar, element("span", "", short(high)));
}

// cells as large as the width and the scene's height allow, up to 46 pixels; what does not fit beside the rest goes
// below, and on a phone everything stands under one another
/** @param {Grids & { data: Data }} view */
export function fit(view) {
  const { data, root } = view;
  view.width ??= root.clientWidth; // asked once: a browser that is asked between two changes lays the page out for it
  const width = view.width - 12;
  const narrow = width < 560;
  const least = window.matchMedia("(pointer: coarse)").matches ? 30 : 22;
  const sum = (/** @type {number[]} */ numbers) => numbers.reduce((total, number) => total + number, 0);
  const tallest = Math.max(...data.columns.map((column) => sum(column.planes.map((id) => data.planes[id].rows))));
  const columns = data.columns.map((column) => ({
    cells: Math.max(...column.planes.map((id) => data.planes[id].cols)),
    caption: column.planes.some((id) => data.planes[id].most) ? 136 : 70,
    gap: column.operator ? 88 : 32,
  }));
  // a column is as wide as its cells or as its caption, whichever is more
  const inRow = (/** @type {typeof columns} */ row) => {
    const roomFor = (/** @type {number} */ size) =>
      sum(row.map((one) => Math.max(one.caption, one.cells * size) + one.gap));
    let size = 46;
    while (size > least && roomFor(size) > width) size -= 1;
    return size;
  };
  const across = inRow(columns) > 26 || columns.length < 4 ? inRow(columns) : inRow(columns.slice(0, -1));
  const alone = Math.min(44, width / Math.max(...columns.map((column) => column.cells)));
  const size = narrow ? alone : Math.min(across, (data.height ?? 440) / tallest);
  root.classList.toggle("narrow", narrow);
  root.classList.toggle("tight", width < 1040); // steps back and forth beside the transport take its margins
  const cell = Math.floor(Math.max(least, size));
  root.style.setProperty("--cell", `${cell}px`);
  view.most = Math.min(6, Math.floor((cell - 3) / 4.7)); // characters of 9 pixels that a cell has room for
}
