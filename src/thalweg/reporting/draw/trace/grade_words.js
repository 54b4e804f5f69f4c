// What is said of grades: cumulative logits, and the probability of a grade as a difference.

import { FORMULAS } from "../formulas.js";
import { lowered } from "./amounts.js";
import { agreeing, nameOf, numberPart } from "./formula_parts.js";
import { percentOf } from "./loss_parts.js";

const ALL_GRADES = 6; // grades that are all shown
const HELD = "Rows move the first output alone, and with it all thresholds alike: proportional odds. The "
  + "weights of this output are held at 0.";
const sigmoid = (c) => FORMULAS.link(0, c);

/** The steps from the outputs to each grade, their names, and the place of the true grade. */
function gradesOf({ model, pass: { Yh, layers }, row }) {
  const z = layers.at(-1).A;
  const c = [];
  z.forEach((each, k) => c.push(k ? FORMULAS.risen(c[k - 1], each) : each));
  const ends = [...c.map((each, k) => sigmoid(each) * (k ? sigmoid(z[k]) : 1)), 1];
  const shares = ends.map((end, k) => end * (k ? sigmoid(-c[k - 1]) : 1)); // no small difference
  const own = row.y.indexOf(1);
  const upper = [...Yh, 1];
  const [l, last] = [layers.length, Yh.length];
  return {
    z, c, shares, l, last, own: own < 0 ? last : own, key: "p", isGrade: true,
    names: shares.map((_, k) => model.classes[k] ?? `grade ${k + 1}`),
    ends: (k) => (k < last ? numberPart(Yh[k], `u${l}.${k + 1}`) : numberPart(upper[k], "one")),
    endName: (k) => (k < last ? `Ŷ[${k + 1}]` : "1"),
  };
}

/** The probability of a grade as a difference: its symbols, and its numbers. */
function shareLine({ shares, ends, endName }, k) {
  const name = `P[${k + 1}] = ${endName(k)}${k ? ` − ${endName(k - 1)}` : ""} = `;
  return agreeing([name, numberPart(shares[k], `p.${k + 1}`), " = ", ends(k),
    ...(k ? [" − ", ends(k - 1)] : [])], (a, b = 0) => a - b);
}

/** A cumulative logit, and its sigmoid. */
function logitLine({ z, c, l, ends }, k) {
  const key = `u${l}.${k + 1}`;
  const rise = () => [numberPart(c[k], `c.${k + 1}`), " = ", numberPart(c[k - 1], `c.${k}`), " + softplus(",
    numberPart(z[k], key), ")"];
  return [`C[${k + 1}] = `, ...(k ? agreeing(rise(), FORMULAS.risen) : [numberPart(c[0], "c.1")]),
    `, Ŷ[${k + 1}] = `, ...agreeing([ends(k), " = σ(", numberPart(c[k], `c.${k + 1}`), ")"], sigmoid)];
}

/** The sum of an output whose weights are held at 0: its bias, which sets a distance of thresholds. */
function heldSum(scene, l, k) {
  const { z, c } = gradesOf(scene);
  const name = nameOf(scene, "Z", l, k);
  const key = `u${l}.${k + 1}`;
  const softplus = (x) => FORMULAS.risen(0, x);
  return {
    say: `${HELD} So ${name} is its bias alone, the same number for every row. Softplus of it is how far the `
      + "cumulative logit of this threshold lies above the one before.",
    lines: [
      [`${name} = b${lowered(l)}[${k + 1}] = `, numberPart(z[k], key)],
      agreeing([`C[${k + 1}] − C[${k}] = softplus(${name}): `, numberPart(c[k] - c[k - 1], `c.${k + 1}`),
        " = softplus(", numberPart(z[k], key), ")"], softplus),
    ],
  };
}

