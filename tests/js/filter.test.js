import assert from "node:assert/strict";
import { test } from "node:test";
import { agrees } from "../../cnnviz/ui/lessons/filters/filter/answer.js";
import { chainOf, poolCells, positionOn, windowOf, winnerOf } from "../../cnnviz/ui/lessons/filters/filter/chain.js";
import { filtered as computed, hashOf } from "../../cnnviz/ui/lessons/filters/filter/convolution.js";
import { stagesOf } from "../../cnnviz/ui/lessons/filters/filter/pictures.js";

// a 4 × 4 picture in a ring of one, a 3 × 3 kernel, ReLU, pooling by windows of 2
function filtered(kind) {
  const convolved = Float32Array.from({ length: 16 }, (_, at) => [3, -1, 8, 2][at % 4] + Math.floor(at / 4));
  const data = {
    planes: { w0: { rows: 3, cols: 3 } },
    ring: [1, 1],
    stride: 1,
    relu: true,
    pool: { kind, window: 2 },
    scale: [-8, 8],
    signed: true,
    sizes: { picture: [4, 4], convolved: [4, 4], pooled: [2, 2] },
    pixels: Uint8Array.from({ length: 16 }, (_, at) => at),
    convolved,
    rectified: convolved.map((value) => Math.max(0, value)),
    pooled: Float32Array.of(1, 2, 3, 4),
  };
  return { data, stages: stagesOf(data), cursor: { stage: "convolved", r: 2, c: 1 } };
}

test("stages read their own values", () => {
  const [picture, convolved, rectified, pooled] = filtered("max").stages;
  assert.deepEqual([picture.value(0, 1), picture.value(3, 3)], [1, 15]);
  assert.deepEqual(
    [convolved.value(0, 1), rectified.value(0, 1), rectified.value(1, 2), pooled.value(1, 0)],
    [-1, 0, 9, 3],
  );
  assert.equal(pooled.title, "Max pooling 2 × 2");
});

test("from a cell to its window and to the pooled cell that it is part of", () => {
  const view = filtered("max");
  assert.deepEqual(chainOf(view, { stage: "convolved", r: 2, c: 1 }), {
    i: 2,
    j: 1,
    pooled: { m: 1, n: 0 },
    whole: false,
  });
  assert.deepEqual(chainOf(view, { stage: "picture", r: 0, c: 3 }), {
    i: 0,
    j: 3,
    pooled: { m: 0, n: 1 },
    whole: false,
  });
  assert.deepEqual(windowOf(view, 0, 3), { row: -1, col: 2, rows: 3, cols: 3 });
  assert.deepEqual(
    ["convolved", "picture", "pooled"].map((id) => positionOn(view, id)),
    [
      [2, 1],
      [2, 1],
      [1, 0],
    ],
  );
});

test("the largest cell wins a maximum, and the first of equals; an average has no winner", () => {
  const view = filtered("max");
  assert.deepEqual(
    poolCells(view, 0, 1).map(({ value }) => value),
    [8, 2, 9, 3],
  );
  assert.deepEqual(winnerOf(view, 0, 1), { i: 1, j: 2, value: 9 });
  assert.deepEqual(chainOf(view, { stage: "pooled", r: 0, c: 1 }), { i: 1, j: 2, pooled: { m: 0, n: 1 }, whole: true });
  assert.deepEqual(winnerOf(filtered("average"), 0, 1), { i: 0, j: 2, value: 8 });
});

test("stages are Python's only where every hash, and every number of the window, is", () => {
  const picture = { size: [4, 4], pixels: Uint8Array.from({ length: 16 }, (_, at) => at) };
  const w0 = { rows: 3, cols: 3, values: [0, 0, 0, 0, 1, 0, 0, 0, 0] };
  const settings = { stride: 1, padding: "zeros", relu: true, pool: "max", window: 2, colours: "automatic" };
  const result = computed(picture, settings, w0, 0.5);
  const names = ["rows", "cols", "convolved", "rectified", "pooled"];
  const hashes = Object.fromEntries(names.map((name) => [name, hashOf(result[name])]));
  const inspected = { at: [0, 1], window: [0, 0, 0, 0, 1, 2, 4, 5, 6], convolved: 1.5 };
  const said = { hashes, inspected, picture, planes: { w0 } };
  assert.equal(agrees(said, result, picture.pixels), true);
  for (const name of names) {
    const wrong = result[name].slice();
    wrong[3] += 1;
    assert.equal(agrees(said, { ...result, [name]: wrong }, picture.pixels), false, name);
    assert.equal(agrees({ ...said, hashes: { ...hashes, [name]: 0 } }, result, picture.pixels), false, name);
  }
  assert.equal(agrees({ ...said, inspected: { ...inspected, convolved: 2 } }, result, picture.pixels), false);
  assert.equal(agrees(said, result, new Uint8Array(16)), false); // another picture
  assert.equal(agrees({ ...said, hashes: { ...hashes, more: 1 } }, result, picture.pixels), false);
});
