// What is said at each stop: a heading, a sentence, and the formula with its numbers.

import { FORMULAS } from "../formulas.js";
import { decimalsFor, lowered, written } from "./amounts.js";
import { agreeing, nameOf, numberPart, productOf, sumLine } from "./formula_parts.js";
import { largestSaid } from "./largest_weight.js";
import { lossSaid, outputSlopeWords } from "./loss_words.js";
import { OWN_LOSS } from "./own_loss.js";
import { isHeld, weightSlope } from "./stops.js";

/**
 * @typedef {string|{text: string, key: string, value: number, note?: string}} Part of a formula
 * @typedef {{head: string, say: string, lines: Part[][], sum?: object}} Said
 */

const few = (names, most = 4) => (names.length <= most ? listOf(names)
  : `${names.slice(0, most).join(", ")} and ${names.length - most} more`);
const listOf = (names) => (names.length < 2 ? names.join("")
  : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);

const unitName = (scene, l, unit) => (l === scene.model.net.layers.length
  ? scene.model.outputs[unit] || "the output" : `unit ${unit + 1}`);

/** Everything that is said at the stop of a scene. @returns {Said} */
export function wordsAt(scene) {
  const stop = scene.stops[scene.at];
  return SAID[stop.kind](scene, stop.layer);
}

/** The terms of Z of a unit, with its bias. */
export function forwardTerms({ model: { net, inputs }, pass }, l, unit) {
  const { W, b } = net.layers[l - 1];
  const before = l === 1 ? pass.X : pass.layers[l - 2].A;
  return {
    bias: { value: b[unit], name: "bias", key: `b${l}.${unit + 1}` },
    terms: before.map((a, i) => ({
      value: W[unit][i] * a, key: `w${l}.${unit + 1}.${i + 1}`,
      name: l === 1 ? inputs[i] : `unit ${i + 1}`,
    })),
  };
}

/** The terms of ∂A of a unit: what each unit of the next layer sends back. */
export function backwardTerms({ model: { net, outputs }, pass }, l, unit) {
  const { W } = net.layers[l];
  const isLast = l + 1 === net.layers.length;
  return W.map((row, k) => ({
    value: row[unit] * pass.layers[l].dZ[k], key: `w${l + 1}.${k + 1}.${unit + 1}`,
    name: isLast ? outputs[k] || "the output" : `unit ${k + 1}`,
  }));
}

