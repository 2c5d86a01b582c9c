// Takes Python's place where there is none, in a saved file and in a lab: what is typed and chosen goes into the stage
// here, by the same module that foresees Python's answer on a page; what was there before can be had again.
import { foreseen, isPossible } from "../stage/foresee.js";
import { plainNumber } from "../stage/typed.js";

/** @import { Data, Plane, Planes } from "../stage/draw.js" */
/** @import { Edit } from "../stage/edit.js" */
/** @import { Rule } from "../stage/foresee.js" */

/**
 * @typedef {object} Desk
 * @property {Data} example what it opened with
 * @property {Data} now
 * @property {Data[]} past
 * @property {Data[]} ahead what was taken back
 * @property {string} said what was wrong with what was done last
 */

const STEPS_KEPT = 200;

/** @param {Data} data @returns {Desk} */
export function begin(data) {
  const desk = { example: data, now: data, past: [], ahead: [], said: "" };
  desk.now = withHistory(desk, data);
  return desk;
}

// edits of the stage, in their order
/** @param {Desk} desk @param {Edit[]} edits */
export function take(desk, edits) {
  desk.said = "";
  for (const edit of edits.filter(({ seq }) => seq > desk.now.ack)) {
    const next = edit.kind in WALKS ? WALKS[edit.kind](desk) : edited(desk, edit);
    desk.now = withHistory(desk, { ...next, ack: edit.seq });
  }
}

// what a stepper or a menu says; whether it goes with the rest
/** @param {Desk} desk @param {Partial<Rule>} chosen */
export function choose(desk, chosen) {
  if (!isPossible(desk.now, chosen)) return false;
  desk.said = "";
  remember(desk);
  desk.now = withHistory(desk, settled(foreseen(desk.now, [], chosen)));
  return true;
}

// another stage altogether, as one step
/** @param {Desk} desk @param {Data} data */
export function show(desk, data) {
  desk.said = "";
  remember(desk);
  desk.now = withHistory(desk, { ...data, ack: desk.now.ack });
}

/** @type {Record<string, (desk: Desk) => Data>} */
const WALKS = {
  undo: (desk) => {
    const before = desk.past.pop();
    if (before) desk.ahead.push(desk.now);
    return before ?? desk.now;
  },
  redo: (desk) => {
    const after = desk.ahead.pop();
    if (after) desk.past.push(desk.now);
    return after ?? desk.now;
  },
  example: (desk) => {
    remember(desk);
    return desk.example;
  },
};

/** @param {Desk} desk */
function remember(desk) {
  desk.past = [...desk.past.slice(1 - STEPS_KEPT), desk.now];
  desk.ahead = [];
}

/** @param {Desk} desk @param {Data} data @returns {Data} */
const withHistory = (desk, data) => ({
  ...data,
  history: data.history && {
    undo: desk.past.length > 0,
    redo: desk.ahead.length > 0,
    example: !isSame(data, desk.example),
  },
});

/** @param {Data} one @param {Data} other */
const isSame = (one, other) =>
  JSON.stringify(one.rule) === JSON.stringify(other.rule) &&
  Object.values(one.planes).every((plane) => String(plane.values) === String(other.planes[plane.id]?.values));

// another grid on a plane, as one step
/** @param {Desk} desk @param {string} plane @param {number[][]} grid */
export function put(desk, plane, grid) {
  desk.said = "";
  const size = { seq: 0, kind: "size", plane, rows: grid.length, cols: grid[0].length };
  const cells = grid.flatMap((line, row) =>
    line.map((value, col) => ({ seq: 0, kind: "cell", plane, row, col, text: String(value) })),
  );
  desk.now = withHistory(desk, applied(desk, [size, ...cells]));
}

// whether a plane holds that grid
/** @param {Desk} desk @param {string} id @param {number[][]} grid */
export function holds({ now }, id, grid) {
  const { core, cols, values } = now.planes[id];
  const isSame = (/** @type {number} */ r, /** @type {number} */ c) =>
    values[(r + core[0]) * cols + c + core[1]] === grid[r][c];
  return (
    grid.length === core[2] && grid[0].length === core[3] && grid.every((line, r) => line.every((_, c) => isSame(r, c)))
  );
}

