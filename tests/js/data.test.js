import assert from "node:assert/strict";
import { test } from "node:test";
import { cornerOf, GAP, grid, inSight, LABEL, MOVES, placeAt } from "../../cnnviz/ui/lessons/data/browser/rows.js";
import { around, normalised } from "../../cnnviz/ui/lessons/data/browser/specimen.js";
import { outbox } from "../../cnnviz/ui/lessons/data/recorder/outbox.js";

test("tiles of digits take whole pixels, and fill the width", () => {
  for (const scale of [1, 2, 3]) {
    const one = grid(60_000, [28, 28], scale, 650);
    assert.deepEqual(one.tile, [28 * scale, 28 * scale]);
    assert.ok(one.columns * one.step + GAP <= 650 && (one.columns + 1) * (one.tile[1] + GAP) + GAP > 650);
    assert.equal(one.rows, Math.ceil(60_000 / one.columns));
    assert.equal(one.row, one.tile[0] + LABEL + GAP);
  }
});

test("small images are enlarged, large ones made smaller, and there is always a column", () => {
  assert.deepEqual(grid(10, [8, 8], 1, 650).tile, [32, 32]);
  assert.deepEqual(grid(10, [48, 24], 1, 650).tile, [32, 16]);
  assert.equal(grid(10, [28, 28], 3, 40).columns, 1);
  assert.equal(grid(0, [28, 28], 1, 650).rows, 0);
});

test("a place and its corner go together, and between tiles there is none", () => {
  const one = grid(101, [28, 28], 2, 650);
  for (const place of [0, 1, one.columns, 100]) {
    const [x, y] = cornerOf(one, place);
    assert.equal(placeAt(one, 101, x + 1, y + 1), place);
    assert.equal(placeAt(one, 101, x - 1, y + 1), -1);
  }
  const [x, y] = cornerOf(one, 101);
  assert.equal(placeAt(one, 101, x + 1, y + 1), -1);
});

test("the rows in sight are all that are, and a few more", () => {
  const one = grid(60_000, [28, 28], 2, 650);
  const [first, last] = inSight(one, 100 * one.row + GAP, 5 * one.row);
  assert.ok(first <= 100 && last >= 104 && last - first < 12);
  assert.deepEqual(inSight(one, 0, 10 * one.row)[0], 0);
  assert.equal(inSight(one, one.rows * one.row, 600)[1], one.rows - 1);
});

test("keys go from image to image, row to row, page to page", () => {
  const one = grid(60_000, [28, 28], 2, 650);
  assert.equal(MOVES.ArrowDown(one, 7), one.columns);
  assert.equal(MOVES.PageUp(one, 7), -7 * one.columns);
  assert.equal(MOVES.End(one, 7), Infinity);
});

test("the numbers around a pixel end where the image does", () => {
  const values = Uint8ClampedArray.from({ length: 4 * 5 * 3 }, (_, place) => place);
  const picture = { values, size: [4, 5, 3], index: 0, label: 0 };
  const found = around(picture, [0, 4], 1);
  assert.equal(found.length, 5);
  assert.deepEqual(found[2], [7, 10, 13, null, null]);
  assert.deepEqual(found[1], Array(5).fill(null));
  assert.deepEqual(found[4], [37, 40, 43, null, null]);
  assert.equal(around({ ...picture, size: [4, 15, 1] }, [0, 0], 0).length, 7);
});

test("a pixel is normalised by its channel", () => {
  const seen = { mean: [0.5, 0.1], std: [0.5, 0.2], words: "" };
  assert.equal(normalised(255, seen, 0), 1);
  assert.ok(Math.abs(normalised(51, seen, 1) - 0.5) < 1e-12);
});

test("messages go one at a time, and again where they were not heard", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.window = globalThis;
  const sent = [];
  const box = outbox((message) => sent.push(message));
  box.post({ kind: "add", at: 0 });
  box.post({ kind: "add", at: 1 });
  assert.deepEqual(sent, [{ kind: "add", at: 0, seq: 1 }]);
  context.mock.timers.tick(4000);
  assert.deepEqual(sent.at(-1), { kind: "add", at: 0, seq: 1 });
  assert.equal(sent.length, 2);
  box.heard(7); // another's
  assert.equal(sent.length, 2);
  box.heard(1);
  assert.equal(sent.at(-1).at, 1);
  assert.ok(box.busy() && box.has("add") && !box.has("train"));
  box.heard(sent.at(-1).seq);
  assert.ok(!box.busy());
});

test("of frames that wait only the newest goes", () => {
  globalThis.window = globalThis;
  const sent = [];
  const box = outbox((message) => sent.push(message));
  for (const picture of ["a", "b", "c"]) box.post({ kind: "frame", picture });
  box.heard(1);
  assert.deepEqual(
    sent.map(({ picture }) => picture),
    ["a", "c"],
  );
  box.end();
});

test("a recorder that comes after another counts on from what was heard", () => {
  globalThis.window = globalThis;
  const sent = [];
  const box = outbox((message) => sent.push(message));
  box.heard(41);
  box.post({ kind: "train" });
  assert.equal(sent[0].seq, 42);
  box.end();
});
