import assert from "node:assert/strict";
import { test } from "node:test";
import { withState } from "../../cnnviz/ui/core/state.js";

// as much of a page as a component's state looks at
globalThis.document = {
  createRange: () => ({ createContextualFragment: (markup) => markup }),
  querySelector: () => null,
};
globalThis.getComputedStyle = () => ({ color: "rgb(0, 0, 0)" });
globalThis.MutationObserver = class {
  observe() {}
  disconnect() {}
};
globalThis.ShadowRoot = class {};

// what Streamlit gives a component to draw into, with a stylesheet on its way or without one
function place({ styled }) {
  const element = { dataset: { state: "loading" }, classList: { toggle() {} }, isConnected: true, markup: [] };
  element.replaceChildren = (...markup) => element.markup.push(...markup);
  element.getRootNode = () => ({});
  const listeners = {};
  const link = { sheet: null, href: "x.css", addEventListener: (name, listener) => (listeners[name] = listener) };
  const find = (selector) => (selector === "[data-state]" ? element : styled ? link : null);
  return { element, listeners, parentElement: { querySelector: find } };
}

// a component that writes down what happens to it
function component() {
  const log = [];
  const mount = ({ data }) => {
    log.push(`drawn ${data}`);
    return () => log.push("left");
  };
  return { log, show: withState(mount, "<p></p>") };
}

test("without a stylesheet it is drawn at once, and its markup is put there once", () => {
  const { element, parentElement } = place({ styled: false });
  const { log, show } = component();
  show({ data: 1, parentElement });
  show({ data: 2, parentElement });
  assert.deepEqual([log, element.markup, element.dataset.state], [["drawn 1", "drawn 2"], ["<p></p>"], "ready"]);
});

test("until the stylesheet has come nothing is drawn, and then the newest", async () => {
  const { element, listeners, parentElement } = place({ styled: true });
  const { log, show } = component();
  const calls = [1, 2, 3].map((data) => show({ data, parentElement }));
  await Promise.resolve();
  assert.deepEqual([log, element.markup, element.dataset.state], [[], [], "loading"]);
  listeners.load();
  await Promise.all(calls);
  assert.deepEqual([log, element.dataset.state], [["drawn 3"], "ready"]);
  show({ data: 4, parentElement });
  assert.deepEqual(log, ["drawn 3", "drawn 4"]);
});

test("a call that is overtaken ends nothing; with its element a component ends, once", async () => {
  const { element, parentElement } = place({ styled: false });
  const { log, show } = component();
  const leave = [show({ data: 1, parentElement })];
  leave[0](); // Streamlit has new data, and did not know yet what this call gave back
  leave.push(show({ data: 2, parentElement }));
  assert.deepEqual([log, element.markup], [["drawn 1", "drawn 2"], ["<p></p>"]]);
  element.isConnected = false;
  for (const one of leave) one();
  assert.deepEqual(log, ["drawn 1", "drawn 2", "left"]);
});

test("one that is gone before its stylesheet comes is never drawn", async () => {
  const { element, listeners, parentElement } = place({ styled: true });
  const { log, show } = component();
  const call = show({ data: 1, parentElement });
  element.isConnected = false;
  listeners.load();
  (await call)();
  assert.deepEqual(log, []);
});

test("it has failed where it throws, and where its stylesheet does not come", async () => {
  const broken = place({ styled: false });
  const show = withState(() => {
    throw new Error("broken");
  }, "");
  assert.throws(() => show({ parentElement: broken.parentElement }), /broken/);
  assert.equal(broken.element.dataset.state, "failed");

  const bare = place({ styled: true });
  const call = component().show({ data: 1, parentElement: bare.parentElement });
  bare.listeners.error();
  await assert.rejects(call, /x\.css did not load/);
  assert.equal(bare.element.dataset.state, "failed");
});
