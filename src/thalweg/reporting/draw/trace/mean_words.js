// What is said and shown of several rows as one: the part of each row in a mean or a sum.

import { lowered, shownSum } from "./amounts.js";
import { nameOf, sumLine } from "./formula_parts.js";
import { largestSaid } from "./largest_weight.js";
import { staircase } from "./lens.js";
import { weightSlope } from "./stops.js";

/** The parts of the rows at a stop, what they add up to, and its name. */
function partsOfRows(scene) {
  const { stops, at, subject, pass, model } = scene;
  const { kind, layer } = stops[at];
  const n = pass.rows.length;
  const unit = subject.units[layer];
  const add = (take, name, divisor = 1) => {
    const terms = pass.rows.map((each, r) => ({
      value: take(each) / divisor, key: `row.${r}`, name: `row ${scene.numbers[r]}`,
    }));
    return { name, terms, total: terms.reduce((sum, { value }) => sum + value, 0) };
  };
  if (kind === "X") return add(({ X }) => X[subject.input], `mean of X[${subject.input + 1}]`, n);
  if (kind === "Yh") {
    return add(({ Yh }) => Yh[unit], `mean of Ŷ${model.net.coupled ? `[${unit + 1}]` : ""}`, n);
  }
  if (kind === "Loss") return add(({ part }) => part, "Loss");
  if (kind === "dW") {
    const l = subject.layer;
    const i = l === 1 ? subject.input : subject.units[l - 1];
    const j = subject.units[l];
    return add((each) => weightSlope(each, l, j, i), `∂Loss/∂W${lowered(l)}[${j + 1},${i + 1}]`);
  }
  const isBack = kind.startsWith("d");
  const name = nameOf(scene, kind.at(-1), layer, unit);
  return add(({ layers }) => layers[layer - 1][kind][unit],
    isBack ? `Σ ∂Loss/∂${name}` : `mean of ${name}`, isBack ? 1 : n);
}

const SAYS = {
  X: "One pill is the mean of a column over the rows.",
  Z: "A sum is linear: the mean of the sums is the sum of the means, so the lines add up to the pills.",
  A: "The mean of the outputs is not the output of the mean sum: each row is bent on its own.",
  Yh: "Each row has its own prediction; the pill is their mean.",
  Loss: "Each row has its part in the loss: its share times its own loss.",
  dZ: "On the way back the parts of the rows are added, as each is a part of one loss.",
  dA: "The parts of the rows are added; rows may want the opposite of each other.",
  dW: "What the update uses: the sum of what each row asks of the weight. Where the rows disagree, "
    + "little is left.",
};

const HEADS = {
  X: "The rows", Z: "Their sums", A: "Their outputs", Yh: "Their predictions", Loss: "Their mean loss",
  dZ: "The backward pass, for the rows together", dA: "Chain rule: the blame, summed over the rows",
  dW: "The chain rule for one weight",
};

/** What is said of all rows together at a stop. */
export function meanWords(scene) {
  const { kind } = scene.stops[scene.at];
  const { name, terms, total } = partsOfRows(scene);
  const quiet = terms.filter(({ value }) => value === 0).length;
  const { penalty, l1 } = scene.model.network;
  const more = kind === "dW" && (penalty || l1) ? " A penalty comes on top." : "";
  const largest = kind === "dW" ? largestSaid(scene) : "";
  const zeros = quiet ? ` Here ${quiet === 1 ? "one row has" : `${quiet} rows have`} 0.` : "";
  return {
    head: HEADS[kind], say: `${terms.length} rows as one batch. ${SAYS[kind]}${more}${zeros}${largest}`,
    lines: [[`${name} =`], sumLine(total, "all", terms)],
  };
}

/** The lens of all rows together: a step for each row. */
export function meanLens(scene) {
  const { name, terms, total } = partsOfRows(scene);
  const { parts, total: text } = shownSum(terms, total);
  return (width) => staircase(parts, total, { text, label: `${name}, row by row` }, width);
}
