// The parts of a formula: numbers that know their other places in the picture, names, and sums.

import { decimalsFor, lowered, shownSum, written } from "./amounts.js";

/** A number that knows its other places in the picture. */
export function numberPart(value, key, digits = 4) {
  return { text: written(value, decimalsFor([value], digits)), key, value };
}

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
