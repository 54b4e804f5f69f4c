// What is said of numbers: the losses of an error, and of a count.

import { plainNumber } from "./amounts.js";
import { agreeing, nameOf, numberPart } from "./formula_parts.js";
import { differenceOf } from "./loss_parts.js";

const error = ({ pass, row }) => ["(", numberPart(pass.Yh[0], "yh.1"), " − ",
  numberPart(row.y[0], "y"), ")"];

const lastZ = ({ pass, model }) => numberPart(pass.layers.at(-1).A[0], `u${model.net.layers.length}.1`);

const several = ({ pass }) => pass.Yh.length > 1;

/** The words on the loss of that name. */
const NUMBER_LOSSES = {
  squared_error: (scene) => ({
    say: "Half the squared error: twice as far off costs four times as much.",
    symbols: several(scene) ? "½ Σ (Ŷ − Y)²" : "½ (Ŷ − Y)²",
    numbers: several(scene) ? ["the sum over all outputs"] : ["½ · ", ...error(scene), "²"],
    compute: (a, b) => (a - b) ** 2 / 2,
  }),
  absolute_error: (scene) => ({
    say: "The distance: every unit further off costs the same.",
    symbols: several(scene) ? "Σ |Ŷ − Y|" : "|Ŷ − Y|",
    numbers: several(scene) ? ["the sum over all outputs"] : ["|", ...error(scene).slice(1, -1), "|"],
    compute: (a, b) => Math.abs(a - b),
  }),
  huber(scene) {
    const { pass, row, model: { target: { constant } } } = scene;
    const far = Math.abs(pass.Yh[0] - row.y[0]) > constant.value;
    const delta = plainNumber(constant.value);
    if (several(scene)) {
      return { say: `Up to δ = ${delta} half the squared error, then a straight line.`,
        symbols: "Σ huber(Ŷ − Y)", numbers: ["the sum over all outputs"] };
    }
    return {
      say: `Up to δ = ${delta} the loss is half the squared error, further off a straight line. This row `
        + `is ${far ? "on the line" : "on the parabola"}.`,
      symbols: far ? "δ (|Ŷ − Y| − ½ δ)" : "½ (Ŷ − Y)²",
      numbers: far ? [`${delta} · (|`, ...error(scene).slice(1, -1), `| − ½ · ${delta})`]
        : ["½ · ", ...error(scene), "²"],
      compute: (a, b) => (far ? constant.value * (Math.abs(a - b) - constant.value / 2)
        : (a - b) ** 2 / 2),
    };
  },
  quantile(scene) {
    const { pass, row, model: { target: { constant } } } = scene;
    const over = pass.Yh[0] > row.y[0];
    const level = plainNumber(constant.value);
    const side = plainNumber(over ? 1 - constant.value : constant.value);
    return {
      say: `For the ${level} quantile, too low costs ${level} a unit, and too high ${
        plainNumber(1 - constant.value)}. Here the prediction is ${over ? "too high" : "too low"}.`,
      symbols: several(scene) ? "Σ max(τ (Y − Ŷ), (1 − τ) (Ŷ − Y))"
        : over ? "(1 − τ) (Ŷ − Y)" : "τ (Y − Ŷ)",
      numbers: several(scene) ? ["the sum over all outputs"] : [`${side} · |`,
        ...error(scene).slice(1, -1), "|"],
      compute: (a, b) => (over ? 1 - constant.value : constant.value) * Math.abs(a - b),
    };
  },
  poisson: (scene) => ({
    say: "Minus the logarithm of the probability of this count, without a part that no weight moves.",
    symbols: "Ŷ − Y · Z", numbers: [numberPart(scene.pass.Yh[0], "yh.1"), " − ",
      numberPart(scene.row.y[0], "y"), " · ", numberPart(scene.pass.layers.at(-1).A[0],
        `u${scene.model.net.layers.length}.1`)],
    compute: (a, y, z) => a - y * z,
  }),
  gamma: (scene) => ({
    say: "Half the gamma deviance, without a part that no weight moves: it counts errors in percent "
      + "of the prediction.",
    symbols: several(scene) ? "Σ Z + Y / Ŷ" : "Z + Y / Ŷ",
    numbers: several(scene) ? ["the sum over all outputs"] : [lastZ(scene), " + ",
      numberPart(scene.row.y[0], "y"), " / ", numberPart(scene.pass.Yh[0], "yh.1")],
    compute: (z, y, a) => z + y / a,
  }),
  tweedie(scene) {
    const { value: p } = scene.model.target.constant;
    const [up, down] = [plainNumber(2 - p), plainNumber(p - 1)];
    return {
      say: `Half the Tweedie deviance for the power p = ${plainNumber(p)}, without a part that no weight `
        + "moves. An amount of 0 has only its first term.",
      symbols: several(scene) ? "Σ Ŷ^(2 − p) / (2 − p) + Y Ŷ^(1 − p) / (p − 1)"
        : "Ŷ^(2 − p) / (2 − p) + Y Ŷ^(1 − p) / (p − 1)",
      numbers: several(scene) ? ["the sum over all outputs"] : [numberPart(scene.pass.Yh[0], "yh.1"),
        `^${up} / ${up} + `, numberPart(scene.row.y[0], "y"), ` · Ŷ^−${down} / ${down}`],
      compute: (a, y) => a ** (2 - p) / (2 - p) + y * a ** (1 - p) / (p - 1),
    };
  },
  formula: () => ({
    say: "The loss that the user of the model wrote, at prediction and target in the target's own unit. "
      + "It is divided by a number that makes its slopes as large as those of other losses.",
    symbols: "ℓ(m + s Ŷ, m + s Y) / size", numbers: ["the formula above, at both numbers"],
  }),
};

