import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, choose, holds, put, sentences, show, take } from "../../cnnviz/ui/components/lab/desk.js";
import { addressOf } from "../../cnnviz/ui/components/lab/link.js";

// a 3 × 3 input under a 2 × 2 kernel
const plane = (id, role, rows, cols, values, most = null) => ({
  ...{ id, role, title: id, rows, cols, values, most, core: [0, 0, rows, cols], drafts: {} },
  ...{ unreached: { rows: [], cols: [] }, editable: role !== "output" },
});
const rule = {
  ...{ kind: "convolution", stride: [1, 1], padding: [0, 0], dilation: [1, 1], output_padding: [0, 0] },
  ...{ kernel: [1, 1], outputs: [1, 1], mode: "zeros", flip: false, same: false, ceil_mode: false },
  count_include_pad: true,
  results: [],
};
const stage = () => ({
  label: "Cross-correlation of a 3 by 3 input, giving 2 by 2",
  rule,
  ack: 0,
  history: { undo: false, redo: false, example: false },
  planes: {
    x0: plane("x0", "input", 3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9], [4, 4]),
    w0: plane("w0", "kernel", 2, 2, [1, 0, 0, -1], [3, 3]),
    b0: plane("b0", "bias", 1, 1, [0.5]),
    y0: plane("y0", "output", 2, 2, [-3.5, -3.5, -3.5, -3.5]),
  },
  outputs: [
    {
      plane: "y0",
      sources: [{ x: "x0", w: "w0" }],
      reduce: "sum",
      bias: "b0",
      divisors: null,
      winners: null,
    },
  ],
  taps: {
    rows: [
      [0, 1],
      [1, 2],
    ],
    cols: [
      [0, 1],
      [1, 2],
    ],
  }, // prettier-ignore
  frames: [["y0"]],
});
const cell = (seq, text, row = 0, col = 0) => ({ seq, kind: "cell", plane: "x0", row, col, text });
const y = (desk) => desk.now.planes.y0.values;

test("a cell counts at once, each edit once, and what is no number stays with a sentence", () => {
  const desk = begin(stage());
  take(desk, [cell(1, "11")]);
  take(desk, [cell(1, "12"), cell(2, "x", 1, 1)]);
  assert.deepEqual(y(desk), [6.5, -3.5, -3.5, -3.5]);
  assert.equal(desk.now.ack, 2);
  assert.deepEqual(desk.now.planes.x0.drafts["1,1"].text, "x");
  assert.deepEqual(sentences(desk), [
    "Row 2, column 2 of x0: “x” is not a number; type one such as 2, −1 or 0.5. Until then 5 counts.",
  ]);
  take(desk, [cell(3, "2000000", 1, 1)]);
  assert.match(sentences(desk)[0], /2000000 is too large; stay between −1,000,000 and 1,000,000/);
  take(desk, [cell(4, "0", 1, 1)]);
  assert.deepEqual([sentences(desk), y(desk)[0]], [[], 11.5]);
});

test("steps are taken back and again, and the example comes back", () => {
  const desk = begin(stage());
  take(desk, [cell(1, "11"), cell(2, "12"), { seq: 3, kind: "undo", plane: "" }]);
  assert.deepEqual([y(desk)[0], desk.now.history], [6.5, { undo: true, redo: true, example: true }]);
  take(desk, [{ seq: 4, kind: "redo", plane: "" }]);
  assert.equal(y(desk)[0], 7.5);
  assert.equal(choose(desk, { stride: [2, 2] }), true);
  take(desk, [{ seq: 5, kind: "example", plane: "" }]);
  assert.deepEqual([y(desk)[0], desk.now.history], [-3.5, { undo: true, redo: false, example: false }]);
  take(desk, [{ seq: 6, kind: "undo", plane: "" }]);
  assert.deepEqual([y(desk), desk.now.rule.stride], [[7.5], [2, 2]]);
});

test("what does not go with the rest is not chosen", () => {
  const desk = begin(stage());
  assert.equal(choose(desk, { dilation: [3, 3] }), false);
  assert.equal(choose(desk, { padding: [3, 3], mode: "reflect" }), false);
  take(desk, [{ seq: 1, kind: "size", plane: "x0", rows: 1, cols: 1 }]);
  assert.deepEqual(sentences(desk), ["The kernel would not fit into the padded input; the size stays as it was."]);
  assert.equal(desk.now.planes.x0.rows, 3);
  assert.equal(choose(desk, { padding: [1, 1] }), true);
  assert.equal(desk.now.label, "Cross-correlation of a 3 by 3 input, giving 4 by 4");
});

test("blocks are pasted, into a grid that grows as far as it may", () => {
  const desk = begin(stage());
  take(desk, [{ seq: 1, kind: "paste", plane: "x0", row: 2, col: 2, text: "1\t2\n3\tz" }]);
  const { x0 } = desk.now.planes;
  assert.deepEqual([x0.rows, x0.cols, x0.values.slice(10)], [4, 4, [1, 2, 0, 0, 3, 0]]);
  assert.equal(x0.drafts["3,3"].text, "z");
  take(desk, [{ seq: 2, kind: "paste", plane: "x0", row: 3, col: 3, text: "[1, 2; 3]" }]);
  assert.match(sentences(desk)[0], /it would reach to 4 × 6, and 4 × 4 is the most/);
  take(desk, [{ seq: 3, kind: "paste", plane: "x0", row: 0, col: 0, text: "[[9, 8],\n [7, 6]]" }]);
  assert.deepEqual(desk.now.planes.x0.values.slice(0, 6), [9, 8, 3, 0, 7, 6]);
});

test("another grid, and another stage, are a step each", () => {
  const desk = begin(stage());
  put(desk, "w0", [[1, 1, 1]]);
  assert.deepEqual([holds(desk, "w0", [[1, 1, 1]]), y(desk)], [true, [6.5, 15.5, 24.5]]);
  const other = stage();
  other.planes.b0.values = [7];
  show(desk, other);
  assert.equal(desk.now.planes.b0.values[0], 7);
  take(desk, [
    { seq: 1, kind: "undo", plane: "" },
    { seq: 2, kind: "undo", plane: "" },
  ]);
  assert.deepEqual(y(desk), [-3.5, -3.5, -3.5, -3.5]);
});

test("a link says what is shown", () => {
  const desk = begin(stage());
  choose(desk, { padding: [1, 1] });
  choose(desk, { kind: "transposed" });
  const link = {
    query: { op: "cross-correlation", activation: "ReLU" },
    grids: { x: ["x0", "1x1_5"], w: ["w0"] },
  };
  const controls = [
    { kind: "pair", field: "padding", goes_with: {} },
    { kind: "switch", field: "same", goes_with: {} },
    { kind: "pair", field: "outputs", goes_with: { kind: "adaptive" } },
  ];
  const search = new URL(addressOf("https://there/convolution", { ...desk.now, link }, controls, true)).searchParams;
  assert.deepEqual(Object.fromEntries(search), {
    op: "transposed",
    activation: "ReLU",
    x: "3x3_1_2_3_4_5_6_7_8_9__1x1_5",
    w: "2x2_1_0_0_-1",
    padding_h: "1",
    padding_w: "1",
    same: "0",
    per_axis: "1",
  });
});
