// What lights up, and the line of arithmetic: for an output cell its window, for an input cell every output that it
// feeds, for a kernel cell every input that it meets. Which cell meets which is read from Python's taps.
import { element } from "../../core/base.js";
import { bracketed, short, whole } from "../../core/numbers.js";
import { cellAt } from "./edit.js";
import { positionAt } from "./position.js";

const valueAt = (plane, row, col) => plane.values[row * plane.cols + col];
const sizeHidden = ({ data }) => data.outputs.some((output) => data.planes[output.plane].note); // an exercise asks for it

// every (input cell, kernel cell) behind output cell (i, j) of `output`, source by source
function termsOf(view, output, i, j) {
  const { planes, taps } = view.data;
  return output.sources.map((source) => {
    const x = planes[source.x], w = source.w ? planes[source.w] : null;
    const terms = [];
    taps.rows[i].forEach((row, a) => taps.cols[j].forEach((col, b) => {
      if (row === null || col === null) return;
      const value = valueAt(x, row, col);
      terms.push({ x, w, row, col, a, b, value, weight: w ? valueAt(w, a, b) : null });
    }));
    return terms;
  });
}

function clear(view) {
  for (const [cell, classes] of view.lit ?? []) {
    cell.classList.remove(...classes);
    cell.children[1].textContent = ""; // its product
  }
  view.lit = [];
  for (const frame of Object.values(view.windows)) frame.hidden = true;
}

function light(view, cell, name, product) {
  if (!cell) return;
  cell.classList.add(name);
  if (product !== undefined) cell.children[1].textContent = product;
  view.lit.push([cell, [name]]);
}

export function paint(view) {
  clear(view);
  const target = view.hover ?? { kind: "output", ...positionAt(view, view.at) };
  if (target.kind === "output") paintOutput(view, target);
  else if (target.kind === "input") paintInput(view, target);
  else paintKernel(view, target);
}

function paintOutput(view, { frame, i, j }) {
  const lines = [];
  for (const id of view.data.frames[frame]) {
    const output = view.data.outputs.find((one) => one.plane === id);
    const groups = termsOf(view, output, i, j);
    const winner = output.winners?.[i * view.data.planes[id].cols + j];
    const hidden = valueAt(view.data.planes[id], i, j) === null;
    for (const terms of groups) {
      for (const term of terms) {
        const cell = cellAt(view, term.x, term.row, term.col);
        const product = hidden ? undefined : output.reduce === "sum" ? short(term.value * term.weight) : output.reduce === "l2" ? short(term.value ** 2) : undefined;
        light(view, cell, "in-window", product);
        if (winner && winner[0] === term.row && winner[1] === term.col) light(view, cell, "winner");
      }
      if (terms.length) outline(view, terms);
    }
    light(view, cellAt(view, view.data.planes[id], i, j), "now");
    if (output.then) light(view, cellAt(view, view.data.planes[output.then.plane], i, j), "now");
    lines.push(arithmeticLine(view, output, groups, i, j));
  }
  view.root.querySelector(".arithmetic").replaceChildren(...lines);
}

function outline(view, terms) {
  const plane = terms[0].x;
  const cell = (row, col) => cellAt(view, plane, row, col);
  const rows = terms.map((term) => term.row), cols = terms.map((term) => term.col);
  const first = cell(Math.min(...rows), Math.min(...cols)), last = cell(Math.max(...rows), Math.max(...cols));
  const frame = view.windows[plane.id];
  const top = `${first.offsetTop - 1}px`;
  frame.hidden = false;
  frame.style.transition = frame.style.top === top ? "" : "none"; // it slides along a row, and begins the next one at once
  frame.style.left = `${first.offsetLeft - 1}px`;
  frame.style.top = top;
  frame.style.width = `${last.offsetLeft + last.offsetWidth - first.offsetLeft + 2}px`;
  frame.style.height = `${last.offsetTop + last.offsetHeight - first.offsetTop + 2}px`;
  const box = frame.closest(".plane"); // on a phone a wide grid scrolls along with its window
  if (box.scrollWidth > box.clientWidth && !view.hover) {
    box.scrollLeft = (first.offsetLeft + last.offsetLeft + last.offsetWidth - box.clientWidth) / 2;
  }
}