const FIRST_OF_NUMBERS = {
  absolute_error: ({ pass, row }, unit, { Yh, Y }) => ({
    symbols: `sign(${Yh} − ${Y})`, name: "the sign of the error, whatever its size",
    numbers: (key) => ["sign(", numberPart(pass.Yh[unit], key), " − ",
      numberPart(row.y[unit], "y"), ")"],
    compute: (a, b) => Math.sign(a - b),
  }),
  huber(scene, unit, names) {
    const { value } = scene.model.target.constant;
    const e = scene.pass.Yh[unit] - scene.row.y[unit];
    if (Math.abs(e) <= value) return differenceOf(scene, unit, names);
    return { symbols: e > 0 ? "δ" : "−δ", name: `the error, clipped to ±δ`,
      numbers: () => [plainNumber(e > 0 ? value : -value)] };
  },
  gamma: ({ pass, row }, unit, { Yh, Y }) => ({
    symbols: `1 − ${Y} / ${Yh}`, name: `1 − ${Y} / ${Yh}, the error as a share of ${Yh}`,
    numbers: (key) => ["1 − ", numberPart(row.y[unit], "y"), " / ", numberPart(pass.Yh[unit], key)],
    compute: (y, a) => 1 - y / a,
  }),
  tweedie({ pass, row, model }, unit, { Yh, Y }) {
    const { value: p } = model.target.constant;
    return {
      symbols: `(${Yh} − ${Y}) / ${Yh}^(p − 1)`, name: `(${Yh} − ${Y}) / ${Yh}^(p − 1)`,
      numbers: (key) => ["(", numberPart(pass.Yh[unit], key), " − ", numberPart(row.y[unit], "y"),
        `) / Ŷ^${plainNumber(p - 1)}`],
      compute: (a, y) => (a - y) / a ** (p - 1),
    };
  },
  formula: () => ({
    symbols: "ℓ′(m + s Ŷ, m + s Y) · s / size", name: "the slope of the formula, by the chain rule",
    numbers: () => ["the slope of the formula, in the scale of the network"],
  }),
  quantile(scene, unit, { Yh, Y }) {
    const { value } = scene.model.target.constant;
    const e = scene.pass.Yh[unit] - scene.row.y[unit];
    return {
      symbols: e > 0 ? "1 − τ" : "−τ",
      name: e > 0 ? `1 − τ, as ${Yh} is above ${Y}` : `−τ, as ${Yh} is below ${Y}`,
      numbers: () => [plainNumber(e > 0 ? 1 - value : -value)],
    };
  },
};

const lossName = ({ model }) => model.target.loss.split(":")[0];

/** The words of the stops Yh and Loss, and of the first derivative. */
export const OWN_LOSS = {
  Yh(scene, l) {
    const { pass } = scene;
    const z = nameOf(scene, "Z", l, 0);
    const a = pass.layers[l - 1].A;
    return {
      head: "The prediction: a logarithm becomes a mean",
      say: "Here the forward pass ends: Ŷ is what the function gives for this row. The network's sum is the logarithm of the number it expects. The exponential makes it "
        + "positive, whatever the sum.",
      lines: [[`Ŷ = exp(${z})`], agreeing([numberPart(pass.Yh[0], "yh.1"), " = exp(",
        numberPart(a[0], `u${l}.1`), ")"], Math.exp)],
    };
  },
  Loss: (scene) => NUMBER_LOSSES[lossName(scene)](scene),
  first: (scene, unit, names) =>
    (FIRST_OF_NUMBERS[lossName(scene)] ?? differenceOf)(scene, unit, names),
};
