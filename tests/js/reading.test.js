import assert from "node:assert/strict";
import { test } from "node:test";
import { pictures } from "../../cnnviz/ui/lessons/draw/pipeline/pictures.js";
import { predictions } from "../../cnnviz/ui/lessons/draw/readings/readings.js";

test("what each network reads is taken out of all numbers; of other networks there is nothing", () => {
  const readers = [{ classes: ["a", "b"] }, { classes: ["a", "b", "c"] }, { classes: ["a"] }];
  const reads = [{ guesses: [1, 0], doubtful: true }, null, { guesses: [0], doubtful: false }];
  const numbers = Float32Array.of(0.25, 0.75, -1, 1, 0.5, 2, 1, 3, 0, 4);
  const [first, second, third] = predictions(readers, { reads, numbers });
  assert.deepEqual([...first.probabilities, ...first.logits], [0.25, 0.75, -1, 1]);
  assert.deepEqual([first.entropy, first.milliseconds, first.guesses, first.doubtful], [0.5, 2, [1, 0], true]);
  assert.deepEqual([second, [...third.logits], third.milliseconds], [null, [3], 4]);
  for (const others of [readers.slice(1), readers.slice(0, 2), [readers[1], readers[1], readers[2]]]) {
    assert.ok(predictions(others, { reads, numbers }).every((one) => one === null));
  }
  assert.deepEqual(predictions(readers, {}), [null, null, null]);
});

test("a picture follows from the one before, or has its own pixels", () => {
  const ink = Uint8Array.of(0, 0, 0, 0, 255, 17, 0, 34, 0);
  const hows = [
    ["inverse", 0, 0, 3, 3],
    ["inverse", 0, 0, 3, 3],
    ["part", 1, 1, 2, 2],
    ["own", 0, 0, 1, 2],
    ["field", 1, -1, 3, 2],
    ["own", 0, 0, 1, 1],
  ];
  const found = pictures(ink, hows, Uint8Array.of(7, 8, 9));
  assert.deepEqual(
    found.map(({ shape, values }) => [shape, [...values]]),
    [
      [
        [3, 3],
        [255, 255, 255, 255, 0, 238, 255, 221, 255],
      ],
      [[3, 3], [...ink]],
      [
        [2, 2],
        [255, 17, 34, 0],
      ],
      [
        [1, 2],
        [7, 8],
      ],
      [
        [3, 2],
        [0, 0, 8, 0, 0, 0],
      ],
      [[1, 1], [9]],
    ],
  );
});
