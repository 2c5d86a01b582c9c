// What a unit sees: its span on every earlier map, the cells with a path to it, the lines between, and a sentence.
import { clamp, element } from "../../../core/base.js";
import { whole } from "../../../core/numbers.js";
import { draw } from "../../../core/svg.js";
import { drawMap } from "./maps.js";

/** @import { Box, Data, Figure, Span, View } from "./maps.js" */

// the cells of every map that have a path to `unit`, tap by tap
/** @param {Data["taps"]} taps @param {number} layer @param {number} unit */
function cellsMet(taps, layer, unit) {
  /** @type {number[][]} */
  const met = [];
  met[layer] = [unit];
  for (let map = layer; map > 0; map--) met[map - 1] = [...new Set(met[map].flatMap((one) => taps[map - 1][one]))];
  return met;
}

/** @param {View} view */
export function showUnit(view) {
  const { data, cursor, figures } = view;
  const { layer, row, col } = cursor;
  const rows = cellsMet(data.taps, layer, row);
  const cols = cellsMet(data.taps, layer, col);
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
/**
 * @param {Figure} figure
 * @param {Span} span
 * @param {number} row
 * @param {number} col
 * @param {number} cells
 * @returns {Box}
 */
function spanBox({ side, ring }, [start, step, size], row, col, cells) {
  const cell = side / cells;
  const top = start + row * step;
  const left = start + col * step;
  return { top, left, size, y: ring + top * cell, x: ring + left * cell, length: size * cell };
}

/** @param {HTMLElement} mark @param {Box | null} box */
function place(mark, box) {
  mark.hidden = !box;
  if (!box) return;
  Object.assign(mark.dataset, { top: box.top, left: box.left, size: box.size });
  const length = Math.max(box.length, 5);
  const shift = (length - box.length) / 2; // never smaller than an eye can find
  mark.style.cssText = `left:${box.x - shift}px;top:${box.y - shift}px;width:${length}px;height:${length}px`;
}

// from map to map, where they stand in one row, the lines between the ends of the spans
/** @param {View} view */
function drawPaths(view) {
  const { figures, holder, paths } = view;
  const boxes = figures.flatMap(({ area, box }) => (box ? [visible(area, box, holder)] : []));
  const parts = [];
  for (let map = 1; map < boxes.length; map++) {
    const [from, to] = [boxes[map - 1], boxes[map]];
    if (from.right > to.left + 1 || Math.abs(from.middle - to.middle) > 4) continue;
    const [x1, x2] = [from.right, to.left];
    parts.push(
      draw("polygon", { points: `${x1},${from.top} ${x2},${to.top} ${x2},${to.bottom} ${x1},${from.bottom}` }),
    );
    for (const side of /** @type {const} */ (["top", "bottom"])) {
      parts.push(draw("line", { x1, y1: from[side], x2, y2: to[side] }));
    }
  }
  paths.replaceChildren(...parts);
}

// the part of a span that its area shows, in pixels of the holder
/** @param {HTMLElement} area @param {Box} box @param {HTMLElement} holder */
function visible(area, box, holder) {
  const origin = holder.getBoundingClientRect();
  const zoom = origin.width / holder.offsetWidth; // large type magnifies them
  const edge = area.getBoundingClientRect();
  const left = (edge.left - origin.left) / zoom;
  const top = (edge.top - origin.top) / zoom;
  const width = edge.width / zoom;
  const height = edge.height / zoom;
  return {
    left: left + clamp(box.x, 0, width),
    right: left + clamp(box.x + box.length, 0, width),
    top: top + clamp(box.y, 0, height),
    bottom: top + clamp(box.y + box.length, 0, height),
    middle: top + height / 2,
  };
}

/** @param {number} number */
const plain = (number) => number.toLocaleString("en");
/** @param {number} first @param {number} size */
const fromTo = (first, size) => (size === 1 ? whole(first) : `${whole(first)} to ${whole(first + size - 1)}`);

// rows and columns are counted from 1, so row 0 is the first of the padding
/** @param {View} view @param {number} met */
function tell(view, met) {
  const { data, cursor, description } = view;
  const { layer, row, col } = cursor;
  const { box } = view.figures[0];
  if (!box) return;
  const [, step] = data.spans[layer][0];
  const { size } = data.maps[0];
  const { size: field, top, left } = box;
  const inside = (/** @type {number} */ first) => Math.max(0, Math.min(first + field, size) - Math.max(first, 0));
  const within = inside(top) * inside(left);
  const all = field * field;
  const head = element("b", "", `Unit (${row + 1}, ${col + 1}) of layer ${layer} sees ${field} × ${field} input cells`);
  const several = field === 1 ? ["row", "column"] : ["rows", "columns"];
  const sentences = [
    `: ${several[0]} ${fromTo(top + 1, field)}, ${several[1]} ${fromTo(left + 1, field)}.`,
    `Neighbouring units are ${step} ${step === 1 ? "cell" : "cells"} apart.`,
  ];
  const isPadded = within < all;
  const those = isPadded ? "these" : `the ${plain(all)}`;
  if (isPadded)
    sentences.push(`${plain(within)} of the ${plain(all)} cells lie in the picture, the others on padding.`);
  if (met < within) sentences.push(`Only ${plain(met)} of ${those} have a path to the unit.`);
  description.replaceChildren(head, sentences.join(" "));
}
