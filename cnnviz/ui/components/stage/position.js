// Positions of the window: from 0 to the last output cell, frame by frame.
/** @import { Context } from "../../core/base.js" */
/** @import { Walk } from "../../core/transport.js" */
/** @import { Cell, Data } from "./draw.js" */
/** @import { Editable } from "./edit.js" */
/** @import { Steppers } from "./steppers.js" */

/**
 * @typedef {{ kind: "output", frame: number, i: number, j: number } | { kind: "input", plane: string, row: number, col:
 *   number }
 *   | { kind: "kernel", plane: string, a: number, b: number }} Target what pointing at a cell means
 */

/**
 * @typedef {{ left: number, top: number, width: number, height: number, across: number, down: number, room: number |
 *   null }} Place where the cells of a plane stand in it
 */

/**
 * @typedef {object} Shown
 * @property {Data} data what is shown
 * @property {Data} answer what Python said last
 * @property {Steppers} steppers
 * @property {() => void} foresee
 * @property {string} layout what there are grids for
 * @property {Record<string, Place>} places of the cells, as far as they are known for this size
 * @property {boolean} walking
 * @property {Target | null} hover
 * @property {[cell: Cell, name: string][]} lit the classes that light up cells
 * @property {number | null} stoodOn
 * @property {ResizeObserver} observer
 * @property {() => void} pause
 * @property {Context["setTriggerValue"]} setTriggerValue
 */
/** @typedef {Editable & Walk & Shown} View */

/** @typedef {{ data: Pick<Data, "taps" | "frames"> }} Walked */

/** @param {Walked} view */
export const framesOf = (view) => view.data.frames.length;
/** @param {Walked} view */
export const outputSize = (view) => view.data.taps.rows.length * view.data.taps.cols.length;
/** @param {Walked} view */
export const lastPosition = (view) => framesOf(view) * outputSize(view) - 1;

/** @param {Walked} view @param {number} at */
export function positionAt(view, at) {
  const size = outputSize(view);
  const width = view.data.taps.cols.length;
  const cell = at % size;
  return { frame: Math.floor(at / size), i: Math.floor(cell / width), j: cell % width };
}
