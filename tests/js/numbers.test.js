import assert from "node:assert/strict";
import { test } from "node:test";
import { bracketed, percent, probability, short, whole } from "../../cnnviz/ui/core/numbers.js";

test("a whole number is written whole where it fits", () => {
  assert.deepEqual(
    [0, 7, -12, 123456].map((value) => short(value)),
    ["0", "7", "−12", "123456"],
  );
  assert.equal(short(1234567), "1e6");
});

test("a short number is near itself, and no longer than it may be or with an exponent", () => {
  for (const most of [4, 5, 6]) {
    for (const value of [0.5, -0.25, 3.2345, 12.345, -99.95, 123.456, 0.0333, 1e-7, -2.5e-5, 1e12]) {
      const text = short(value, most);
      const read = Number(text.replaceAll("−", "-"));
      assert.ok(text.length <= most || /^−?\de−?\d+$/.test(text), `${value} as ${text} in ${most}`);
      assert.ok(Math.abs(read - value) <= Math.abs(value) / 2, `${value} as ${text}`);
      assert.equal(Math.sign(read), Math.sign(value), "a small number is not written as 0");
    }
  }
});

test("a zero before the point goes where there is no room for it", () => {
  assert.deepEqual([short(0.054, 4), short(-0.054, 5), short(0.054, 6)], [".054", "−.054", "0.054"]);
});

test("a whole sentence has the number as it is, and a negative factor in brackets", () => {
  assert.deepEqual([whole(-0.1), whole(1 / 3), whole(0.1 + 0.2)], ["−0.1", "0.3333333333", "0.3"]);
  assert.deepEqual([bracketed(-2), bracketed(2)], ["(−2)", "2"]);
});

// as Python writes them: tests/lessons/test_format.py has the same table
test("a share is rounded, but never to nothing or to all", () => {
  const table = [
    [0, "< 0.1 %", "0.0 %", "0.00 %"],
    [1e-9, "< 0.1 %", "< 0.1 %", "< 0.01 %"],
    [0.0004, "< 0.1 %", "< 0.1 %", "0.04 %"],
    [0.0005, "0.1 %", "0.1 %", "0.05 %"],
    [0.001, "0.1 %", "0.1 %", "0.10 %"],
    [0.0025, "0.3 %", "0.3 %", "0.25 %"],
    [0.0625, "6.3 %", "6.3 %", "6.25 %"],
    [0.5, "50.0 %", "50.0 %", "50.00 %"],
    [0.9876, "98.8 %", "98.8 %", "98.76 %"],
    [0.9994, "99.9 %", "99.9 %", "99.94 %"],
    [0.9995, "> 99.9 %", "> 99.9 %", "99.95 %"],
    [0.99995, "> 99.9 %", "> 99.9 %", "> 99.99 %"],
    [0.999999999, "> 99.9 %", "> 99.9 %", "> 99.99 %"],
    [1, "> 99.9 %", "100.0 %", "100.00 %"],
  ];
  for (const [share, ...written] of table) {
    assert.deepEqual([probability(share), percent(share), percent(share, 2)], written, String(share));
  }
});
