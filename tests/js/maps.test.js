import assert from "node:assert/strict";
import { test } from "node:test";
import { laidOut, unitAt } from "../../cnnviz/ui/lessons/inside/maps/layout.js";

test("every unit is found where it is drawn, and nothing between the maps", () => {
  for (const shape of [
    [6, 28, 28],
    [40, 5, 5],
    [3, 1, 1],
    [12, 4, 7],
  ]) {
    const lay = laidOut({ shape, labels: [] });
    assert.deepEqual([lay.count, lay.rows, lay.cols], shape);
    const [count, rows, cols] = shape;
    for (const unit of [
      [0, 0, 0],
      [count - 1, rows - 1, cols - 1],
      [count >> 1, 0, cols - 1],
    ]) {
      const [left, top] = lay.corner(unit[0]);
      const x = left + (unit[2] + 0.5) * lay.cell;
      const y = top + (unit[1] + 0.5) * lay.cell;
      assert.ok(x < lay.width && y < lay.height);
      assert.deepEqual(unitAt(lay, x, y), unit);
    }
    assert.equal(unitAt(lay, lay.cell * cols + 1, 1), null);
  }
});

test("units without places are maps of one cell, and labelled ones stand under one another", () => {
  const plain = laidOut({ shape: [84], labels: [] });
  const labelled = laidOut({ shape: [10], labels: ["0", "1"] });
  assert.deepEqual([plain.rows, plain.cols, plain.corner(83)], [1, 1, [24, 276]]);
  assert.deepEqual(labelled.corner(9), [0, 171]);
});
