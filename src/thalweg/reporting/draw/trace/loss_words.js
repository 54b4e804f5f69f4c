// What is said of the prediction, the loss, and the first derivative on the way back.

import { FORMULAS } from "../formulas.js";
import { lowered, plainNumber } from "./amounts.js";
import { nameOf, numberPart } from "./formula_parts.js";

const percent = (share) => {
  const points = 100 * share;
  if (points >= 99.95 && share < 1) return "nearly 100\u00a0%";
  return `${points >= 0.1 ? points.toFixed(1) : points.toPrecision(1)}\u00a0%`;
};

/** The output that a row's own class has; of a number the only one. */
const trueOutput = ({ row }) => Math.max(0, row.y.indexOf(Math.max(...row.y)));

const isPlain = ({ row }) => row.y.every((each) => each === 0 || each === 1);

const sharePart = ({ pass }) => (pass.share === 1 ? [] : [numberPart(pass.share, "share"), " · "]);

/** The words of the stops Yh and Loss. */
export const lossWords = {
  Yh(scene, l) {
    const { model, pass, subject, row } = scene;
    const unit = subject.units[l];
    const z = nameOf(scene, "Z", l, unit);
    const a = pass.layers[l - 1].A;
    if (model.net.coupled) {
      const best = pass.Yh.indexOf(Math.max(...pass.Yh));
      const own = trueOutput(scene);
      const e = (k) => ["e^", numberPart(a[k], `u${l}.${k + 1}`)];
      const shown = a.length <= 5 ? a.flatMap((_, k) => [...(k ? [" + "] : []), ...e(k)])
        : [`the sum of ${a.length} such powers`];
      return {
        head: "Numbers become probabilities",
        say: `The softmax makes every output positive and divides by their sum, so that they add up to 1. `
          + `${model.outputs[best]} gets ${percent(pass.Yh[best])}, the most${best === own
            ? ", and it is right." : `; the row is ${model.outputs[own]}, which gets ${
              percent(pass.Yh[own])}.`}`,
        lines: [
          [`Ŷ[${unit + 1}] = e^${z} / Σ e^Z${lowered(l)}[k]`],
          [numberPart(pass.Yh[unit], `u${l}.${unit + 1}`), " = ", ...e(unit), " / (", ...shown, ")"],
        ],
      };
    }
    if (model.target.link === "mean") {
      return {
        head: "A logarithm becomes a mean",
        say: "The network's sum is the logarithm of the number it expects. The exponential makes it "
          + "positive, whatever the sum.",
        lines: [[`Ŷ = e^${z}`], [numberPart(pass.Yh[0], "yh.1"), " = e^",
          numberPart(a[0], `u${l}.1`)]],
      };
    }
    const label = model.classes[1];
    const right = (pass.Yh[0] > 0.5) === (row.y[0] > 0.5);
    return {
      head: "A number becomes a probability",
      say: `The sigmoid bends every number into 0 to 1. The network gives ${percent(pass.Yh[0])} to `
        + `${label ?? "the second class"}. ${right ? "The larger share is that of the right class."
          : "The larger share is that of the wrong class."}`,
      lines: [[`Ŷ = σ(${z}) = 1 / (1 + e^−${z})`], [numberPart(pass.Yh[0], "yh.1"), " = σ(",
        numberPart(a[0], `u${l}.1`), ")"]],
    };
  },

  Loss(scene) {
    const { model, pass, row } = scene;
    const said = LOSSES[model.target.loss.split(":")[0]](scene);
    const lines = [[`Loss = ${said.symbols}`],
      [numberPart(pass.loss, "loss"), " = ", ...said.numbers]];
    if (pass.share !== 1) {
      lines.push([`its part in the loss of all rows: `, numberPart(pass.part, "part"), " = ",
        ...sharePart(scene), numberPart(pass.loss, "loss")]);
    }
    const scale = model.target.scale;
    const own = scale && row.target !== undefined
      ? ` Y and Ŷ are in the network's scale: Y = ${plainNumber(row.y[0])} stands for ${row.target}.` : "";
    return { head: "The price of being wrong", say: said.say + own, lines };
  },
};

const error = ({ pass, row }) => ["(", numberPart(pass.Yh[0], "yh.1"), " − ",
  numberPart(row.y[0], "y"), ")"];

const several = ({ pass }) => pass.Yh.length > 1;

