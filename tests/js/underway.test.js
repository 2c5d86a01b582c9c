import assert from "node:assert/strict";
import { test } from "node:test";
import * as line from "../../cnnviz/ui/components/pad/underway.js";

// A pen that never rests, a round trip and a server that reads one picture after the other: what comes while it reads
// waits, and of those that wait it reads the newest. Times in milliseconds.
function drawn({ trip, reading, during = 10_000, stalls = 0 }) {
  const under = line.newLine();
  const found = { sent: 0, most: 0, shown: [], ages: [] };
  const made = [0]; // when the drawing was in its version
  let [version, coming, waiting, busy, answers] = [0, [], null, null, []];
  for (let now = 0; now < during; now++) {
    if (now % 8 === 0) made[++version] = now;
    while (answers[0]?.at <= now) {
      const { version: read } = answers.shift();
      line.answer(under, read, now);
      found.shown.push(read);
      found.ages.push(now - made[read]);
    }
    while (coming[0]?.at <= now) waiting = coming.shift().version;
    if (busy?.at <= now) {
      answers.push({ version: busy.version, at: now + trip / 2 });
      busy = null;
    }
    if (!busy && waiting) {
      busy = { version: waiting, at: now + reading + (found.shown.length % 20 === 19 ? stalls : 0) };
      waiting = null;
    }
    if (line.newest(under) < version && line.waitFor(under, now) === 0) {
      line.send(under, version, now);
      coming.push({ version, at: now + trip / 2 });
      found.sent += 1;
      found.most = Math.max(found.most, under.sent.length);
    }
  }
  const ages = found.ages.slice(10).sort((a, b) => a - b);
  return { ...found, second: (1000 * found.shown.length) / during, p95: ages[Math.floor(0.95 * ages.length)] };
}

test("far away three pictures are under way, and bars come as often as near by", () => {
  const near = drawn({ trip: 0, reading: 40 });
  const far = drawn({ trip: 150, reading: 40 });
  assert.deepEqual([near.most, far.most], [1, line.MOST]);
  assert.ok(near.second > 15 && far.second > 14, `${near.second}, ${far.second} a second`);
  assert.ok(far.p95 <= 150 + 40 + 20, `${far.p95} ms`);
});

test("a server that has other things to do now and then is sent as many far away", () => {
  for (const stalls of [400, 700]) {
    const { second } = drawn({ trip: 150, reading: 40, stalls, during: 60_000 });
    assert.ok(second > 9, `${second} a second with stalls of ${stalls} ms`);
  }
});

test("a slow server, near by or far away, reads one after the other, and mostly no picture waits for another", () => {
  for (const trip of [0, 150]) {
    for (const reading of [100, 200, 500]) {
      const { second, ages, sent, shown } = drawn({ trip, reading, during: 60_000 });
      const middle = [...ages].sort((a, b) => a - b)[ages.length >> 1];
      const told = JSON.stringify({ trip, reading, second, middle, sent, shown: shown.length });
      assert.ok(second > 950 / (trip + reading), told);
      assert.ok(middle < (trip ? 1.4 : 1.1) * (trip + reading), told);
      assert.ok(sent < 1.6 * shown.length, told);
    }
  }
});

test("answers come in order, and one is an answer to all before it", () => {
  const { shown } = drawn({ trip: 300, reading: 90 });
  assert.deepEqual(
    shown,
    [...shown].sort((a, b) => a - b),
  );
  const under = line.newLine();
  for (const version of [1, 2, 3]) line.send(under, version, 100 * version);
  line.answer(under, 2, 400);
  assert.deepEqual([under.sent.map(({ version }) => version), under.read, line.newest(under)], [[3], 2, 3]);
  line.answer(under, 1, 410); // late, and old
  assert.deepEqual([under.sent.length, under.read], [1, 2]);
});

test("what was under way when the line broke is sent again, the newest only, and ever more seldom", () => {
  const under = line.newLine();
  for (const version of [1, 2, 3]) line.send(under, version, version);
  assert.equal(line.waitFor(under, 3), line.PATIENCE);
  let now = 3;
  for (const patience of [2000, 4000, 8000, 16_000, 16_000]) {
    assert.equal(line.untilLost(under, now), patience);
    now += patience;
    line.lose(under);
    assert.deepEqual([line.newest(under), line.waitFor(under, now), line.untilLost(under, now)], [0, 0, Infinity]);
    line.send(under, 3, now);
  }
  line.answer(under, 3, now + 50);
  assert.deepEqual([under.sent, under.read, under.lost], [[], 3, 0]);
});

test("before the first answer one picture is under way", () => {
  const under = line.newLine();
  line.send(under, 1, 0);
  assert.equal(line.waitFor(under, 100), line.PATIENCE - 100);
  line.answer(under, 1, 200);
  line.send(under, 2, 200);
  assert.equal(line.waitFor(under, 200), line.PAUSE);
});
