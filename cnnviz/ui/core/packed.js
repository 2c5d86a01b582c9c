// Takes apart what packed.py put together: the JSON's values, and each array under its name.
const ARRAYS = { Uint8Array, Int32Array, Float32Array };

/** @typedef {[name: string, kind: keyof typeof ARRAYS, size: number]} Held */

/** @param {Uint8Array} bytes @returns {any} what the component of packed.py's caller says that it is */
export function unpacked(bytes) {
  const { buffer } = bytes.slice(); // a copy of its own, so that every part begins at a multiple of 4
  const length = new DataView(buffer).getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  for (const [name, kind, size] of /** @type {Held[]} */ (data.arrays)) {
    data[name] = new ARRAYS[kind](buffer, at, size);
    at += 4 * Math.ceil(data[name].byteLength / 4);
  }
  return data;
}
