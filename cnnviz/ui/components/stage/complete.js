// What Python leaves out of a stage because it is as usual; the same as PLANE and OUTPUT in __init__.py, which
// tests/ui/components/test_complete.py holds together.

/** @import { Data, Output, Plane } from "./draw.js" */

const PLANE = { note: null, unreached: { rows: [], cols: [] }, editable: false, most: null, drafts: {}, cut: null };
/** @type {Omit<Output, "plane" | "sources">} */
const OUTPUT = { reduce: "sum", bias: null, divisors: null, winners: null, activated: null };

/** @param {Data} data as it came over the line @returns {Data} */
export const completed = (data) => ({
  ...data,
  planes: Object.fromEntries(Object.entries(data.planes).map(([id, plane]) => [id, completedPlane(plane)])),
  outputs: data.outputs.map((output) => ({ ...OUTPUT, ...output })),
});

/** @param {Plane} plane @returns {Plane} */
const completedPlane = (plane) => ({ ...PLANE, ...plane, core: plane.core ?? [0, 0, plane.rows, plane.cols] });
