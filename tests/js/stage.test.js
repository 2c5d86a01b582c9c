import assert from "node:assert/strict";
import { test } from "node:test";
import { firstOf, recallDrafts, sendAgain, sendOthers } from "../../cnnviz/ui/components/stage/edit.js";
import { termsOf } from "../../cnnviz/ui/components/stage/highlight.js";
import { framesOf, lastPosition, outputSize, positionAt } from "../../cnnviz/ui/components/stage/position.js";

// a 3 × 3 input under a 2 × 2 kernel, and the same once more
const plane = (id, rows, cols, values) => ({ id, rows, cols, values });
const data = {
  planes: {
    x0: plane("x0", 3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    w0: plane("w0", 2, 2, [1, 0, 0, -1]),
    y0: plane("y0", 2, 2, [0, 0, 0, 0]),
  },
  outputs: [{ plane: "y0", sources: [{ x: "x0", w: "w0" }], reduce: "sum" }],
  taps: {
    rows: [
      [0, 1],
      [1, 2],
    ],
    cols: [
      [0, 1],
      [1, null],
    ],
  },
  frames: [["y0"], ["y1"]],
};

test("positions go through the cells of one frame and then of the next", () => {
  const view = { data };
  assert.deepEqual([framesOf(view), outputSize(view), lastPosition(view)], [2, 4, 7]);
  assert.deepEqual(
    [0, 3, 6].map((at) => positionAt(view, at)),
    [
      { frame: 0, i: 0, j: 0 },
      { frame: 0, i: 1, j: 1 },
      { frame: 1, i: 1, j: 0 },
    ],
  );
});

test("a window has what the taps say, and nothing where a position of the kernel meets nothing", () => {
  const terms = (i, j) =>
    termsOf({ data }, data.outputs[0], i, j)[0].map(({ row, col, value, weight }) => [row, col, value, weight]);
  assert.deepEqual(terms(0, 0), [
    [0, 0, 1, 1],
    [0, 1, 2, 0],
    [1, 0, 4, 0],
    [1, 1, 5, -1],
  ]);
  assert.deepEqual(terms(1, 1), [
    [1, 1, 5, 1],
    [2, 1, 8, 0],
  ]);
});

test("of many edits as many are sent as Python takes at a time", () => {
  const many = Array.from({ length: 250 }, (_, seq) => ({ seq, text: "1" }));
  assert.equal(firstOf(many).length, 100);
  assert.equal(firstOf(many.slice(0, 3)).length, 3);
  const pasted = Array.from({ length: 9 }, (_, seq) => ({ seq, text: "x".repeat(20000) }));
  assert.equal(firstOf(pasted).length, 5);
  assert.equal(firstOf([{ seq: 1, text: "x".repeat(200000) }, { seq: 2 }]).length, 1);
});

// a stage as far as typing goes, and what it sends
function typing(ack, pending, drafts = {}) {
  const sent = [];
  const planes = { x0: { id: "x0", drafts } };
  const view = { data: { ack, planes }, pending, sequence: 9, setStateValue: (_, edits) => sent.push(edits) };
  return { view, sent };
}

const cell = (seq, row, text) => ({ seq, kind: "cell", plane: "x0", row, col: 0, text });

test("what was acknowledged is not sent to a session that knows of nothing; the rest is, as another message", () => {
  const { view, sent } = typing(8, [cell(8, 0, "7"), cell(9, 1, "8")]);
  sendOthers(view);
  view.data = { ...view.data, ack: 0 };
  sendAgain(view);
  sendAgain(view);
  assert.deepEqual(sent, [[cell(9, 1, "8")], [{ ...cell(9, 1, "8"), again: 1 }], [{ ...cell(9, 1, "8"), again: 2 }]]);
  view.data = { ...view.data, ack: 9 };
  sendAgain(view);
  assert.equal(sent.length, 3);
});

test("what is no number is told to another session, where nothing else was typed there since", () => {
  const { view, sent } = typing(8, [cell(9, 1, "8")], { "0,0": { text: "x" }, "1,0": { text: "y" } });
  recallDrafts(view, view.data, { ...view.data, ack: 8 });
  assert.equal(view.pending.length, 1);
  recallDrafts(view, view.data, { ...view.data, ack: 0 });
  view.data = { ...view.data, ack: 0 };
  sendAgain(view);
  assert.deepEqual(sent, [[{ ...cell(9, 1, "8"), again: 1 }, cell(10, 0, "x")]]);
});
