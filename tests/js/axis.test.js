import assert from "node:assert/strict";
import { test } from "node:test";
import {
  extent,
  logDomain,
  logScale,
  logTicks,
  roundDomain,
  scale,
  ticks,
} from "../../cnnviz/ui/components/lines/axis.js";
import { begun, layOut } from "../../cnnviz/ui/components/lines/chart.js";

test("ticks are round numbers inside of the domain, and no more than wanted", () => {
  assert.deepEqual(ticks([0, 1], 4), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(ticks([-3, 3], 6), [-3, -2, -1, 0, 1, 2, 3]);
  assert.deepEqual(ticks([0.1, 0.3], 2), [0.1, 0.2, 0.3]);
  for (const domain of [
    [0, 7],
    [-0.013, 0.02],
    [3, 97000],
  ]) {
    const found = ticks(domain, 5);
    assert.ok(found.length <= 6 && found[0] >= domain[0] && found.at(-1) <= domain[1], String(found));
  }
});

test("a domain holds all values and ends on ticks", () => {
  assert.deepEqual(roundDomain([0.13, 2.9, NaN, 1], 5), [0, 3]);
  assert.deepEqual(roundDomain([4, 4], 4), [2, 6]);
  assert.deepEqual(roundDomain([NaN], 4), [0, 1]);
  assert.deepEqual(
    [extent([3, 1]), extent([2]), extent([])],
    [
      [1, 3],
      [1.5, 2.5],
      [0, 1],
    ],
  );
});

test("on a logarithmic axis every factor of ten is as high as the next", () => {
  assert.deepEqual(logTicks([0.1, 10], 6), [0.1, 0.2, 0.5, 1, 2, 5, 10]);
  assert.deepEqual(logTicks([0.01, 1000], 4), [0.01, 0.1, 1, 10, 100, 1000]);
  assert.deepEqual(logDomain([0.03, 4, 0, -1]), [0.02, 5]);
  assert.deepEqual(logDomain([0]), [0.1, 1]);
  const y = logScale([0.1, 10], [200, 0]);
  assert.deepEqual([y(0.1), Math.round(y(1)), y(10), y(0)], [200, 100, 0, NaN]);
  assert.equal(scale([0, 10], [0, 200])(2.5), 50);
});

test("what a curve is compared with does not stretch the scales", () => {
  const series = (faint, x, y) => ({
    name: "a",
    faint,
    count: x.length,
    x: Float32Array.from(x),
    y: Float32Array.from(y),
  });
  const chart = { series: [], x_label: "epoch", x_range: null, y_range: null, height: 270, log: true };
  const own = series(false, [1, 2], [0.5, 0.2]);
  const told = series(true, [1, 50], [0.3, 1e-6]);
  assert.deepEqual(layOut({ ...chart, series: [told, own] }, 500).xDomain, [1, 2]);
  const alone = layOut({ ...chart, series: [own] }, 500);
  assert.deepEqual(layOut({ ...chart, series: [told, own] }, 500).yTicks, alone.yTicks);
  assert.deepEqual(layOut({ ...chart, series: [told, series(false, [], [])] }, 500).xDomain, [1, 50]);
});

test("a logarithmic axis goes by factors from left to right", () => {
  const one = { name: "a", count: 3, x: Float32Array.from([1e-4, 1e-2, 1]), y: Float32Array.from([1, 2, 3]) };
  const chart = { series: [one], x_label: "rate", x_range: null, y_range: null, height: 270, log: false, x_log: true };
  const at = layOut(chart, 500);
  assert.ok(Math.abs(at.x(1e-2) - (at.x(1e-4) + at.x(1)) / 2) < 1e-3);
  assert.ok(at.xTicks.every((tick) => tick >= 0.99e-4 && tick <= 1.01) && at.xTicks.includes(0.01));
});

test("a curve that has begun is its first values, and no longer pale", () => {
  const one = { name: "a", faint: true, count: 3, x: Float32Array.of(1, 2, 3), y: Float32Array.of(5, 6, 7) };
  const { faint, count, x, y } = begun(one, 2);
  assert.deepEqual([faint, count, Array.from(x), Array.from(y)], [false, 2, [1, 2], [5, 6]]);
  assert.deepEqual([begun(one, 0).x.length, one.x.length], [0, 3]);
});
