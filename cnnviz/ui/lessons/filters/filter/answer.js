// What Python has said, and what the browser makes of it: the pictures that it keeps, the stages that it computes, and
// whether these are Python's.
import { met } from "./chain.js";
import { filtered, hashOf } from "./convolution.js";

/** @import { Planes } from "../../../components/stage/draw.js" */
/** @import { Steps } from "../../../components/stage/history.js" */
/** @import { Saved } from "../../../core/save.js" */
/** @import { Data, Size } from "./chain.js" */
/** @import { Look, Settings, Stages } from "./convolution.js" */

/**
 * @typedef {object} Confirmation
 * @property {Record<string, number>} hashes of Python's stages
 * @property {{ at: Size, window: number[], convolved: number }} inspected the window of the pinned cell
 */

/**
 * @typedef {object} Answer
 * @property {string} name
 * @property {{ number: string, size: Size }} picture by the hash of its bytes
 * @property {Settings} settings
 * @property {Planes} planes
 * @property {{ seq: number, at: [row: number, col: number] }} pin
 * @property {number} ack
 * @property {Steps | null} history
 * @property {Saved} file
 * @property {Uint8Array} [pixels] of the picture, where the browser may not have them
 * @property {Size} ring
 */

/** @typedef {Answer & Confirmation & Look & Partial<Stages>} Said with stages where those of the browser were others */
/** @typedef {Stages & Look & { ring: Size }} Result */
/** @typedef {{ key: string, result: Result }} Computed */

const MOST = 4; // pictures that are kept, and results

/** @type {Map<string, Uint8Array>} the last pictures by their numbers, for as long as the browser shows the app */
const pictures = new Map();

/** @param {Said} said */
export function keepPicture({ picture: { number }, pixels = pictures.get(number) }) {
  if (!pixels) return;
  pictures.delete(number); // the newest is the last one
  pictures.set(number, pixels);
  if (pictures.size > MOST) pictures.delete([...pictures.keys()][0]);
}

/** @param {Said} said */
export const pixelsOf = ({ picture }) => pictures.get(picture.number);

// what is to be drawn of a picture with these settings and grids; `result` as Python or the browser has computed it
/** @param {Said} said @param {Settings} settings @param {Planes} planes @param {Uint8Array} pixels
 * @param {Result} result @returns {Data} */
export function dataOf(said, settings, planes, pixels, { rows, cols, convolved, rectified, pooled, ...look }) {
  const { stride, relu, pool, window } = settings;
  const { w0 } = planes;
  /** @type {Size} */
  const size = [rows.length / w0.rows, cols.length / w0.cols];
  /** @type {Size} */
  const blocks = [Math.floor(size[0] / window), Math.floor(size[1] / window)];
  return {
    sizes: { picture: said.picture.size, convolved: size, pooled: pool === "none" ? null : blocks },
    ...{ stride, relu, pool: pool === "none" ? null : { kind: pool, window } },
    ...{ planes: { ...planes }, ack: said.ack, pixels, rows, cols, convolved, rectified, pooled },
    ...{ ring: look.ring, signed: look.signed, scale: look.scale },
  };
}

// Python's own stages, where it has sent them
/** @param {Said} said @returns {Result | null} */
export function stagesFrom({ settings, ring, signed, scale, rows, cols, convolved, pooled }) {
  if (!rows || !cols || !convolved) return null;
  const rectified = settings.relu ? convolved.map((value) => Math.max(0, value)) : undefined;
  return { ring, signed, scale, rows, cols, convolved, rectified, pooled };
}

// what the browser computes; of the last few nothing is computed again
/** @param {{ computed: Computed[] }} view @param {Said} said @param {Settings} settings @param {Planes} planes
 * @param {Uint8Array} pixels */
export function computedFor(view, said, settings, { w0, b0 }, pixels) {
  const { rows, cols, values } = w0;
  const [bias] = b0.values;
  const key = JSON.stringify([said.picture.number, settings, rows, cols, values, bias]);
  const known = view.computed.find((one) => one.key === key);
  const result = known?.result ?? filtered({ size: said.picture.size, pixels }, settings, w0, bias ?? 0);
  view.computed = [{ key, result }, ...view.computed.filter((one) => one.key !== key)].slice(0, MOST);
  return result;
}

// whether all of it is what Python has computed: by the hash of each stage, and by the numbers of one window
/** @param {Confirmation & { picture: { size: Size }, planes: Planes }} said @param {Result} result
 * @param {Uint8Array} pixels */
export function agrees({ hashes, inspected, picture, planes: { w0 } }, result, pixels) {
  const stages = /** @type {Record<string, any>} */ (result);
  const [i, j] = inspected.at;
  const at = (/** @type {number} */ k) =>
    met({ ...result, pixels }, [w0.rows, w0.cols], picture.size[1], [i, j], Math.floor(k / w0.cols), k % w0.cols);
  return (
    Object.entries(hashes).every(([name, hash]) => stages[name] && hashOf(stages[name]) === hash) &&
    inspected.window.every((value, k) => at(k) === value) &&
    result.convolved[(i * result.cols.length) / w0.cols + j] === Math.fround(inspected.convolved)
  );
}
