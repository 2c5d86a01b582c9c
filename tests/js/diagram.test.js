import assert from "node:assert/strict";
import { test } from "node:test";
import { itemsOf, place, scopesOf, written } from "../../cnnviz/ui/components/diagram/layout.js";

const step = (name, sources, shape, more = {}) => ({
  name,
  label: name,
  sources,
  shape,
  scope: "",
  quiet: false,
  joint: false,
  ...more,
});
const view = (steps, more = {}) => ({
  data: { steps, input: [1, 8, 8], inputs: ["input"], folds: {}, stopped: null, tall: 150, ...more },
  open: new Set(),
});

test("an activation stands with what it acts on", () => {
  const items = itemsOf(
    view([
      step("conv", ["input"], [4, 6, 6]),
      step("relu", ["conv"], [4, 6, 6], { quiet: true }),
      step("fc", ["relu"], [10]),
    ]),
  );
  assert.deepEqual(
    items.map(({ name, label, steps }) => [name, label, steps]),
    [
      ["input", "", []],
      ["conv", "conv, relu", [0, 1]],
      ["fc", "fc", [2]],
    ],
  );
  assert.deepEqual(
    items.map(({ sources }) => [...sources]),
    [[], [0], [1]],
  );
});

test("several inputs stand under one another, and an activation on one of them stands alone", () => {
  const steps = [
    step("relu", ["right"], [1, 4, 4], { quiet: true }),
    step("add", ["left", "relu"], [1, 8, 8], { joint: true }),
  ];
  const network = view(steps, { further: [[1, 4, 4]], inputs: ["left", "right"] });
  const { items } = place(network, itemsOf(network));
  assert.deepEqual(
    items.map(({ name, depth, sources }) => [name, depth, [...sources]]),
    [
      ["left", 0, []],
      ["right", 0, []],
      ["relu", 1, [1]],
      ["add", 2, [0, 2]],
    ],
  );
  assert.ok(items[1].y > items[0].y + items[0].solid.height);
});

test("a folded block is one item until it is opened; then its names say what is within it", () => {
  const steps = [
    step("a.0", ["input"], [2, 8, 8], { scope: "a" }),
    step("a.1", ["a.0"], [2, 8, 8], { scope: "a" }),
    step("b", ["a.1"], [10]),
  ];
  const network = view(steps, { folds: { a: { label: "2 steps", from: "1 × 8 × 8", formulas: [] } } });
  assert.deepEqual(
    itemsOf(network).map(({ name, fold, steps: own }) => [name, fold || "", own]),
    [
      ["input", "", []],
      ["a", "a", [0, 1]],
      ["b", "", [2]],
    ],
  );
  network.open.add("a");
  const opened = itemsOf(network);
  assert.deepEqual(
    opened.map(({ name }) => name),
    ["input", "0", "1", "b"],
  );
  assert.deepEqual(
    opened.map((item) => scopesOf(network, item)),
    [[], ["a"], ["a"], []],
  );
});

test("what does not fit comes last, behind what it was to be fed from", () => {
  const items = itemsOf(view([step("conv", ["input"], [4, 6, 6])], { stopped: { name: "fc", sources: ["conv"] } }));
  assert.deepEqual([items.at(-1).name, items.at(-1).broken, [...items.at(-1).sources]], ["fc", true, [1]]);
});

test("whatever comes later stands further right, and branches under one another", () => {
  const steps = [
    step("left", ["input"], [4, 8, 8]),
    step("right", ["input"], [4, 8, 8]),
    step("sum", ["left", "right"], [4, 8, 8], { joint: true }),
  ];
  const network = view(steps);
  const items = itemsOf(network);
  const size = place(network, items);
  assert.deepEqual(
    items.map(({ depth }) => depth),
    [0, 1, 1, 2],
  );
  const [input, left, right, sum] = items;
  assert.ok(input.centre < left.centre && left.centre === right.centre && left.centre < sum.centre);
  assert.ok(left.y + left.solid.height < right.y && right.y + right.solid.height <= size.height);
  assert.ok(Math.abs((left.middle + right.middle) / 2 - sum.middle) < 1, "a joint stands between its branches");
  for (const item of items) assert.ok(item.x >= 0 && item.x + item.room <= size.width);
});

test("a shape is written as it is said", () => {
  const item = { name: "", label: "", shape: [1024, 7, 7], steps: [], sources: new Set() };
  assert.equal(written(item), "1,024 × 7 × 7");
  assert.equal(written({ ...item, first: 11 }), "11 × 1,024 × 7 × 7");
});
