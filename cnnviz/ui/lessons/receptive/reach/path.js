// What a unit sees: its span on every earlier map, the cells with a path to it, the lines between, and a sentence.
import { element } from "../../../core/base.js";
import { whole } from "../../../core/numbers.js";
import { draw } from "../../../core/svg.js";
import { drawMap } from "./maps.js";

// the cells of every map that have a path to `unit`, tap by tap
function cellsMet(taps, layer, unit) {
  const met = [];
  met[layer] = [unit];
  for (let map = layer; map > 0; map--) met[map - 1] = [...new Set(met[map].flatMap((one) => taps[map - 1][one]))];
  return met;
}

export function showUnit(view) {
  const { data, cursor, figures } = view, { layer, row, col } = cursor;
  const rows = cellsMet(data.taps, layer, row), cols = cellsMet(data.taps, layer, col);
  figures.forEach((one, map) => {
    one.figure.classList.toggle("later", map > layer);
    one.figure.classList.toggle("now", map === layer);
    one.box = map > layer ? null : spanBox(one, data.spans[layer][map], row, col, data.maps[map].size);
    drawMap(view, map, rows[map] ?? [], cols[map] ?? []);
    for (const mark of [one.field, one.beyond]) place(mark, one.box);
  });
  drawPaths(view);
  tell(view, rows[0].length * cols[0].length);
}

// a span in cells and in pixels of its area
function spanBox({ side, ring }, [start, step, size], row, col, cells) {
  const cell = side / cells, top = start + row * step, left = start + col * step;
  return { top, left, size, y: ring + top * cell, x: ring + left * cell, length: size * cell };
}

function place(mark, box) {
  mark.hidden = !box;
  if (!box) return;
  Object.assign(mark.dataset, { top: box.top, left: box.left, size: box.size });
  const length = Math.max(box.length, 5), shift = (length - box.length) / 2; // never smaller than an eye can find
  mark.style.cssText = `left:${box.x - shift}px;top:${box.y - shift}px;width:${length}px;height:${length}px`;
}

// from map to map, where they stand in one row, the lines between the ends of the spans
function drawPaths(view) {
  const { figures, holder, paths } = view;
  const boxes = figures.map(({ area, box }) => box && visible(area, box, holder));
  const parts = [];
  for (let map = 1; boxes[map]; map++) {
    const [from, to] = [boxes[map - 1], boxes[map]];
    if (from.right > to.left + 1 || Math.abs(from.middle - to.middle) > 4) continue;
    const points = [[from.right, from.top], [to.left, to.top], [to.left, to.bottom], [from.right, from.bottom]];
    parts.push(draw("polygon", { points: points.map((point) => point.join()).join(" ") }));
    for (const [a, b] of [[0, 1], [3, 2]]) {
      parts.push(draw("line", { x1: points[a][0], y1: points[a][1], x2: points[b][0], y2: points[b][1] }));
    }
  }
  paths.replaceChildren(...parts);
}

// the part of a span that its area shows, in pixels of the holder
function visible(area, box, holder) {
  const origin = holder.getBoundingClientRect(), zoom = origin.width / holder.offsetWidth; // large type magnifies them
  const edge = area.getBoundingClientRect();
  const left = (edge.left - origin.left) / zoom, top = (edge.top - origin.top) / zoom;
  const width = edge.width / zoom, height = edge.height / zoom;
  const clip = (value, most) => Math.min(Math.max(value, 0), most);
  return {
    left: left + clip(box.x, width), right: left + clip(box.x + box.length, width),
    top: top + clip(box.y, height), bottom: top + clip(box.y + box.length, height),
    middle: top + height / 2,
  };
}

const plain = (number) => number.toLocaleString("en");
const fromTo = (first, size) => (size === 1 ? whole(first) : `${whole(first)} to ${whole(first + size - 1)}`);

// rows and columns are counted from 1, so row 0 is the first of the padding
function tell(view, met) {
  const { data, cursor, told } = view, { layer, row, col } = cursor, box = view.figures[0].box;
  const [, step] = data.spans[layer][0], { size } = data.maps[0], { size: field, top, left } = box;
  const inside = (first) => Math.max(0, Math.min(first + field, size) - Math.max(first, 0));
  const within = inside(top) * inside(left), all = field * field;
  const head = element("b", "", `Unit (${row + 1}, ${col + 1}) of layer ${layer} sees ${field} × ${field} input cells`);
  const several = field === 1 ? ["row", "column"] : ["rows", "columns"];
  const sentences = [
    `: ${several[0]} ${fromTo(top + 1, field)}, ${several[1]} ${fromTo(left + 1, field)}.`,
    `Neighbouring units are ${step} ${step === 1 ? "cell" : "cells"} apart.`,
  ];
  if (within < all) sentences.push(`${plain(within)} of the ${plain(all)} cells lie in the picture, the others on padding.`);
  if (met < within) sentences.push(`Only ${plain(met)} of ${within < all ? "these" : `the ${plain(all)}`} have a path to the unit.`);
  told.replaceChildren(head, sentences.join(" "));
}
