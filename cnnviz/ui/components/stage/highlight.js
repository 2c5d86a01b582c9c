// What lights up, and the line of arithmetic: for an output cell its window, for an input cell every output that it
// feeds, for a kernel cell every input that it meets. Which cell meets which is read from Python's taps.
import { element, find } from "../../core/base.js";
import { bracketed, short, whole } from "../../core/numbers.js";
import { cellAt } from "./edit.js";
import { positionAt } from "./position.js";
import { isPadding } from "./reduce.js";

/** @import { Cell, Data, Output, Plane, Planes } from "./draw.js" */
/** @import { Place, Target, View } from "./position.js" */

/** @typedef {{ x: Plane, row: number, col: number, a: number, b: number, value: number, weight: number }} Term */
/** @typedef {(string | Node)[]} Parts of a line of arithmetic */

// what stands in a cell; null where an exercise asks for it
/** @param {Plane} plane @param {number} row @param {number} col */
const valueAt = (plane, row, col) => plane.values[row * plane.cols + col];

// the same of an input or a kernel, of which nothing is hidden
/** @param {Plane} plane @param {number} row @param {number} col */
const numberAt = (plane, row, col) => valueAt(plane, row, col) ?? NaN;

/** @param {View} view */
const sizeHidden = ({ data }) => data.outputs.some((output) => data.planes[output.plane].note); // an exercise asks it

// every (input cell, kernel cell) behind output cell (i, j) of `output`, source by source
/** @param {{ data: Pick<Data, "planes" | "taps"> }} view @param {Output} output @param {number} i @param {number} j */
export function termsOf(view, output, i, j) {
  const { planes, taps } = view.data;
  return output.sources.map((source) => {
    const x = planes[source.x];
    const w = source.w ? planes[source.w] : null;
    /** @type {Term[]} */
    const terms = [];
    taps.rows[i].forEach((row, a) =>
      taps.cols[j].forEach((col, b) => {
        if (row === null || col === null) return;
        terms.push({ x, row, col, a, b, value: numberAt(x, row, col), weight: w ? numberAt(w, a, b) : 0 });
      }),
    );
    return terms;
  });
}

/** @param {View} view */
function clear(view) {
  for (const [cell, name] of view.lit) {
    cell.classList.remove(name);
    cell.children[1].textContent = ""; // its product
  }
  view.lit = [];
  for (const frame of Object.values(view.windows)) frame.hidden = true;
}

/** @param {View} view @param {Cell | undefined} cell @param {string} name @param {string} [product] */
function light(view, cell, name, product) {
  if (!cell) return;
  cell.classList.add(name);
  if (product !== undefined) cell.children[1].textContent = product;
  view.lit.push([cell, name]);
}

/** @param {View} view */
export function paint(view) {
  clear(view);
  /** @type {Target} */
  const target = view.hover ?? { kind: "output", ...positionAt(view, view.at) };
  if (target.kind === "output") paintOutput(view, target);
  else if (target.kind === "input") paintInput(view, target);
  else paintKernel(view, target);
}

/** @param {View} view @param {Target & { kind: "output" }} target */
function paintOutput(view, { frame, i, j }) {
  const lines = [];
  for (const id of view.data.frames[frame]) {
    const output = view.data.outputs.find((one) => one.plane === id);
    if (!output) continue;
    const groups = termsOf(view, output, i, j);
    const winner = output.winners?.[i * view.data.planes[id].cols + j];
    const hidden = valueAt(view.data.planes[id], i, j) === null;
    for (const terms of groups) {
      for (const term of terms) {
        const cell = cellAt(view, term.x, term.row, term.col);
        const product = hidden
          ? undefined
          : output.reduce === "sum"
            ? short(term.value * term.weight)
            : output.reduce === "l2"
              ? short(term.value ** 2)
              : undefined;
        light(view, cell, "in-window", product);
        if (winner && winner[0] === term.row && winner[1] === term.col) light(view, cell, "winner");
      }
      if (terms.length) outline(view, terms);
    }
    light(view, cellAt(view, view.data.planes[id], i, j), "now");
    if (output.activated) light(view, cellAt(view, view.data.planes[output.activated.plane], i, j), "now");
    lines.push(arithmeticLine(view, output, groups, i, j));
  }
  find(view.root, ".arithmetic").replaceChildren(...lines);
}