// the outputs that input cell (row, col) of plane x feeds, and through which kernel cells
function paintInput(view, { plane, row, col }) {
  const { planes, taps, outputs } = view.data;
  const x = planes[plane];
  light(view, cellAt(view, x, row, col), "now");
  let fed = 0;
  for (const output of outputs) {
    const source = output.sources.find((one) => one.x === plane);
    if (!source) continue;
    const y = planes[output.plane];
    taps.rows.forEach((windowRows, i) => taps.cols.forEach((windowCols, j) => {
      const a = windowRows.indexOf(row), b = windowCols.indexOf(col);
      if (a < 0 || b < 0) return;
      const weight = source.w ? valueAt(planes[source.w], a, b) : null;
      const told = source.w && valueAt(y, i, j) !== null;
      light(view, cellAt(view, y, i, j), "fed", told ? short(valueAt(x, row, col) * weight) : undefined);
      const winner = output.winners?.[i * y.cols + j];
      if (winner && winner[0] === row && winner[1] === col) light(view, cellAt(view, y, i, j), "winner");
      if (source.w) light(view, cellAt(view, planes[source.w], a, b), "met");
      fed += 1;
    }));
  }
  const [top, left, rows, cols] = x.core;
  const inside = row >= top && row < top + rows && col >= left && col < left + cols;
  const name = inside ? `${x.title}, row ${row - top + 1}, column ${col - left + 1}` : `A padding cell of ${x.title}`;
  const value = element("span", "x", whole(valueAt(x, row, col)));
  if (sizeHidden(view)) say(view, `${name}: `, value);
  else say(view, `${name}: `, value, fed ? ` feeds ${fed} output cell${fed > 1 ? "s" : ""}` : " feeds no output cell: no window reaches it");
}

// the input cells that kernel cell (a, b) meets as the window slides
function paintKernel(view, { plane, a, b }) {
  const { planes, taps, outputs } = view.data;
  const w = planes[plane];
  light(view, cellAt(view, w, a, b), "now");
  const met = new Set();
  for (const output of outputs) {
    for (const source of output.sources.filter((one) => one.w === plane)) {
      taps.rows.forEach((windowRows) => taps.cols.forEach((windowCols) => {
        const cell = windowRows[a] === null || windowCols[b] === null ? null : cellAt(view, planes[source.x], windowRows[a], windowCols[b]);
        if (cell && !met.has(cell)) light(view, cell, "met");
        if (cell) met.add(cell);
      }));
    }
  }
  const value = element("span", "w", whole(valueAt(w, a, b)));
  const meets = sizeHidden(view) ? "" : ` meets ${met.size} input cell${met.size === 1 ? "" : "s"}`;
  say(view, `${w.title}, row ${a + 1}, column ${b + 1}: `, value, meets);
}

function say(view, ...parts) {
  view.root.querySelector(".arithmetic").replaceChildren(...parts);
}

// y[i, j] = 1×0 + 2×1 + … + bias = sum, for every way of reducing a window
function arithmeticLine(view, output, groups, i, j) {
  const { planes } = view.data;
  const y = planes[output.plane];
  const result = valueAt(y, i, j);
  const line = element("div", "line"), terms = element("span", "terms"), total = element("span", "total");
  terms.append(element("span", "where", `${y.title}, row ${i + 1}, column ${j + 1} = `));
  if (result === null) { // an exercise asks for it
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
  if (output.then) {
    total.append(`, and ${output.then.name}(${whole(result)}) = `, element("span", "y", whole(valueAt(planes[output.then.plane], i, j))));
  }
  line.append(terms, total); // on a phone the terms scroll, and the total stays in sight
  return line;
}

// every input cell times its weight, channel by channel
function productsOf(groups) {
  const parts = [];
  groups.forEach((terms, index) => {
    if (groups.length > 1) parts.push(index ? " + (" : "(");
    terms.forEach((term, n) => {
      if (n) parts.push(" + ");
      const one = element("span", "term" + (term.value * term.weight === 0 ? " nothing" : ""));
      one.append(element("span", "x", bracketed(term.value)), "·", element("span", "w", bracketed(term.weight)));
      parts.push(one);
    });
    if (!terms.length) parts.push("0");
    if (groups.length > 1) parts.push(")");
  });
  return parts;
}

// the sum of each channel, where there are several, and the bias
function sumsOf(output, groups, planes) {
  const parts = [];
  if (groups.length > 1) {
    const totals = groups.map((terms) => terms.reduce((sum, term) => sum + term.value * term.weight, 0));
    parts.push(" = ", totals.map(bracketed).join(" + "));
  }
  if (output.bias) parts.push(" + ", element("span", "b", bracketed(planes[output.bias].values[0])));
  return parts;
}

function reduced(output, terms, index) {
  const value = (term, square) => element("span", "x", bracketed(term.value) + (square ? "²" : ""));
  const joined = (separator, square) => terms.flatMap((term, n) => (n ? [separator, value(term, square)] : [value(term, square)]));
  const divisor = output.divisors?.[index] ?? 1;
  if (output.reduce === "max") {
    const isPadding = ({ row, col, x: { core: [top, left, rows, cols] } }) => row < top || row >= top + rows || col < left || col >= left + cols;
    const shown = terms.flatMap((term, n) => [n ? ", " : "", isPadding(term) ? "−∞" : value(term, false)]); // padding never wins
    return ["max(", ...shown, ")"];
  }
  if (output.reduce === "average") return ["(", ...joined(" + "), `) / ${whole(divisor)}`];
  return ["√(", ...joined(" + ", true), divisor === 1 ? ")" : ` / ${whole(divisor)})`];
}
