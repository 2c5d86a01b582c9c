// How numbers are written: short in a cell, whole in a sentence. A small negative number is never shown as 0.
/** @param {string} text */
const minus = (text) => text.replace(/-/g, "−");

// At most `most` characters where that leaves the number within a tenth of itself, otherwise one digit and an exponent.
/** @param {number} value */
export function short(value, most = 6) {
  const size = Math.abs(value);
  if (Number.isInteger(value) && String(value).length <= Math.max(most, 4)) return minus(String(value));
  for (let digits = size < 0.1 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0; digits >= 0 && size >= 0.01; digits--) {
    const rounded = Number(value.toFixed(digits));
    const text = String(rounded).length > most ? String(rounded).replace("0.", ".") : String(rounded);
    if (text.length <= most && Math.abs(rounded - value) <= size / 10) return minus(text);
  }
  return minus(value.toExponential(0).replace("e+", "e"));
}

/** @param {number} value */
export const whole = (value) => minus(String(Number(value.toPrecision(10))));

// a negative factor or a later negative term in a line of arithmetic stands in brackets
/** @param {number} value */
export const bracketed = (value) => (value < 0 ? `(${whole(value)})` : whole(value));

// A share of a count, from 0 to 1: 98.8 %. What is rounded is never written as nothing or as all, by the rule of
// lessons/common/format.py.
/** @param {number} share */
export function percent(share, digits = 1) {
  const text = (100 * share).toFixed(digits);
  const unit = 10 ** -digits;
  if (Number(text) === 0 && share > 0) return `< ${unit.toFixed(digits)} %`;
  if (Number(text) >= 100 && share < 1) return `> ${(100 - unit).toFixed(digits)} %`;
  return `${text} %`;
}

// A probability of a softmax, which is never 0 or 1: float32 only rounds to them.
/** @param {number} share */
export const probability = (share) => percent(Math.min(Math.max(share, Number.MIN_VALUE), 1 - Number.EPSILON / 2));
