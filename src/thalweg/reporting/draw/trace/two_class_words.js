// What is said of two classes: the sigmoid, and the loss of one probability.

import { FORMULAS } from "../formulas.js";
import { agreeing, nameOf, numberPart } from "./formula_parts.js";
import { differenceOf, isPlainLabel, percentOf } from "./loss_parts.js";

/** The words of the stops Yh and Loss, and of the first derivative. */
export const OWN_LOSS = {
  Yh(scene, l) {
    const { model, pass, row } = scene;
    const z = nameOf(scene, "Z", l, 0);
    const a = pass.layers[l - 1].A;
    const label = model.classes[1];
    const right = (pass.Yh[0] > 0.5) === (row.y[0] > 0.5);
    return {
      head: "The prediction: a number becomes a probability",
      say: `Here the forward pass ends: Ŷ is what the function gives for this row. The sigmoid bends every `
        + `number into 0 to 1. The network gives ${percentOf(pass.Yh[0])} to ${
          label ?? "the second class"}. ${right ? "The larger share is that of the right class."
          : "The larger share is that of the wrong class."}`,
      lines: [[`Ŷ = σ(${z}) = 1 / (1 + exp(−${z}))`], agreeing([numberPart(pass.Yh[0], "yh.1"), " = σ(",
        numberPart(a[0], `u${l}.1`), ")"], FORMULAS.link)],
    };
  },

  Loss(scene) {
    const { pass, row, model } = scene;
    const one = row.y[0] === 1;
    if (!isPlainLabel(scene)) {
      return {
        say: "The label is smoothed: it counts as nearly sure. The loss is minus the logarithm of the "
          + "probabilities, weighed by how sure the label is.",
        symbols: "−Y log Ŷ − (1 − Y) log(1 − Ŷ)",
        numbers: ["−", numberPart(row.y[0], "y"), " log ", numberPart(pass.Yh[0], "yh.1"), " − ",
          numberPart(1 - row.y[0], "y"), " log(1 − ", numberPart(pass.Yh[0], "yh.1"), ")"],
        compute: (y, p, z, q) => -y * Math.log(p) - z * Math.log1p(-q),
      };
    }
    const own = model.classes[row.y[0]] ?? "the true class";
    return {
      say: `The row was ${own}, so the loss is minus the logarithm of what was given to ${own}. A sure `
        + "mistake is expensive: at 50 % the loss is 0.693, at 1 % it is 4.605.",
      symbols: one ? "−log Ŷ" : "−log(1 − Ŷ)",
      numbers: one ? ["−log ", numberPart(pass.Yh[0], "yh.1")]
        : ["−log(1 − ", numberPart(pass.Yh[0], "yh.1"), ")"],
      compute: one ? (p) => -Math.log(p) : (p) => -Math.log1p(-p),
    };
  },
  first: differenceOf,
};
