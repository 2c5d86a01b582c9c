import assert from "node:assert/strict";
import { File } from "node:buffer";
import { test } from "node:test";
import { fromNotebook, textOf } from "../../cnnviz/ui/components/source_box/files.js";
import {
  countLines,
  dedented,
  indented,
  lineOf,
  newLine,
  partedAt,
} from "../../cnnviz/ui/components/source_box/typing.js";
import { isAnswer, noText, turnOf } from "../../cnnviz/ui/components/source_box/whose.js";

// A text in which [ and ] stand at the ends of the selection, before and after.
const acted = (act, marked) => {
  const [start, end] = [marked.indexOf("["), marked.indexOf("]") - 1];
  const text = marked.replace(/[[\]]/g, "");
  const edit = act(text, start, end);
  const made = text.slice(0, edit.from) + edit.text + text.slice(edit.to);
  return `${made.slice(0, edit.start)}[${made.slice(edit.start, edit.end)}]${made.slice(edit.end)}`;
};

test("Tab goes to the next stop of four, in place of what is chosen in a line", () => {
  assert.equal(acted(indented, "[]a"), "    []a");
  assert.equal(acted(indented, "x\nab[]c"), "x\nab  []c");
  assert.equal(acted(indented, "abcd[e]f"), "abcd    []f");
});

test("Tab takes all lines of a selection further in, but for empty ones and the one that it ends before", () => {
  assert.equal(acted(indented, "a[b\n\nc]d\ne"), "    a[b\n\n    c]d\ne");
  assert.equal(acted(indented, "[a\nb\n]c"), "    [a\n    b\n]c");
});

test("Shift and Tab takes lines out by four spaces, by fewer where there are fewer, or by a tab", () => {
  assert.equal(acted(dedented, "        a[]"), "    a[]");
  assert.equal(acted(dedented, "  a[]"), "a[]");
  assert.equal(acted(dedented, "x\n  []  a"), "x\n[]a");
  assert.equal(acted(dedented, "[    a\n\tb\nc\n  d]"), "[a\nb\nc\nd]");
  assert.equal(acted(dedented, "a[]"), "a[]");
});

test("what Tab has done Shift and Tab takes back", () => {
  const lines = ["a", "    b", "", "  c", "(", "        d"];
  for (let from = 0; from < lines.length; from++) {
    for (let to = from + 1; to < lines.length; to++) {
      const marked = [...lines.slice(0, from), `[${lines[from]}`, ...lines.slice(from + 1, to), `${lines[to]}]`].join(
        "\n",
      );
      assert.equal(acted(dedented, acted(indented, marked)), marked);
    }
  }
});

test("Enter keeps the indentation, and goes further in after what opens", () => {
  assert.equal(acted(newLine, "a[]"), "a\n[]");
  assert.equal(acted(newLine, "x\n    a[]b"), "x\n    a\n    []b");
  assert.equal(acted(newLine, "\ta[bc]d"), "\ta\n\t[]d");
  assert.equal(acted(newLine, "  nn.Sequential([]"), "  nn.Sequential(\n      []");
  assert.equal(acted(newLine, "class Net(nn.Module): []"), "class Net(nn.Module): \n    []");
  assert.equal(acted(newLine, "  []  a"), "  \n  []  a");
});

test("lines by their numbers", () => {
  const text = "a\n\nbc";
  assert.deepEqual([countLines(""), countLines("a"), countLines(text), countLines("a\n")], [1, 1, 3, 2]);
  assert.deepEqual(
    [1, 2, 3, 4].map((line) => lineOf(text, line)),
    [{ from: 0, line: "a" }, { from: 2, line: "" }, { from: 3, line: "bc" }, null],
  );
});

test("a column counts whole characters, and may lie after the last", () => {
  assert.deepEqual(partedAt("a𝛼bc", 3), ["a𝛼", "b"]);
  assert.deepEqual(partedAt("ab", 1), ["", "a"]);
  assert.deepEqual(partedAt("ab", 3), ["ab", ""]);
  assert.deepEqual(partedAt("ab", 9), ["ab", ""]);
});

test("the page's text takes the place of the reader's only where it is another revision of the same session's", () => {
  const text = { ...noText(), origin: "a", revision: 1 };
  assert.equal(turnOf(noText(), { origin: "a", revision: 4, ack: null }), "show");
  assert.equal(turnOf(text, { origin: "a", revision: 1, ack: null }), "keep");
  assert.equal(turnOf({ ...text, edited: true }, { origin: "a", revision: 1, ack: null }), "keep");
  assert.equal(turnOf({ ...text, edited: true }, { origin: "a", revision: 2, ack: null }), "show");
  assert.equal(turnOf(text, { origin: "b", revision: 1, ack: null }), "show");
  assert.equal(turnOf({ ...text, edited: true }, { origin: "b", revision: 0, ack: null }), "send");
});

test("an error counts where it is about what was sent last", () => {
  assert.ok(isAnswer(noText(), { origin: "a", revision: 0, ack: "7" }));
  assert.ok(isAnswer({ ...noText(), id: "7" }, { origin: "a", revision: 0, ack: "7" }));
  assert.ok(!isAnswer({ ...noText(), id: "8" }, { origin: "a", revision: 0, ack: "7" }));
});

const BOUNDS = { letters: 50, bytes: 400 };
const notebook = (...cells) => JSON.stringify({ cells });

test("of a notebook the code counts, cell after cell, as lines or as one text", () => {
  const cells = [
    { cell_type: "markdown", source: ["# A title"] },
    { cell_type: "code", source: ["import torch\n", "x = 1\n"], outputs: ["long"] },
    { cell_type: "code", source: "y = 2" },
  ];
  assert.equal(fromNotebook(notebook(...cells)), "import torch\nx = 1\n\ny = 2");
});

test("a file is read as text, with its lines ended as ours", async () => {
  assert.equal(await textOf(new File(["nn.ReLU()\r\n# é\r"], "Net.PY"), BOUNDS), "nn.ReLU()\n# é\n");
  const cells = notebook({ cell_type: "code", source: "a" });
  assert.equal(await textOf(new File([cells], "a.ipynb"), BOUNDS), "a");
});

test("a file of another kind or size, or of no text, is refused by its name and the bound", async () => {
  const refused = [
    [new File(["a"], "net.pth"), "net.pth"],
    [new File(["a".repeat(401)], "net.py"), "400"],
    [new File(["a".repeat(51)], "net.py"), "50"],
    [new File([new Uint8Array([255, 254, 0])], "net.txt"), "UTF-8"],
    [new File(["{"], "net.ipynb"), "net.ipynb"],
    [new File(['{"cells": 3}'], "net.ipynb"), "net.ipynb"],
    [new File([notebook({ cell_type: "markdown", source: "a" })], "net.ipynb"), "net.ipynb"],
    [new File(["  \n"], "net.py"), "net.py"],
  ];
  for (const [file, named] of refused) {
    await assert.rejects(textOf(file, BOUNDS), (error) => error.message.includes(named) && error.message.endsWith("."));
  }
});
