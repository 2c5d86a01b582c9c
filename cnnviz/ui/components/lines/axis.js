// Scales and ticks. A domain is [low, high]; a scale maps it onto pixels.
/** @typedef {readonly [low: number, high: number]} Domain */
/** @typedef {(value: number) => number} Scale */

const steps = [1, 2, 2.5, 5, 10];

// at most `most` ticks at round numbers inside the domain
/** @param {Domain} domain @param {number} most */
export function ticks([low, high], most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (steps.find((s) => s * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// the smallest domain that holds all values and ends on ticks
/** @param {number[]} values @param {number} most @returns {Domain} */
export function roundDomain(values, most) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values)
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  if (low > high) return [0, 1];
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  const rough = ticks([low, high], most);
  const step = rough.length > 1 ? rough[1] - rough[0] : high - low;
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

/** @param {number[]} values @returns {Domain} */
export function extent(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low < high ? [low, high] : Number.isFinite(low) ? [low - 0.5, high + 0.5] : [0, 1];
}

// ticks at 1, 2 and 5 times the powers of ten; fewer where that is too many
/** @param {Domain} domain @param {number} most */
export function logTicks([low, high], most) {
  const powers = Array.from({ length: 40 }, (_, i) => i - 20);
  const inside = (/** @type {number[]} */ factors) =>
    powers
      .flatMap((p) => factors.map((f) => Number((f * 10 ** p).toPrecision(1))))
      .filter((value) => value >= low * 0.999 && value <= high * 1.001);
  const all = inside([1, 2, 5]);
  return all.length <= most + 1 ? all : inside([1]);
}

// the smallest domain between such ticks
/** @param {number[]} values @returns {Domain} */
export function logDomain(values) {
  const [low, high] = extent(values.filter((value) => value > 0 && Number.isFinite(value)));
  const all = logTicks([Math.max(low, 1e-12) / 5, high * 5], Infinity);
  return low > 0
    ? [Math.max(...all.filter((one) => one <= low)), Math.min(...all.filter((one) => one >= high))]
    : [0.1, 1];
}

/** @param {Domain} domain @param {Domain} pixels @returns {Scale} */
export const scale =
  ([low, high], [from, to]) =>
  (value) =>
    from + ((value - low) / (high - low)) * (to - from);
/** @param {Domain} domain @param {Domain} pixels @returns {Scale} */
export const logScale = ([low, high], pixels) => {
  const inner = scale([Math.log(low), Math.log(high)], pixels);
  return (value) => (value > 0 ? inner(Math.log(value)) : NaN);
};
