import assert from "node:assert/strict";
import { test } from "node:test";
import { lineOf } from "../../cnnviz/ui/core/connection.js";

const TERMINATE = "TERMINATE_WEBSOCKET_CONNECTION";
const RESTART = "RESTART_WEBSOCKET_CONNECTION";
const HEARTBEAT = "SEND_APP_HEARTBEAT";

// a browser whose time goes on when it is told to, and a server that answers or does not
function world() {
  const timers = new Map();
  let now = 0;
  let number = 0;
  const seen = {
    ...{ connected: true, there: true, probes: [], asked: [], changes: [] },
    line: lineOf({
      isConnected: () => seen.connected,
      reaches: async (limit) => {
        seen.probes.push([now, limit]);
        return seen.there;
      },
      ask: (type) => seen.asked.push(type),
      later: (call, after) => {
        timers.set(++number, [now + after, call]);
        return number;
      },
      never: (timer) => timers.delete(timer),
      changed: () => seen.changes.push([now, seen.line.isCut()]),
    }),
    async pass(milliseconds) {
      const until = now + milliseconds;
      for (;;) {
        const due = [...timers].filter(([, [at]]) => at <= until).sort(([, [a]], [, [b]]) => a - b)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = due[1][0];
        due[1][1]();
        for (let n = 0; n < 5; n++) await Promise.resolve();
      }
      now = until;
    },
    connect(connected) {
      seen.connected = connected;
      seen.line.looked();
    },
  };
  return seen;
}

test("while nothing waits for an answer, and while answers come, nobody asks", async () => {
  const { line, pass, ...seen } = world();
  await pass(100_000);
  line.expects("stage");
  for (let n = 0; n < 10; n++) {
    await pass(1500);
    line.heard();
  }
  line.answered("stage");
  await pass(100_000);
  assert.deepEqual([seen.probes, seen.asked, seen.changes], [[], [], []]);
});

test("a silent cut is noticed two seconds after the edit, and ended by another connection", async () => {
  const seen = world();
  const { line } = seen;
  seen.there = false;
  line.expects("stage");
  await seen.pass(1999);
  assert.deepEqual(seen.probes, []);
  await seen.pass(1);
  assert.deepEqual([seen.probes.slice(0, 1), seen.changes], [[[2000, 2000]], [[2000, true]]]);
  await seen.pass(20_000);
  assert.deepEqual(
    seen.probes.slice(1, 8).map(([at]) => at),
    [2000, 2500, 3500, 5500, 9500, 13_500, 17_500],
  );
  assert.deepEqual(seen.asked, []); // the socket may yet be the one that goes on
  seen.there = true;
  await seen.pass(4000);
  assert.deepEqual(seen.asked, []); // a server that was slow has five seconds more
  await seen.pass(5000);
  assert.deepEqual(seen.asked, [TERMINATE, RESTART]);
  seen.connect(false);
  assert.ok(line.isCut());
  seen.connect(true);
  assert.deepEqual([line.isCut(), line.times, seen.changes.at(-1)[1]], [false, 1, false]);
});

test("what is heard in the meantime says that the line was slow, and no more", async () => {
  const seen = world();
  seen.there = false;
  seen.line.expects("stage");
  await seen.pass(2000);
  assert.ok(seen.line.isCut());
  seen.line.heard();
  seen.line.answered("stage");
  await seen.pass(100_000);
  assert.deepEqual([seen.line.isCut(), seen.line.times, seen.asked], [false, 0, []]);
});

test("where the server is well and does not answer, its socket is tried, and now and then again", async () => {
  const seen = world();
  seen.line.expects("stage");
  await seen.pass(25_000);
  assert.deepEqual(
    [seen.probes.map(([at]) => at), seen.asked],
    [
      [2000, 12_000, 22_000],
      [HEARTBEAT, HEARTBEAT, HEARTBEAT],
    ],
  );
  assert.deepEqual(seen.changes, []);
});

test("where Streamlit comes back by itself, it is another connection", async () => {
  const seen = world();
  seen.there = false;
  seen.connect(false);
  seen.connect(true);
  assert.deepEqual([seen.line.isCut(), seen.line.times], [false, 1]);
  await seen.pass(100_000);
  assert.deepEqual([seen.asked, seen.changes.length], [[], 2]);
});

test("where it does not listen, that is told, until it is heard of", async () => {
  const seen = world();
  seen.line.lost();
  await seen.pass(9999);
  assert.ok(!seen.line.isStuck());
  await seen.pass(1);
  assert.deepEqual([seen.line.isStuck(), seen.changes.length], [true, 2]);
  seen.connect(false);
  seen.connect(true);
  assert.deepEqual([seen.line.isStuck(), seen.line.isCut()], [false, false]);
});

test("a closed line is noticed at once; Streamlit tries nothing by itself, and is told when to begin again", async () => {
  const seen = world();
  seen.there = false;
  seen.connect(false);
  assert.ok(seen.line.isCut());
  await seen.pass(0);
  assert.deepEqual(seen.asked, [TERMINATE]);
  seen.there = true;
  await seen.pass(500);
  assert.deepEqual(seen.asked, [TERMINATE, TERMINATE, TERMINATE, RESTART]);
  seen.connect(true);
  assert.deepEqual([seen.line.isCut(), seen.line.times], [false, 1]);
});

test("a connection that does not come about is begun again", async () => {
  const seen = world();
  seen.connect(false);
  await seen.pass(0);
  assert.equal(seen.asked.filter((type) => type === RESTART).length, 1);
  await seen.pass(10_000);
  assert.equal(seen.asked.filter((type) => type === RESTART).length, 2);
  seen.connect(true);
  await seen.pass(100_000);
  assert.equal(seen.asked.filter((type) => type === RESTART).length, 2);
});

test("a browser that is offline is told so at once, and tries at once when it is back", async () => {
  const seen = world();
  seen.there = false;
  seen.line.lost();
  seen.line.lost();
  await seen.pass(60_000);
  assert.deepEqual(seen.changes, [[0, true]]);
  seen.there = true;
  const before = seen.probes.length;
  seen.line.isBack();
  await seen.pass(0);
  assert.deepEqual([seen.probes.length, seen.asked], [before + 1, [TERMINATE, RESTART]]);
});

test("on a line that was taken for cut the patience grows, until something is answered", async () => {
  const seen = world();
  seen.line.expects("stage");
  seen.there = false;
  await seen.pass(2000);
  seen.there = true;
  await seen.pass(5500);
  seen.connect(false);
  seen.connect(true);
  const from = seen.probes.length;
  await seen.pass(3999);
  assert.equal(seen.probes.length, from);
  await seen.pass(1);
  assert.deepEqual(seen.probes.at(-1)[1], 4000);
  seen.line.answered("stage");
  seen.line.expects("stage");
  await seen.pass(2000);
  assert.deepEqual(seen.probes.at(-1)[1], 2000);
});