/** @param {View} view @param {Term[]} terms */
function outline(view, terms) {
  const plane = terms[0].x;
  const rows = terms.map((term) => term.row);
  const cols = terms.map((term) => term.col);
  const place = placeOf(view, plane);
  const [row, col] = [Math.min(...rows), Math.min(...cols)];
  const left = place.left + col * place.across;
  const width = (Math.max(...cols) - col) * place.across + place.width;
  const frame = view.windows[plane.id];
  const top = `${place.top + row * place.down - 1}px`;
  frame.hidden = false;
  frame.style.transition = frame.style.top === top ? "" : "none"; // it slides along a row, no further
  frame.style.left = `${left - 1}px`;
  frame.style.top = top;
  frame.style.width = `${width + 2}px`;
  frame.style.height = `${(Math.max(...rows) - row) * place.down + place.height + 2}px`;
  const box = frame.closest(".plane");
  if (box && place.room && !view.hover) box.scrollLeft = left + (width - place.room) / 2;
}

// Where the cells of a plane stand in it, in pixels, asked once for each size: a browser that is asked between two
// changes has to lay the page out in between. `room` is the width of what they are scrolled in, null where all of them
// are in sight; on a phone a wide grid scrolls along with its window.
/** @param {View} view @param {Plane} plane */
function placeOf(view, plane) {
  view.places[plane.id] ??= measured(view.cells[plane.id], plane);
  return view.places[plane.id];
}

/** @param {Cell[]} cells @param {Plane} plane @returns {Place} */
function measured(cells, plane) {
  const [first, last] = [cells[0], cells[cells.length - 1]];
  const box = first.closest(".plane");
  return {
    ...{ left: first.offsetLeft, top: first.offsetTop, width: first.offsetWidth, height: first.offsetHeight },
    across: (last.offsetLeft - first.offsetLeft) / Math.max(1, plane.cols - 1),
    down: (last.offsetTop - first.offsetTop) / Math.max(1, plane.rows - 1),
    room: box && box.scrollWidth > box.clientWidth ? box.clientWidth : null,
  };
}

// the outputs that input cell (row, col) of plane x feeds, and through which kernel cells
/** @param {View} view @param {Target & { kind: "input" }} target */
function paintInput(view, { plane, row, col }) {
  const { planes, taps, outputs } = view.data;
  const x = planes[plane];
  light(view, cellAt(view, x, row, col), "now");
  let fed = 0;
  for (const output of outputs) {
    const source = output.sources.find((one) => one.x === plane);
    if (!source) continue;
    const y = planes[output.plane];
    taps.rows.forEach((windowRows, i) =>
      taps.cols.forEach((windowCols, j) => {
        const a = windowRows.indexOf(row);
        const b = windowCols.indexOf(col);
        if (a < 0 || b < 0) return;
        const product = source.w ? numberAt(x, row, col) * numberAt(planes[source.w], a, b) : null;
        const isKnown = product !== null && valueAt(y, i, j) !== null;
        light(view, cellAt(view, y, i, j), "fed", isKnown ? short(product) : undefined);
        const winner = output.winners?.[i * y.cols + j];
        if (winner && winner[0] === row && winner[1] === col) light(view, cellAt(view, y, i, j), "winner");
        if (source.w) light(view, cellAt(view, planes[source.w], a, b), "met");
        fed += 1;
      }),
    );
  }
  const [top, left, rows, cols] = x.core;
  const inside = row >= top && row < top + rows && col >= left && col < left + cols;
  const name = inside ? `${x.title}, row ${row - top + 1}, column ${col - left + 1}` : `A padding cell of ${x.title}`;
  const value = element("span", "x", whole(numberAt(x, row, col)));
  const feeds = fed ? ` feeds ${fed} output cell${fed > 1 ? "s" : ""}` : " feeds no output cell: no window reaches it";
  say(view, `${name}: `, value, sizeHidden(view) ? "" : feeds);
}