const SAID = {
  X(scene) {
    const { model, pass, subject, row } = scene;
    const i = subject.input;
    const own = model.own.find(({ inputs }) => inputs.includes(i + 1));
    const cell = own?.raw?.[scene.place];
    const inside = own && own.inputs.length > 1 ? `, one of ${own.inputs.length} inputs of ${own.name}`
      : "";
    const from = cell === undefined ? "" : cell === null ? " (missing)" : `, raw ${cell}`;
    return {
      head: "The row",
      say: `The network is a function: from numbers it computes a prediction. The forward pass begins with `
        + `the ${pass.X.length} numbers of ${row.name.replace(/^Row /, "row ")}. Columns are shifted and scaled first, so that 0 is `
        + "a usual value. A pill is one number; orange is above 0, blue below. Press a pill to follow it.",
      lines: [[`X[${i + 1}] = `, numberPart(pass.X[i], `x.${i + 1}`),
        { note: `${model.inputs[i]}${inside}${from}` }]],
    };
  },

  Z(scene, l) {
    const { model: { net, task }, pass, subject } = scene;
    const unit = subject.units[l];
    const last = l === net.layers.length;
    const { bias, terms } = forwardTerms(scene, l, unit);
    const total = pass.layers[l - 1].Z[unit];
    const before = l === 1 ? "X" : `A${lowered(l - 1)}`;
    const strongest = terms.reduce((a, b) => (Math.abs(b.value) > Math.abs(a.value) ? b : a));
    const W = `W${lowered(l)}`;
    const outputs = net.layers[l - 1].b.length;
    const weighing = last && isHeld(pass, l, 1, 0) ? 1 : outputs;
    const place = outputs === 1 ? "i" : `${unit + 1},i`;
    const n = terms.length;
    const leans = !last ? "" : task === "binary"
      ? ` The sum is ${total < 0 ? "below" : "above"} 0: the network leans to `
        + `${scene.model.classes[total < 0 ? 0 : 1]}.` : "";
    return {
      head: last && l === 1 ? "The output weighs the row" : last ? `${n} opinion${n === 1 ? "" : "s"} become${n === 1 ? "s" : ""} ${
        weighing === 1 ? "one" : weighing}${weighing < outputs
        ? `; ${outputs - 1 === 1 ? "one output is a bias" : `${outputs - 1} outputs are biases`}` : ""}`
        : l === 1 ? "Each unit weighs the row" : "Each unit weighs the layer before",
      say: last
        ? `The output${scene.model.outputs[unit] && ` of ${scene.model.outputs[unit]}`} weighs ${
          l === 1 ? "the numbers of the row" : "what the units say"}. What counts most is ${
          strongest.name}.${leans}`
        : `Unit ${unit + 1} multiplies every input by a weight of its own, and adds them up. `
          + "The width of a line is the size of a product, beside those of its layer; orange pushes up, "
          + "blue down. Press another unit to see its sum.",
      lines: [
        [`${nameOf(scene, "Z", l, unit)} = Σ ${W}[${place}] · ${before}[i] + b${lowered(l)}${
          outputs === 1 ? "" : `[${unit + 1}]`}`],
        sumLine(total, `u${l}.${unit + 1}`, terms, bias),
      ],
      sum: { total, terms, bias },
      ...(isHeld(pass, l, unit, 0) ? OWN_LOSS.heldSum(scene, l, unit) : {}),
    };
  },

  A(scene, l) {
    const { model: { net }, pass, subject } = scene;
    const unit = subject.units[l];
    const { f } = net.layers[l - 1];
    const { A, Z, slope } = pass.layers[l - 1];
    const silent = A.flatMap((a, j) => (a === 0 && slope[j] === 0 ? [String(j + 1)] : []));
    const quiet = silent.length === 0 ? "For this row, every unit speaks."
      : `Silent for this row: unit${silent.length === 1 ? "" : "s"} ${few(silent, 6)}. Nothing of ${
        silent.length === 1 ? "it" : "them"} goes on, and nothing of the error will come back.`;
    const bends = { sigmoid: "into 0 to 1", tanh: "into −1 to 1", relu: "", leaky_relu: "" }[f]
      ?? "more gently than relu, without a corner";
    return {
      head: f === "relu" ? "Below zero, silence" : `${f} bends each sum`,
      say: f === "relu"
        ? `ReLU lets a positive sum through and turns a negative one into 0. ${quiet}`
        : f === "leaky_relu" ? "A positive sum goes through; of a negative one a hundredth is left."
          : `${f} bends every sum ${bends}. Far out, the curve is nearly straight; where it is flat, `
            + "little of the error will come back.",
      lines: [
        [`${nameOf(scene, "A", l, unit)} = ${f}(${nameOf(scene, "Z", l, unit)})`],
        agreeing([numberPart(A[unit], `u${l}.${unit + 1}`), " = ", f === "relu" ? "max(0, " : `${f}(`,
          numberPart(Z[unit], `u${l}.${unit + 1}`), ")"], FORMULAS[f]),
      ],
    };
  },

  Yh: (scene, l) => OWN_LOSS.Yh(scene, l),
  Loss: (scene) => lossSaid(scene),

  dZ(scene, l) {
    const { model: { net }, pass, subject } = scene;
    const unit = subject.units[l];
    if (l === net.layers.length && net.layers[l - 1].f === "identity") {
      return outputSlopeWords(scene, l);
    }
    const { dA, dZ, slope, A } = pass.layers[l - 1];
    const { f } = net.layers[l - 1];
    const silent = dZ.flatMap((d, j) => (d === 0 && A[j] === 0 ? [String(j + 1)] : []));
    const names = [nameOf(scene, "Z", l, unit), nameOf(scene, "A", l, unit)];
    return {
      head: f === "relu" ? "Chain rule: the gate again" : `Chain rule: through the slope of ${f}`,
      say: f === "relu"
        ? `The derivative of ReLU is 1 where the unit spoke and 0 where it was silent.${silent.length
          ? ` Unit${silent.length === 1 ? "" : "s"} ${few(silent, 6)} get${silent.length === 1
            ? "s" : ""} 0: from this row ${silent.length === 1 ? "it learns" : "they learn"} nothing.`
          : " Here every unit gets its share."}`
        : `Each unit's share is multiplied by the slope of its ${f} at its own sum. Where the curve `
          + "is flat, hardly anything passes.",
      lines: [
        [`∂Loss/∂${names[0]} = ∂Loss/∂${names[1]} · ${f}′(${names[0]})`],
        agreeing([numberPart(dZ[unit], `u${l}.${unit + 1}`), " = ",
          numberPart(dA[unit], `u${l}.${unit + 1}`), " · ",
          numberPart(slope[unit], `u${l}.${unit + 1}`)], productOf),
      ],
    };
  },

  dA(scene, l) {
    const { model: { net }, pass, subject } = scene;
    if (l === net.layers.length) return outputSlopeWords(scene, l);
    const unit = subject.units[l];
    const total = pass.layers[l - 1].dA[unit];
    const terms = backwardTerms(scene, l, unit);
    const { dA } = pass.layers[l - 1];
    const most = dA.reduce((best, d, j) => (Math.abs(d) > Math.abs(dA[best]) ? j : best), 0);
    const name = nameOf(scene, "A", l, unit);
    const W = `W${lowered(l + 1)}`;
    const alone = terms.length === 1;
    return {
      head: "Chain rule: the blame is shared out",
      say: `Each unit gets the error times the weight that it spoke with: the same lines, walked `
        + `backwards. Unit ${most + 1} gets most${Math.abs(pass.layers[l - 1].A[most]) > 0 ? "."
          : ", though it was silent."}`,
      lines: alone ? [
        [`∂Loss/∂${name} = ${W}[1,${unit + 1}] · ∂Loss/∂${nameOf(scene, "Z", l + 1, 0)}`],
        agreeing([numberPart(total, `u${l}.${unit + 1}`), " = ",
          numberPart(net.layers[l].W[0][unit], `w${l + 1}.1.${unit + 1}`), " · ",
          numberPart(pass.layers[l].dZ[0], `u${l + 1}.1`)], productOf),
      ] : [
        [`∂Loss/∂${name} = Σ ${W}[k,${unit + 1}] · ∂Loss/∂Z${lowered(l + 1)}[k]`],
        sumLine(total, `u${l}.${unit + 1}`, terms),
      ],
      sum: alone ? undefined : { total, terms },
    };
  },

  dW: (scene) => weightWords(scene),
};

