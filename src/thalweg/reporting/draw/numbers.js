// Numbers as text, with the same digits as in Python, and the formulas that a page needs.

/**
 * Fixed decimals, as Python's f"{x:.3f}": exact, with ties to the even digit.
 * @param {number} x
 * @param {number} digits
 * @returns {string}
 */
export function fixed(x, digits) {
  if (!Number.isFinite(x)) return x > 0 ? "inf" : x < 0 ? "-inf" : "undefined";
  // A tie needs a multiple of 1 / 2^(digits + 1), which scaling by a power of two finds exactly;
  // toFixed would round it to the larger number.
  const scaled = x * 2 ** (digits + 1);
  if (Number.isInteger(scaled) && Math.abs(scaled % 2) === 1) {
    const [below, above] = [Math.floor(x * 10 ** digits), Math.ceil(x * 10 ** digits)];
    return ((below % 2 === 0 ? below : above) / 10 ** digits).toFixed(digits);
  }
  return x.toFixed(digits);
}

/**
 * Not more decimals than so many, and no trailing zeros, as the page writes a threshold: "0.5".
 * @param {number} x
 * @param {number} [digits]
 * @returns {string}
 */
export function trimmed(x, digits = 3) {
  const text = fixed(x, digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/**
 * A whole number with a comma at every third digit, as Python's f"{n:,}"; a sum of weights has one
 * decimal.
 * @param {number} n
 * @returns {string}
 */
export function whole(n) {
  if (!Number.isInteger(n)) {
    const [units, decimal] = fixed(n, 1).split(".");
    return `${whole(Number(units))}.${decimal}`;
  }
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * Some significant digits, with a true minus sign; very large and small numbers with a power of
 * ten: "0.0503", "12700", "1.27·10⁹".
 * @param {number} x
 * @param {number} [digits]
 * @returns {string}
 */
export function short(x, digits = 3) {
  const value = Number(x.toPrecision(digits));
  const size = Math.abs(value);
  if (!(size > 0 && size < Infinity) || (size >= 1e-4 && size < 1e6)) {
    return value.toString().replace("-", "−");
  }
  const [mantissa, power] = value.toExponential().split("e");
  const raised = String(Number(power)).replace(/./g, (sign) => RAISED["-0123456789".indexOf(sign)]);
  return `${mantissa.replace("-", "−")}·10${raised}`;
}

/**
 * A number of any size with so many significant digits, and all digits of its integer part, as
 * thalweg.wording.amount: "0.04321", "19,294".
 * @param {number} x
 * @param {number} [digits]
 * @returns {string}
 */
export function amount(x, digits = 5) {
  const size = Math.abs(x);
  if (!(size >= 1e-6 && size < 1e15)) return short(x, digits);
  const decimals = digits - 1 - Math.floor(Math.log10(Number(size.toExponential(digits - 1))));
  const [units, rest = ""] = size.toFixed(Math.max(decimals, 0)).split(".");
  const behind = rest.replace(/0+$/, "");
  return `${x < 0 ? "−" : ""}${whole(Number(units))}${behind ? `.${behind}` : ""}`;
}

/** Numbers of an axis, as `short` writes them, with more digits if two would look alike. */
export function apart(values, digits = 3) {
  const words = values.map((value) => short(value, digits));
  const same = new Set(words).size < new Set(values).size;
  return same && digits < 17 ? apart(values, digits + 1) : words;
}

/**
 * A weight with its sign: "+0.412", "−1.3".
 * @param {number} x
 * @returns {string}
 */
export function signed(x) {
  return (x < 0 ? "−" : "+") + Math.abs(x).toPrecision(3);
}

/**
 * A measured number from JSON.
 * @param {number|string|null} value null is undefined, the text "Infinity" is ∞
 * @returns {number}
 */
export function measured(value) {
  return value === null ? NaN : Number(value);
}

const Z = 1.959963984540054; // the 0.975 quantile of the standard normal distribution

/**
 * A share k of n with its 95 % interval by Wilson (1927); thalweg.evaluation.judging.intervals.
 * @param {number} k
 * @param {number} n
 * @returns {{value: number, low: number, high: number}}
 */
export function proportion(k, n) {
  if (n === 0) return { value: NaN, low: NaN, high: NaN };
  const centre = k + Z ** 2 / 2;
  const half = Z * Math.sqrt((k * (n - k)) / n + Z ** 2 / 4);
  return {
    value: k / n,
    low: k === 0 ? 0 : (centre - half) / (n + Z ** 2),
    high: k === n ? 1 : (centre + half) / (n + Z ** 2),
  };
}

/**
 * The number of rows n of which Wilson's interval is that of a share p: its ends θ are where
 * n (θ - p)² = z² θ (1 - θ). The end that is farther from p says it with less rounding.
 * @param {{value: number, low: number, high: number}} interval
 * @returns {number}
 */
export function rowsOfInterval({ value, low, high }) {
  const end = value < 0.5 ? high : low;
  return (Z ** 2 * end * (1 - end)) / (end - value) ** 2;
}

/**
 * Round numbers that divide a range.
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 * @returns {number[]}
 */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => +((first + i) * step).toPrecision(12));
}
