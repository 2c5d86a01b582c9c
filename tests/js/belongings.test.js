import assert from "node:assert/strict";
import { test } from "node:test";
import { forget, hold, whenLost } from "../../cnnviz/ui/core/belongings.js";

test("what one session held is lost with the next one, is told once, and until it was read", () => {
  const [page, pad, filters] = [{}, {}, {}];
  let said = [];
  const end = whenLost((names) => {
    said = names;
  });
  hold(page, "a", []);
  hold(pad, "a", ["the picture on the pad"]);
  hold(filters, "a", ["your picture"]);
  hold(filters, "a", []);
  assert.deepEqual(said, []);
  hold(pad, "b", []); // whoever comes first
  hold(page, "b", []);
  assert.deepEqual(said, ["the picture on the pad"]);
  hold(pad, "c", []);
  assert.deepEqual(said, ["the picture on the pad"]);
  forget();
  assert.deepEqual(said, []);
  end();
  hold(pad, "c", ["x"]);
  hold(pad, "d", []);
  assert.deepEqual(said, []);
});
