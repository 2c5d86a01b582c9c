// How numbers are written: short in a cell, whole in a sentence. A small negative number is never shown as 0.
const minus = (text) => text.replace(/-/g, "−");

function short(value) {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e5) return minus(String(value));
  if (size < 0.01 || size >= 1e5) return minus(value.toExponential(0).replace("e+", "e"));
  const digits = size < 0.1 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0;
  return minus(String(Number(value.toFixed(digits))));
}

const whole = (value) => minus(String(Number(value.toPrecision(10))));

// a negative factor or a later negative term in a line of arithmetic stands in brackets
const bracketed = (value) => (value < 0 ? `(${whole(value)})` : whole(value));
