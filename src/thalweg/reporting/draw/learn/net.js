// The gradient of a dense network, line by line, and its check, for lessons. Forward: trace/passes.js.
//
// The backward pass is made of lines. Each line has its right form and the wrong ones that a lesson
// plants; `thalweg.tracing.planted_faults` has the same faults.

import { FORMULAS } from "../formulas.js";
import { layeredNet, layersThere, linked, lossAt } from "../trace/passes.js";

/**
 * @typedef {object} Net as `layeredNet` gives it
 * @property {string} activation of the hidden layers
 * @property {{W: number[][], b: number[]}[]} layers
 * @property {number} penalty
 */

/** A network from one flat vector θ, as `Architecture.layers` divides it. */
export function netFrom({ sizes, activation, theta, penalty }) {
  const activations = sizes.slice(1).map((_, l) => (l === sizes.length - 2 ? "identity" : activation));
  return { ...layeredNet(sizes, activations, theta), activation, penalty };
}

/** Z and A of each layer, a row of the table an inner list; A[0] is the input. */
function forwardPass(net, rows) {
  const passed = rows.map((row) => layersThere(net, row));
  const of = (key) => net.layers.map((_, l) => passed.map((layers) => layers[l][key]));
  const Z = of("Z");
  return { Z, A: [rows, ...of("A")], prediction: Z.at(-1).map((z) => linked(net, z)[0]) };
}

/** The mean cross-entropy of the rows, and half of the penalty times all squared weights. */
export function lossOf(net, rows, targets) {
  const losses = rows.map((row, i) => lossAt(net, layersThere(net, row).at(-1).Z, [targets[i]]));
  const squares = net.layers.flatMap(({ W }) => W.flat()).reduce((sum, w) => sum + w * w, 0);
  return losses.reduce((sum, each) => sum + each, 0) / rows.length + 0.5 * net.penalty * squares;
}

const RATE = 0.1; // of the update that comes too early

/**
 * The gradient by the chain rule, with the form of each line.
 * @param {Net} net
 * @param {number[][]} rows
 * @param {number[]} targets 0 or 1
 * @param {Record<string, string>} [forms] "right" where a line is not named
 * @returns {{W: number[][], b: number[]}[]} the derivative of each layer
 */
export function gradientOf(net, rows, targets, forms = {}) {
  const form = (line) => forms[line] ?? "right";
  const passed = forwardPass(net, rows);
  const n = rows.length;
  const found = [];
  let dA = outputSlope(passed, targets, n, form);
  for (let l = net.layers.length - 1; l >= 0; l -= 1) {
    const dZ = l === net.layers.length - 1 ? dA : hiddenSlope(net, passed, l, dA, form("dZ1"));
    found.unshift(blockOf(net, passed, l, dZ, form));
    if (l > 0) dA = sentBack(net, l, dZ, found[0].W, form("dA1"));
  }
  return found;
}

/** dLoss/dZ of the output: line dYh, then line dZ2. */
function outputSlope({ Z, prediction }, targets, n, form) {
  return Z.at(-1).map(([z], i) => {
    if (form("dYh") === "last" && i < n - 1) return [0];
    const share = form("dYh") === "sum" ? 1 : 1 / n;
    const y = prediction[i];
    // Yh − Y is dYh times the slope of the sigmoid at Z, and exact where 1 / Yh overflows.
    const forms = { minus: targets[i] - y, swapped: 1 - targets[i] - y };
    const signed = (forms[form("dYh")] ?? y - targets[i]) * share;
    if (form("dZ2") === "right") return [signed];
    const slope = FORMULAS.sigmoid_slope(z);
    const dYh = slope > 0 ? signed / slope : 0;
    return [form("dZ2") === "none" ? dYh : dYh * FORMULAS.sigmoid_slope(y)];
  });
}

/** dZ1 = dA1 · slope(Z1). */
function hiddenSlope(net, { Z, A }, l, dA, form) {
  const slope = FORMULAS[`${net.activation}_slope`];
  const at = form === "at_output" ? A[l + 1] : Z[l];
  return dA.map((row, i) => row.map((d, j) => (form === "none" ? d : d * slope(at[i][j]))));
}

/** dW = dZ Aᵀ + penalty · W, and db, the sum of dZ over the rows. */
function blockOf(net, { Z, A }, l, dZ, form) {
  const { W, b } = net.layers[l];
  const last = l === net.layers.length - 1;
  const [lineW, lineb] = last ? ["dW2", "db2"] : ["dW1", "db1"];
  const before = form("dW2") === "from_Z1" && l > 0 ? Z[l - 1] : A[l];
  const penalty = net.penalty * ({ no_penalty: 0, minus_penalty: -1 }[form(lineW)] ?? 1);
  const dW = W.map((weights, j) => weights.map((w, k) =>
    dZ.reduce((sum, row, i) => sum + row[j] * before[i][k], 0) + penalty * w));
  const sums = b.map((_, j) => dZ.reduce((sum, row) => sum + row[j], 0));
  const overUnits = dZ.map((row) => row.reduce((sum, each) => sum + each, 0));
  const forms = {
    right: (j) => sums[j],
    zero: () => 0,
    wrong_axis: (j) => overUnits[j % overUnits.length],
    with_penalty: (j) => sums[j] + net.penalty * b[j],
  };
  return { W: dW, b: b.map((_, j) => forms[form(lineb)](j)) };
}

/** dA = Wᵀ dZ; one wrong form has W after its update, another one the other sign. */
function sentBack(net, l, dZ, dW, form) {
  const { W } = net.layers[l];
  const moved = (j, k) => (form === "early" && l === net.layers.length - 1
    ? W[j][k] - RATE * dW[j][k] : W[j][k]);
  const sign = form === "minus" ? -1 : 1;
  return dZ.map((row) => W[0].map((_, k) =>
    sign * row.reduce((sum, d, j) => sum + moved(j, k) * d, 0)));
}

const STEP = 1e-5;
const NOTHING = 1e-9; // a derivative of this size is not compared

/**
 * The ratio of the gradient to a difference of losses, for every weight.
 * @returns {{W: (number|null)[][], b: (number|null)[]}[]} null where there is nothing to compare
 */
export function checkRatios(net, rows, targets, forms = {}) {
  const gradient = gradientOf(net, rows, targets, forms);
  const ratio = (values, k, derivative) => {
    const kept = values[k];
    values[k] = kept + STEP;
    const ahead = lossOf(net, rows, targets);
    values[k] = kept - STEP;
    const behind = lossOf(net, rows, targets);
    values[k] = kept;
    const difference = (ahead - behind) / (2 * STEP);
    if (Math.abs(difference) < NOTHING) return Math.abs(derivative) < 1e-7 ? null : Infinity;
    return derivative / difference;
  };
  return net.layers.map(({ W, b }, l) => ({
    W: W.map((weights, j) => weights.map((_, k) => ratio(weights, k, gradient[l].W[j][k]))),
    b: b.map((_, j) => ratio(b, j, gradient[l].b[j])),
  }));
}

/** Whether a ratio is that of a right derivative. */
export function fits(ratio) {
  return ratio === null || Math.abs(ratio - 1) < 1e-4;
}
