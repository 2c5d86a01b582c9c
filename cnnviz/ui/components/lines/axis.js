// Scales and ticks. A domain is [low, high]; a scale maps it onto pixels.
const steps = [1, 2, 2.5, 5, 10];

// at most `most` ticks at round numbers inside the domain
function ticks([low, high], most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * steps.find((s) => s * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// the smallest domain that holds all values and ends on ticks
function roundDomain(values, most) {
  let low = Infinity, high = -Infinity;
  for (const value of values) if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
  if (low > high) return [0, 1];
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  const rough = ticks([low, high], most);
  const step = rough.length > 1 ? rough[1] - rough[0] : high - low;
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

function extent(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low < high ? [low, high] : Number.isFinite(low) ? [low - 0.5, high + 0.5] : [0, 1];
}

const scale = ([low, high], [from, to]) => (value) => from + ((value - low) / (high - low)) * (to - from);
