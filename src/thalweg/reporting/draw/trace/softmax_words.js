// What is said of several classes: the softmax, and the loss of all probabilities.

import { lowered } from "./amounts.js";
import { agreeing, nameOf, numberPart } from "./formula_parts.js";
import { differenceOf, isPlainLabel, percentOf, trueOutput } from "./loss_parts.js";

/** The words of the stops Yh and Loss, and of the first derivative. */
export const OWN_LOSS = {
  Yh(scene, l) {
    const { model, pass, subject } = scene;
    const unit = subject.units[l];
    const z = nameOf(scene, "Z", l, unit);
    const a = pass.layers[l - 1].A;
    const best = pass.Yh.indexOf(Math.max(...pass.Yh));
    const own = trueOutput(scene);
    const e = (k) => ["exp(", numberPart(a[k], `u${l}.${k + 1}`), ")"];
    const shown = a.length <= 5 ? a.flatMap((_, k) => [...(k ? [" + "] : []), ...e(k)])
      : [`the sum of ${a.length} such numbers`];
    return {
      head: "The prediction: numbers become probabilities",
      say: `Here the forward pass ends: Ŷ is what the function gives for this row. The softmax makes every output positive and divides by their sum, so that they add up to 1. `
        + `${model.outputs[best]} gets ${percentOf(pass.Yh[best])}, the most${best === own
          ? ", and it is right." : `; the row is ${model.outputs[own]}, which gets ${
            percentOf(pass.Yh[own])}.`}`,
      lines: [
        [`Ŷ[${unit + 1}] = exp(${z}) / Σ exp(Z${lowered(l)}[k])`],
        agreeing([numberPart(pass.Yh[unit], `u${l}.${unit + 1}`), " = ", ...e(unit), " / (", ...shown, ")"],
          (own, ...all) => Math.exp(own) / all.reduce((sum, z) => sum + Math.exp(z), 0)),
      ],
    };
  },

  Loss(scene) {
    const { pass, model } = scene;
    const own = trueOutput(scene);
    const key = `u${model.net.layers.length}.${own + 1}`;
    if (!isPlainLabel(scene)) {
      return {
        say: "The label is smoothed: a little of it is spread over all classes. The loss is the sum "
          + "over the classes.",
        symbols: "−Σ Y[k] log Ŷ[k]",
        numbers: [`a sum over ${pass.Yh.length} classes; that of ${model.outputs[own]} is largest`],
      };
    }
    return {
      say: `The row is ${model.outputs[own]}, so the loss is minus the logarithm of what was given to `
        + `${model.outputs[own]}. What the other classes got matters only through the sum.`,
      symbols: `−log Ŷ[${own + 1}]`, numbers: ["−log ", numberPart(pass.Yh[own], key)],
      compute: (p) => -Math.log(p),
    };
  },
  first: differenceOf,
};
