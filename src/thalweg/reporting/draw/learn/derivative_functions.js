// The functions of the derivative page: their formulas come from Python, their pictures from here.

import { FORMULAS } from "../formulas.js";

const SHAPES = {
  square: {
    text: "x²", rule: "2x", across: [-4.4, 5.4], up: [-1.8, 17.4],
    glass: (radius, { x, y }) => [x.at(0), y.at(17.4) + radius + 8],
  },
  sigmoid: {
    text: "sigmoid", rule: "σ (1 − σ)", across: [-6, 6], up: [-0.16, 1.2],
    glass: (radius, { x, y }) => [x.at(-6) + radius + 14, y.at(1.2) + radius + 10],
  },
  relu: {
    text: "relu", rule: "1 above 0, else 0", across: [-4.2, 4.3], up: [-0.7, 4.6],
    glass: (radius, { x, y }) => [x.at(-4.2) + radius + 14, y.at(4.6) + radius + 10],
  },
};

/**
 * Each function by its name: `value`, `slope`, `second` and `third` are f and its derivatives,
 * `quotient` is the difference quotient in the machine's own numbers.
 */
export const CURVES = Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => {
  const value = FORMULAS[name];
  const quotient = (x, h, sides) => (sides === 2 ? (value(x + h) - value(x - h)) / (2 * h)
    : (value(x + h) - value(x)) / h);
  return [name, {
    ...shape, name, value, quotient, slope: FORMULAS[`${name}_slope`],
    second: FORMULAS[`${name}_second`], third: FORMULAS[`${name}_third`],
  }];
}));

/** A number with all the digits that float64 needs, and a true minus sign. */
export function allDigits(value) {
  return inPowers(String(value));
}

/** A number as the article rounds it: with so many decimals that the step is seen, and 7 digits. */
export function asWritten(value, h) {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.min(17, Math.max(7, Math.ceil(-Math.log10(h)) + 5));
  return inPowers(String(Number(value.toPrecision(digits))));
}

function inPowers(text) {
  const [digits, power] = text.replace("-", "−").split("e");
  if (power === undefined) return digits;
  const raised = power.replace("+", "").replace(/./g, (sign) =>
    "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
  return `${digits}·10${raised}`;
}
