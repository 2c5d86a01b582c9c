import assert from "node:assert/strict";
import { test } from "node:test";
import { inGreys, toRuns } from "../../cnnviz/ui/components/pad/runs.js";

test("a drawing is sent in 16 greys, ink and paper as they are", () => {
  assert.deepEqual([...inGreys([0, 8, 9, 128, 246, 247, 255])], [0, 0, 17, 136, 238, 255, 255]);
});

test("one byte a run, two where it is long", () => {
  const runs = (...parts) => [...toRuns(Uint8Array.from(parts.flatMap(([count, ink]) => Array(count).fill(ink))))];
  assert.deepEqual(runs([15, 0], [1, 255], [2, 17]), [0x0f, 0xf1, 0x12]);
  assert.deepEqual(runs([16, 255], [271, 0], [1, 17], [272, 0]), [0xf0, 0, 0x00, 255, 0x11, 0x00, 255, 0x01]);
});
