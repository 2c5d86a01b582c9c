import assert from "node:assert/strict";
import { test } from "node:test";
import { isBlank, isPicture } from "../../cnnviz/ui/components/pad/strokes.js";

const stroke = { points: [[0, 0]], width: 0.1, erases: false };
const eraser = { ...stroke, erases: true };
const clears = { clears: true };
const picture = { clears: true, mask: {} };

test("a pad is blank until something is drawn that nothing wiped away", () => {
  assert.deepEqual([[], [eraser], [clears], [stroke, clears]].map(isBlank), [true, true, true, true]);
  assert.deepEqual([[stroke], [clears, stroke], [picture], [stroke, eraser]].map(isBlank), [
    false,
    false,
    false,
    false,
  ]);
});

test("a picture is one as long as nothing is drawn on it", () => {
  assert.deepEqual([[picture], [stroke, picture], [picture, stroke], [picture, clears], [stroke]].map(isPicture), [
    true,
    true,
    false,
    false,
    false,
  ]);
});