/** @param {Desk} desk @param {Edit} edit */
const edited = (desk, edit) => applied(desk, edit.kind === "paste" ? cellsOf(desk, edit) : [edit]);

/** @param {Desk} desk @param {Edit[]} edits @returns {Data} */
function applied(desk, edits) {
  const { now } = desk;
  const next = foreseen(now, edits, {});
  if (edits.some(({ kind }) => kind === "size") && next.rule === now.rule) {
    desk.said = desk.said || "The kernel would not fit into the padded input; the size stays as it was.";
    return now;
  }
  if (edits.length) remember(desk);
  return settled(next);
}

// a pasted block as cells, in a grid that grows as far as it may; none where it may not grow as far
/** @param {Desk} desk @param {Edit} edit @returns {Edit[]} */
function cellsOf(desk, { seq, plane: id, row, col, text }) {
  const plane = desk.now.planes[id];
  const block = blockOf(String(text));
  const [, , rows, cols] = plane.core;
  const height = Math.max(rows, Number(row) + block.length);
  const width = Math.max(cols, Number(col) + Math.max(0, ...block.map((line) => line.length)));
  const most = plane.most ?? [rows, cols];
  if (!block.length || height > most[0] || width > most[1]) {
    const why = block.length
      ? `it would reach to ${height} × ${width}, and ${most.join(" × ")} is the most`
      : "it is empty";
    desk.said = `The block was not pasted into ${plane.title}: ${why}.`;
    return [];
  }
  /** @type {Edit[]} */
  const grown = height > rows || width > cols ? [{ seq, kind: "size", plane: id, rows: height, cols: width }] : [];
  const cells = block.flatMap((line, r) =>
    line.map((one, c) => ({ seq, kind: "cell", plane: id, row: Number(row) + r, col: Number(col) + c, text: one })),
  );
  return [...grown, ...cells];
}

// lines, and in them cells between tabs as a spreadsheet copies them, else between semicolons, commas or spaces
/** @param {string} text */
function blockOf(text) {
  const lines = text
    .replaceAll("\r", "")
    .split("\n")
    .filter((line) => line.trim());
  return lines.map((line) =>
    line.includes("\t") ? line.split("\t") : line.replace(/^[\s[\](){};,]+|[\s[\](){};,]+$/g, "").split(/[;,\s]+/),
  );
}

// what was foreseen counts: a text that waits is no number
/** @param {Data} data @returns {Data} */
function settled(data) {
  const planes = Object.values(data.planes).map((plane) => {
    const waiting = Object.entries(plane.waiting ?? {}).map(([place, text]) => [
      place,
      { text, why: whyNot(plane, place, text) },
    ]);
    /** @type {Plane} */
    const still = { ...plane, drafts: { ...plane.drafts, ...Object.fromEntries(waiting) } };
    return [plane.id, { ...still, waiting: undefined, provisional: undefined }];
  });
  const { rows, cols } = data.taps;
  const label = data.label.replace(/, giving .*/, `, giving ${rows.length} by ${cols.length}`);
  return { ...data, label, planes: /** @type {Planes} */ (Object.fromEntries(planes)) };
}

/** @param {Plane} plane @param {string} place @param {string} text */
function whyNot(plane, place, text) {
  const [r, c] = place.split(",").map(Number);
  const [top, left] = plane.core;
  const counts = plane.values[(r + top) * plane.cols + c + left];
  const what = !text.trim()
    ? "the cell is empty; type a number such as 0"
    : Number.isFinite(Number(text)) && plainNumber(text) === null
      ? `${text} is too large; stay between −1,000,000 and 1,000,000`
      : `“${text.slice(0, 24)}” is not a number; type one such as 2, −1 or 0.5`;
  return `Row ${r + 1}, column ${c + 1} of ${plane.title}: ${what}. Until then ${counts} counts.`;
}

// the sentences about all cells that hold no number, and about what was done last
/** @param {Desk} desk */
export const sentences = ({ now, said }) => [
  ...(said ? [said] : []),
  ...Object.values(now.planes).flatMap((plane) => Object.values(plane.drafts ?? {}).map(({ why }) => why)),
];

// whether a rule has all of a part
/** @param {Rule} rule @param {Partial<Rule>} part */
export const has = (rule, part) =>
  Object.entries(part).every(([field, value]) => String(rule[/** @type {keyof Rule} */ (field)]) === String(value));
