import assert from "node:assert/strict";
import { test } from "node:test";
import { unpacked } from "../../cnnviz/ui/core/packed.js";

const filled = (bytes) => [...bytes, ...Array(-bytes.length & 3).fill(0)];

// as packed.py makes them
function packed(data, arrays) {
  const header = new TextEncoder().encode(JSON.stringify(data));
  const padded = [...header, ...Array(-header.length & 3).fill(32)];
  const length = [...new Uint8Array(Uint32Array.of(padded.length).buffer)];
  return Uint8Array.from([...length, ...padded, ...arrays.flatMap((array) => filled(new Uint8Array(array.buffer)))]);
}

test("values and arrays come back under their names, wherever the bytes lie in memory", () => {
  const data = {
    title: "größer",
    arrays: [
      ["pixels", "Uint8Array", 5],
      ["values", "Float32Array", 2],
    ],
  };
  const bytes = packed(data, [Uint8Array.of(1, 2, 3, 4, 255), Float32Array.of(-1.5, 3e30)]);
  for (const before of [0, 1, 2, 3]) {
    const memory = new Uint8Array(bytes.length + before);
    memory.set(bytes, before);
    const found = unpacked(memory.subarray(before));
    assert.equal(found.title, "größer");
    assert.deepEqual([...found.pixels], [1, 2, 3, 4, 255]);
    assert.deepEqual([...found.values], [-1.5, Math.fround(3e30)]);
  }
});
