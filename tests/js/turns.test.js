import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurn } from "../../cnnviz/ui/core/turns.js";

const tick = () => new Promise((resolve) => setTimeout(resolve));

// messages as Streamlit makes them: all that is sent in one tick
function line() {
  const messages = [];
  let open = false;
  const send = (what) => () => {
    if (!open) {
      messages.push([]);
      setTimeout(() => {
        open = false;
      });
    }
    open = true;
    messages.at(-1).push(what);
  };
  return { messages, send };
}

test("what two send in one tick goes out in two messages, in order, the first at once", async () => {
  const { messages, send } = line();
  const [pad, visitor] = [{}, {}];
  inTurn(visitor, send("token"));
  inTurn(pad, send("drawing"));
  assert.deepEqual(messages, [["token"]]);
  await tick();
  await tick();
  assert.deepEqual(messages, [["token"], ["drawing"]]);
});

test("what one sends in its tick goes together, and what waits is sent as it was", async () => {
  const { messages, send } = line();
  const [a, b, c] = [{}, {}, {}];
  for (const [who, what] of [
    [a, "a1"],
    [b, "b1"],
    [a, "a2"],
    [c, "c1"],
    [b, "b2"],
  ]) {
    inTurn(who, send(what));
  }
  for (let n = 0; n < 4; n++) await tick();
  assert.deepEqual(messages, [["a1", "a2"], ["b1", "b2"], ["c1"]]);
});

test("afterwards each sends at once again", async () => {
  const { messages, send } = line();
  const [a, b] = [{}, {}];
  inTurn(a, send("a"));
  await tick();
  inTurn(b, send("b"));
  assert.deepEqual(messages, [["a"], ["b"]]);
  await tick();
});

test("one that cannot be sent stops nobody else", ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const [a, b, c] = [{}, {}, {}];
  inTurn(a, () => sent.push("a"));
  inTurn(b, () => {
    throw new Error("on purpose");
  });
  inTurn(c, () => sent.push("c"));
  assert.throws(() => mock.timers.tick(1), /on purpose/);
  mock.timers.tick(1);
  mock.timers.tick(1);
  assert.deepEqual(sent, ["a", "c"]);
});
