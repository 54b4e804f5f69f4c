// A dense network in float64: forward, loss, backward and the gradient check, for lessons.
//
// The backward pass is made of lines. Each line has its right form and the wrong ones that a lesson
// plants; `thalweg.tracing.planted_faults` has the same faults.

import { FORMULAS } from "../formulas.js";

/**
 * @typedef {object} Net
 * @property {number[]} sizes
 * @property {string} activation of the hidden layers
 * @property {{W: number[][], b: number[]}[]} layers
 * @property {number} penalty
 * @typedef {object} Passed
 * @property {number[][][]} Z each layer's, a row of the table an inner list
 * @property {number[][][]} A A[0] is the input
 * @property {number[]} prediction
 */

/** A network from one flat vector θ, as `Architecture.layers` divides it. */
export function netFrom({ sizes, activation, theta, penalty }) {
  let place = 0;
  const take = (n) => theta.slice(place, place += n);
  const layers = sizes.slice(1).map((out, l) => {
    const W = Array.from({ length: out }, () => take(sizes[l]));
    return { W, b: take(out) };
  });
  return { sizes, activation, layers, penalty };
}

const dot = (a, b) => a.reduce((sum, each, i) => sum + each * b[i], 0);

/** Forward: Z = W A + b and A = activation(Z), for each row. */
export function forwardPass(net, rows) {
  const [Z, A] = [[], [rows]];
  net.layers.forEach(({ W, b }, l) => {
    const last = l === net.layers.length - 1;
    const before = A[l];
    Z.push(before.map((row) => W.map((weights, j) => dot(weights, row) + b[j])));
    const value = last ? (z) => z : FORMULAS[net.activation];
    A.push(Z[l].map((row) => row.map((z) => value(z))));
  });
  return { Z, A, prediction: Z.at(-1).map(([z]) => FORMULAS.sigmoid(z)) };
}

/** The mean cross-entropy of the rows, and half of the penalty times all squared weights. */
export function lossOf(net, rows, targets) {
  const { Z } = forwardPass(net, rows);
  const losses = Z.at(-1).map(([z], i) => FORMULAS.cross_entropy(z, targets[i]));
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