// the input cells that kernel cell (a, b) meets as the window slides
/** @param {View} view @param {Target & { kind: "kernel" }} target */
function paintKernel(view, { plane, a, b }) {
  const { planes, taps, outputs } = view.data;
  const w = planes[plane];
  light(view, cellAt(view, w, a, b), "now");
  const met = new Set();
  for (const output of outputs) {
    for (const source of output.sources.filter((one) => one.w === plane)) {
      taps.rows.forEach((windowRows) =>
        taps.cols.forEach((windowCols) => {
          const [row, col] = [windowRows[a], windowCols[b]];
          const cell = row === null || col === null ? undefined : cellAt(view, planes[source.x], row, col);
          if (cell && !met.has(cell)) light(view, cell, "met");
          if (cell) met.add(cell);
        }),
      );
    }
  }
  const value = element("span", "w", whole(numberAt(w, a, b)));
  const meets = sizeHidden(view) ? "" : ` meets ${met.size} input cell${met.size === 1 ? "" : "s"}`;
  say(view, `${w.title}, row ${a + 1}, column ${b + 1}: `, value, meets);
}

/** @param {View} view @param {Parts} parts */
function say(view, ...parts) {
  find(view.root, ".arithmetic").replaceChildren(...parts);
}

// y[i, j] = 1×0 + 2×1 + … + bias = sum, for every way of reducing a window
/** @param {View} view @param {Output} output @param {Term[][]} groups @param {number} i @param {number} j */
function arithmeticLine(view, output, groups, i, j) {
  const { planes } = view.data;
  const y = planes[output.plane];
  const result = valueAt(y, i, j);
  const line = element("div", "line");
  const terms = element("span", "terms");
  const total = element("span", "total");
  terms.append(element("span", "where", `${y.title}, row ${i + 1}, column ${j + 1} = `));
  if (result === null) {
    // an exercise asks it
    terms.append(element("span", "y", "?"));
    line.append(terms);
    return line;
  }
  if (output.reduce === "sum") {
    terms.append(...productsOf(groups));
    total.append(...sumsOf(output, groups, planes));
  } else {
    terms.append(...reduced(output, groups.flat(), i * y.cols + j));
  }
  total.append(" = ", element("span", "y", whole(result)));
  if (output.activated) {
    total.append(
      `, and ${output.activated.name}(${whole(result)}) = `,
      element("span", "y", whole(numberAt(planes[output.activated.plane], i, j))),
    );
  }
  line.append(terms, total); // on a phone the terms scroll, and the total stays in sight
  return line;
}

// every input cell times its weight, channel by channel
/** @param {Term[][]} groups */
function productsOf(groups) {
  /** @type {Parts} */
  const parts = [];
  groups.forEach((terms, index) => {
    if (groups.length > 1) parts.push(index ? " + (" : "(");
    terms.forEach((term, n) => {
      if (n) parts.push(" + ");
      const one = element("span", `term${term.value * term.weight === 0 ? " nothing" : ""}`);
      one.append(element("span", "x", bracketed(term.value)), "·", element("span", "w", bracketed(term.weight)));
      parts.push(one);
    });
    if (!terms.length) parts.push("0");
    if (groups.length > 1) parts.push(")");
  });
  return parts;
}

// the sum of each channel, where there are several, and the bias
/** @param {Output} output @param {Term[][]} groups @param {Planes} planes */
function sumsOf(output, groups, planes) {
  /** @type {Parts} */
  const parts = [];
  if (groups.length > 1) {
    const totals = groups.map((terms) => terms.reduce((sum, term) => sum + term.value * term.weight, 0));
    parts.push(" = ", totals.map(bracketed).join(" + "));
  }
  if (output.bias) parts.push(" + ", element("span", "b", bracketed(numberAt(planes[output.bias], 0, 0))));
  return parts;
}

/** @param {Output} output @param {Term[]} terms @param {number} index @returns {Parts} */
function reduced(output, terms, index) {
  const value = (/** @type {Term} */ term, square = "") => element("span", "x", bracketed(term.value) + square);
  const sum = (square = "") => terms.flatMap((term, n) => (n ? [" + ", value(term, square)] : [value(term, square)]));
  const divisor = output.divisors?.[index] ?? 1;
  if (output.reduce === "max") {
    const shown = terms.flatMap((term, n) => [n ? ", " : "", isPadding(term) ? "−∞" : value(term)]); // never wins
    return ["max(", ...shown, ")"];
  }
  if (output.reduce === "average") return ["(", ...sum(), `) / ${whole(divisor)}`];
  return ["√(", ...sum("²"), divisor === 1 ? ")" : ` / ${whole(divisor)})`];
}
