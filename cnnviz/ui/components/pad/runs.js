// A drawing as it is sent: one byte a run of pixels that are alike, as runs.py says.
const LEVELS = 16;
const LONG = 16;
const LONGEST = LONG + 255;

// ink in as many greys as are sent, from 0 to 255
/** @param {ArrayLike<number>} ink @returns {Uint8Array} */
export const inGreys = (ink) =>
  Uint8Array.from(ink, (value) => (Math.round((value * (LEVELS - 1)) / 255) * 255) / (LEVELS - 1));

/** @param {Uint8Array} ink in those greys @returns {Uint8Array} */
export function toRuns(ink) {
  const runs = [];
  for (let from = 0, end = 0; from < ink.length; from = end) {
    while (end < ink.length && ink[end] === ink[from] && end - from < LONGEST) end++;
    const [grey, count] = [(ink[from] * (LEVELS - 1)) / 255, end - from];
    if (count < LONG) runs.push(grey * LONG + count);
    else runs.push(grey * LONG, count - LONG);
  }
  return Uint8Array.from(runs);
}
