// The parts of a formula: numbers that know their other places in the picture, names, and sums.

import { short } from "../numbers.js";
import { decimalsFor, lowered, shownSum, written } from "./amounts.js";

/** A number that knows its other places in the picture. */
export function numberPart(value, key, digits = 4) {
  return { text: written(value, decimalsFor([value], digits)), key, value };
}

/** A number with so many significant digits as a line of a formula writes it; a whole one is exact. */
function digitsOf(value, digits) {
  if (Number.isInteger(value)) return written(value, 0);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return short(value, digits);
  return written(value, Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
}

const FINEST = 12;

/**
 * A line "result = formula" whose written numbers give its written result: they get as many digits
 * as that needs. The first number of the line is the result.
 * @param {Part[]} line
 * @param {(...numbers: number[]) => number} compute the result from the other numbers, in their order
 */
export function agreeing(line, compute) {
  const [result, ...others] = line.filter(({ value }) => value !== undefined);
  const decimals = decimalsFor([result.value]);
  for (let digits = 4; digits <= FINEST; digits += 1) {
    const rounded = others.map(({ value }) => Number(value.toPrecision(digits)));
    if (written(compute(...rounded), decimals) === result.text) {
      return line.map((part) => (others.includes(part)
        ? { ...part, text: digitsOf(part.value, digits) } : part));
    }
  }
  return line;
}

/** The product of numbers. */
export const productOf = (...factors) => factors.reduce((all, each) => all * each, 1);

/** The name of a quantity of a unit: Z₁[4]; the only output has no index. */
export function nameOf(scene, letter, l, unit) {
  const { layers } = scene.model.net;
  const alone = l === layers.length && layers[l - 1].b.length === 1;
  return `${letter}${lowered(l)}${alone ? "" : `[${unit + 1}]`}`;
}

const IN_LINE = 5; // terms of a sum in a formula

/** A sum as a line of its numbers: the largest terms, and the rest as one. */
export function sumLine(total, key, terms, first = null) {
  const sum = shownSum(terms, total, first);
  const tail = sum.parts.length > IN_LINE ? sum.parts.slice(IN_LINE - 1) : [];
  const parts = sum.parts.slice(0, sum.parts.length - tail.length);
  if (tail.length) {
    const count = tail.reduce((n, part) => n + (part.count ?? 1), 0);
    parts.push({ text: sum.add(tail), key: "rest", note: `${count} more`,
      value: tail.reduce((n, { value }) => n + value, 0) });
  }
  return [{ text: sum.total, key, value: total }, " = ", ...parts.flatMap((part, k) => [
    ...(k ? [" + "] : []),
    { ...part, note: part.note ?? (k === 0 && first ? "bias" : part.count ? part.name : "") }])];
}