const LOSSES = {
  sigmoid_cross_entropy(scene) {
    const { pass, row, model } = scene;
    const one = row.y[0] === 1;
    if (!isPlain(scene)) {
      return {
        say: "The label is smoothed: it counts as nearly sure. The loss is minus the logarithm of the "
          + "probabilities, weighed by how sure the label is.",
        symbols: "−Y log Ŷ − (1 − Y) log(1 − Ŷ)",
        numbers: ["−", numberPart(row.y[0], "y"), " log ", numberPart(pass.Yh[0], "yh.1"), " − ",
          numberPart(1 - row.y[0], "y"), " log(1 − ", numberPart(pass.Yh[0], "yh.1"), ")"],
      };
    }
    const own = model.classes[row.y[0]] ?? "the true class";
    return {
      say: `The row was ${own}, so the loss is minus the logarithm of what was given to ${own}. A sure `
        + "mistake is expensive: at 50 % the loss is 0.693, at 1 % it is 4.605.",
      symbols: one ? "−log Ŷ" : "−log(1 − Ŷ)",
      numbers: one ? ["−log ", numberPart(pass.Yh[0], "yh.1")]
        : ["−log(1 − ", numberPart(pass.Yh[0], "yh.1"), ")"],
    };
  },
  softmax_cross_entropy(scene) {
    const { pass, model } = scene;
    const own = trueOutput(scene);
    const key = `u${model.net.layers.length}.${own + 1}`;
    if (!isPlain(scene)) {
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
    };
  },
  squared_error: (scene) => ({
    say: "Half the squared error: twice as far off costs four times as much.",
    symbols: several(scene) ? "½ Σ (Ŷ − Y)²" : "½ (Ŷ − Y)²",
    numbers: several(scene) ? ["the sum over all outputs"] : ["½ · ", ...error(scene), "²"],
  }),
  absolute_error: (scene) => ({
    say: "The distance: every unit further off costs the same.",
    symbols: several(scene) ? "Σ |Ŷ − Y|" : "|Ŷ − Y|",
    numbers: several(scene) ? ["the sum over all outputs"] : ["|", ...error(scene).slice(1, -1), "|"],
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
    };
  },
  poisson: (scene) => ({
    say: "Minus the logarithm of the probability of this count, without a part that no weight moves.",
    symbols: "Ŷ − Y · Z", numbers: [numberPart(scene.pass.Yh[0], "yh.1"), " − ",
      numberPart(scene.row.y[0], "y"), " · ", numberPart(scene.pass.layers.at(-1).A[0],
        `u${scene.model.net.layers.length}.1`)],
  }),
};

/** The derivative of the loss at the output, in one step. */
export function outputSlopeWords(scene, l) {
  const { model, pass, subject, row } = scene;
  const unit = subject.units[l];
  const { dA, dZ } = pass.layers[l - 1];
  const isA = model.net.layers[l - 1].f !== "identity";
  const d = isA ? dA[unit] : dZ[unit];
  const z = nameOf(scene, isA ? "A" : "Z", l, unit);
  const key = `u${l}.${unit + 1}`;
  const alone = pass.Yh.length === 1;
  const Yh = alone ? "Ŷ" : `Ŷ[${unit + 1}]`;
  const Y = alone ? "Y" : `Y[${unit + 1}]`;
  const step = FIRST[model.target.loss.split(":")[0]] ?? FIRST.usual;
  const said = step(scene, unit, { Yh, Y });
  const share = pass.share === 1 ? "" : "share · ";
  const lines = [[`∂Loss/∂${z} = ${share}${share ? `(${said.symbols})` : said.symbols}`],
    [numberPart(d, key), " = ", ...sharePart(scene), ...(share ? ["("] : []),
      ...said.numbers(alone ? "yh.1" : key), ...(share ? [")"] : [])]];
  const isOne = alone && model.hasLink && !isA && pass.dYh?.[0] !== null;
  if (isOne) {
    lines.push([`∂Loss/∂Ŷ · ∂Ŷ/∂${z} = `, numberPart(pass.dYh[0], "yh.1"), " · ",
      numberPart(FORMULAS.link_slope(pass.layers[l - 1].A[0]), "yh.1")]);
  }
  const down = d > 0 ? `positive: lowering ${z} lowers the loss` : d < 0
    ? `negative: raising ${z} lowers the loss` : "0: this row asks for nothing";
  const two = isOne ? "Two slopes multiply, that of the loss and that of the link. What is left is "
    : "What comes back first is ";
  return {
    head: `Back: how the price moves with ${z}`,
    say: `${two}${said.name}. It is ${down}.${!alone && row.y[unit] > 0 && d < 0
      ? " This is the output of the right class." : ""}`,
    lines,
  };
}

const difference = ({ pass, row }, unit, { Yh, Y }) => ({
  symbols: `${Yh} − ${Y}`, name: `${Yh} − ${Y}`,
  numbers: (key) => [numberPart(pass.Yh[unit], key), " − ", numberPart(row.y[unit], "y")],
});

const FIRST = {
  usual: difference,
  absolute_error: ({ pass, row }, unit, { Yh, Y }) => ({
    symbols: `sign(${Yh} − ${Y})`, name: "the sign of the error, whatever its size",
    numbers: (key) => ["sign(", numberPart(pass.Yh[unit], key), " − ",
      numberPart(row.y[unit], "y"), ")"],
  }),
  huber(scene, unit, names) {
    const { value } = scene.model.target.constant;
    const e = scene.pass.Yh[unit] - scene.row.y[unit];
    if (Math.abs(e) <= value) return difference(scene, unit, names);
    return { symbols: e > 0 ? "δ" : "−δ", name: `the error, clipped to ±δ`,
      numbers: () => [plainNumber(e > 0 ? value : -value)] };
  },
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
