// Pictures of many images at once, fetched as they come into sight: the ones asked for last first, a few at a time, and
// those that were scrolled past before their turn not at all.

/** @typedef {{ bitmap: ImageBitmap, index: number[], label: number[] }} Sheet */

const AT_ONCE = 4;
const MAX_KEPT = 80; // sheets: of 32x32 some 40 MB

/** The address of something that this app serves. @param {string} path relative to the app */
export const address = (path) => new URL(path, new URL(".", document.baseURI));

/** @param {Response} response @returns {[index: number[], label: number[]]} */
export function imagesOf(response) {
  const pairs = (response.headers.get("x-images") ?? "").split(",").map((pair) => pair.split(":").map(Number));
  return [pairs.map(([index]) => index), pairs.map(([, label]) => label)];
}

/**
 * @param {string} base where the sheets lie
 * @param {(number: number) => void} arrived
 * @param {() => void} failed
 */
export function sheets(base, arrived, failed) {
  /** @type {Map<number, Sheet>} */
  const kept = new Map();
  const underway = new Set();
  /** @type {number[]} */
  let wanted = [];

  /** @param {number} number */
  async function fetchOne(number) {
    const response = await fetch(address(`${base}/${number}.png`));
    if (!response.ok) throw new Error(`${response.status}`);
    const [index, label] = imagesOf(response);
    kept.set(number, { bitmap: await createImageBitmap(await response.blob()), index, label });
  }

  function next() {
    while (underway.size < AT_ONCE && wanted.length) {
      const number = /** @type {number} */ (wanted.shift());
      if (kept.has(number) || underway.has(number)) continue;
      underway.add(number);
      fetchOne(number)
        .finally(() => underway.delete(number))
        .then(() => arrived(number), failed)
        .finally(next);
    }
  }

  return {
    /** @param {number} number @returns {Sheet | undefined} */
    get: (number) => kept.get(number),
    /** Ask for these, and no longer for others. @param {number[]} numbers */
    want(numbers) {
      wanted = numbers.filter((number) => !kept.has(number) && !underway.has(number));
      for (const number of kept.keys()) {
        if (kept.size <= MAX_KEPT) break;
        if (!numbers.includes(number)) {
          kept.get(number)?.bitmap.close();
          kept.delete(number);
        }
      }
      next();
    },
    waiting: () => underway.size > 0,
  };
}
