import assert from "node:assert/strict";
import { test } from "node:test";
import { between, clamp, pixels } from "../../cnnviz/ui/core/base.js";

test("a number is held between two others", () => {
  assert.deepEqual(
    [-1, 0.5, 7].map((value) => clamp(value, 0, 1)),
    [0, 0.5, 1],
  );
});

test("a colour lies between its neighbours on the scale, and no further out than the ends", () => {
  const stops = [
    [0, 0, 0],
    [100, 0, 0],
    [100, 200, 0],
  ];
  assert.deepEqual(
    [-3, 0, 0.25, 1, 1.5, 2, 9].map((at) => between(stops, at)),
    [
      [0, 0, 0],
      [0, 0, 0],
      [25, 0, 0],
      [100, 0, 0],
      [100, 100, 0],
      [100, 200, 0],
      [100, 200, 0],
    ],
  );
});

test("three channels are a colour, any other number is grey", () => {
  const bytes = [1, 2, 3, 4, 5, 6];
  assert.deepEqual([0, 1].map(pixels(bytes, 3)), [
    [1, 2, 3],
    [4, 5, 6],
  ]);
  assert.deepEqual([0, 5].map(pixels(bytes, 1)), [
    [1, 1, 1],
    [6, 6, 6],
  ]);
  assert.deepEqual([0, 2].map(pixels(bytes, 2)), [
    [1, 1, 1],
    [5, 5, 5],
  ]);
});
