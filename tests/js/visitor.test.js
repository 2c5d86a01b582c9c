import assert from "node:assert/strict";
import { test } from "node:test";
import { mount, token } from "../../cnnviz/ui/shell/visitor/visitor.js";

/** a browser's storage, with what is in it at first */
function storage(kept = {}) {
  const items = { ...kept };
  return {
    items,
    getItem: (name) => items[name] ?? null,
    setItem: (name, value) => {
      items[name] = value;
    },
  };
}

test("a token has 128 random bits and stays the same", () => {
  const kept = storage();
  const first = token(() => kept);
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.equal(
    token(() => kept),
    first,
  );
  assert.notEqual(
    token(() => storage()),
    first,
  );
});

test("what is no token gives way to one", () => {
  for (const wrong of ["", "abc", "A".repeat(32), "0".repeat(33)]) {
    const kept = storage({ "cnnviz-session": wrong });
    assert.match(
      token(() => kept),
      /^[0-9a-f]{32}$/,
    );
    assert.notEqual(kept.items["cnnviz-session"], wrong);
  }
});

test("a browser that keeps nothing sends nothing", () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  assert.equal(token(refuse), null);
  assert.equal(
    token(() => ({ getItem: () => null, setItem: refuse })),
    null,
  );
  assert.equal(
    token(() => ({ getItem: () => null, setItem() {} })),
    null,
  );
});

test("it is sent where the connection does not know it yet, and not again", () => {
  const sent = [];
  const setTriggerValue = (...one) => sent.push(one);
  globalThis.localStorage = storage();
  mount({ data: { known: true }, setTriggerValue });
  assert.deepEqual(sent, []);
  mount({ data: { known: false }, setTriggerValue });
  assert.deepEqual(sent, [["token", localStorage.getItem("cnnviz-session")]]);
});