/** The chain rule for the weight in focus, and the penalty. */
function weightWords(scene) {
  const { model, pass, subject } = scene;
  const { net, network } = model;
  const { layer: l } = subject;
  const [j, i] = [subject.units[l], l === 1 ? subject.input : subject.units[l - 1]];
  const own = weightSlope(pass, l, j, i);
  const w = net.layers[l - 1].W[j][i];
  const added = network.penalty * w + network.l1 * Math.sign(w);
  const before = l === 1 ? `X[${i + 1}]` : `A${lowered(l - 1)}[${i + 1}]`;
  const name = `W${lowered(l)}[${j + 1},${i + 1}]`;
  const key = `w${l}.${j + 1}.${i + 1}`;
  const { dZ, slope } = pass.layers[l - 1];
  const input = l === 1 ? pass.X[i] : pass.layers[l - 2].A[i];
  const inputKey = l === 1 ? `x.${i + 1}` : `u${l - 1}.${i + 1}`;
  const end = [" · ", numberPart(input, inputKey)];
  const isLong = l === 1 && net.layers.length === 2 && net.layers[1].b.length === 1;
  const outer = pass.layers.at(-1).dZ[0];
  const linkSlope = model.hasLink && pass.dYh ? FORMULAS.link_slope(pass.layers.at(-1).A[0]) : null;
  const start = linkSlope !== null && pass.dYh[0] !== null
    ? [numberPart(pass.dYh[0], "yh.1"), " · ", numberPart(linkSlope, "yh.1")]
    : [numberPart(outer, `u${net.layers.length}.1`)];
  const outerName = start.length > 1 ? "∂Loss/∂Ŷ · ∂Ŷ/∂Z₂" : "∂Loss/∂Z₂";
  const lines = isLong ? [
    [`∂Loss/∂${name} = ${outerName} · W₂[1,${j + 1}] · ${net.layers[0].f}′(Z₁[${j + 1}]) · ${before}`],
    agreeing([numberPart(own, key), " = ", ...start, " · ",
      numberPart(net.layers[1].W[0][j], `w2.1.${j + 1}`), " · ",
      numberPart(slope[j], `u1.${j + 1}`), ...end], productOf),
  ] : [
    [`∂Loss/∂${name} = ∂Loss/∂${nameOf(scene, "Z", l, j)} · ${before}`],
    agreeing([numberPart(own, key), " = ", numberPart(dZ[j], `u${l}.${j + 1}`), ...end], productOf),
  ];
  if (isHeld(pass, l, j, i)) return OWN_LOSS.ofHeld(name);
  if (added) {
    lines.push(["the penalty adds ", numberPart(added, `penalty.${key}`), ", together ",
      numberPart(own + added, `total.${key}`)]);
  }
  return { head: "The chain rule for one weight", say: weightSentence(scene, own + added, name), lines };
}

function weightSentence(scene, slope, name) {
  const { model, subject } = scene;
  const { chain } = model;
  const l = subject.layer;
  const i = l === 1 ? subject.input : subject.units[l - 1];
  const isChain = chain.layer === l && chain.unit === subject.units[l] + 1 && chain.input === i + 1;
  const from = l === 1 ? model.inputs[i] : `unit ${i + 1}`;
  const wish = slope > 0 ? "Positive: a smaller weight makes the loss smaller."
    : slope < 0 ? "Negative: a larger weight makes the loss smaller."
      : "It is 0: this row does not move the weight.";
  const checked = isChain && chain.difference !== null && !scene.isChanged
    ? ` A difference of two real losses says ${written(chain.difference,
      decimalsFor([chain.difference], 7))}.` : "";
  return `All factors along the way from the loss to ${name}, which leads from ${from} to ${
    unitName(scene, l, subject.units[l])}: multiply them. ${wish}${largestSaid(scene)}${checked}`;
}
