import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted } from "../../cnnviz/ui/components/pad/files.js";

test("a picture keeps its shape and is never enlarged", () => {
  assert.deepEqual(fitted(6000, 4000, 1600), [1600, 1067]);
  assert.deepEqual(fitted(4000, 6000, 1600), [1067, 1600]);
  assert.deepEqual(fitted(300, 200, 1600), [300, 200]);
  assert.deepEqual(fitted(20000, 3, 500), [500, 1]);
});