/** The words of the stops Yh and Loss, of the first derivative, and of the weights held at 0. */
export const OWN_LOSS = {
  chances: gradesOf,
  heldSum,
  ofHeld: (name) => ({ head: "A weight that is held at 0", say: HELD, lines: [[`∂Loss/∂${name} = 0`]] }),

  Yh(scene, l) {
    const found = gradesOf(scene);
    const { shares, own, names, last } = found;
    const unit = scene.subject.units[l];
    const best = shares.indexOf(Math.max(...shares));
    const isShown = (k) => last < ALL_GRADES || k === own || k === own - 1 || k === unit;
    const z = `Z${lowered(l)}`;
    const left = shares.filter((_, k) => !isShown(k)).length;
    return {
      head: "The prediction: cumulative logits become probabilities",
      say: "Here the forward pass ends. The outputs become cumulative logits C, which rise from threshold to threshold. "
        + "The sigmoid makes Ŷ[k] of C[k], the probability of at most grade k; the difference of two is that of a grade. "
        + `${names[best]} gets ${percentOf(shares[best])}, the most${best === own ? ", and it is right."
          : `; the row is ${names[own]}, which gets ${percentOf(shares[own])}.`} Rows move all thresholds alike: `
        + "proportional odds.",
      lines: [
        [`C[k] = C[k−1] + softplus(${z}[k]), Ŷ[k] = σ(C[k]), P[k] = Ŷ[k] − Ŷ[k−1]`],
        ...scene.pass.Yh.flatMap((_, k) => (isShown(k) ? [logitLine(found, k)] : [])),
        ...shares.flatMap((_, k) => (isShown(k) ? [shareLine(found, k)] : [])),
        ...(left ? [[`${left} more grades are in the tables below.`]] : []),
      ],
    };
  },

  Loss(scene) {
    const { shares, own, names } = gradesOf(scene);
    return {
      say: `The row is ${names[own]}, so the loss is minus the logarithm of the probability of ${names[own]}: `
        + "the difference of the two Ŷ at its thresholds.",
      symbols: `−log P[${own + 1}]`, numbers: ["−log ", numberPart(shares[own], `p.${own + 1}`)],
      compute: (p) => -Math.log(p),
    };
  },

  first(scene, unit) {
    const { z, shares, own, names, last, l, ends, endName } = gradesOf(scene);
    const g = own + 1;
    const name = nameOf(scene, "Z", l, unit);
    const factor = numberPart(z[unit], `u${l}.${unit + 1}`);
    if (unit > own) {
      return { symbols: "0", numbers: () => ["0"],
        name: `0, as ${names[own]} ends below this threshold` };
    }
    if (unit === own && unit) {
      return {
        symbols: `−Ŷ[${g}] (1 − Ŷ[${g}]) σ(${name}) / P[${g}]`,
        name: `the slope of P[${g}] at its upper threshold, which alone moves, divided by −P[${g}]`,
        numbers: () => ["−", ends(own), " · (1 − ", ends(own), ") · σ(", factor, ") / ",
          numberPart(shares[own], `p.${g}`)],
        compute: (a, b, x, p) => -a * (1 - b) * sigmoid(x) / p,
      };
    }
    const isLast = own === last; // then the upper end is 1, which the 1 takes away
    const [upper, lower] = [own, own - 1].map((k) => (k < 0 || k === last ? "" : endName(k)));
    const both = [upper, lower].filter(Boolean).join(" + ") + (isLast ? "" : " − 1");
    const numbers = [...(isLast ? [] : [ends(own)]), ...(isLast || !own ? [] : [" + "]),
      ...(own ? [ends(own - 1)] : []), ...(isLast ? [] : [" − 1"])];
    const sum = (...all) => all.reduce((a, b) => a + b, isLast ? 0 : -1);
    if (!unit) return { symbols: both, name: both, numbers: () => numbers, compute: sum };
    return {
      symbols: `σ(${name}) · (${both})`, name: `${both} times the slope of softplus`,
      numbers: () => ["σ(", factor, ") · (", ...numbers, ")"],
      compute: (x, ...all) => sigmoid(x) * sum(...all),
    };
  },
};
