// One row through a dense network and back, in float64: what thalweg.tracing.row_trace computes.
//
// Activations, losses and links are FORMULAS, which Python writes from its own bodies.

import { FORMULAS } from "../formulas.js";

/**
 * @typedef {object} Layered
 * @property {{W: number[][], b: number[], f: string}[]} layers
 * @property {boolean} coupled whether the outputs share a sum (softmax, grades)
 * @typedef {object} Passed as `passes` of the trace's JSON
 * @property {number[]} X
 * @property {{Z: number[], A: number[], slope: number[], dA: number[], dZ: number[]}[]} layers
 * @property {number[]} Yh
 * @property {number[]|null} dYh
 * @property {number} loss
 * @property {number} share
 * @property {number} part
 */

/** A network from one flat vector: W row by row, then b, layer by layer. */
export function layeredNet(sizes, activations, theta) {
  let place = 0;
  const take = (n) => Array.from(theta.slice(place, place += n));
  const layers = activations.map((f, l) => ({
    W: Array.from({ length: sizes[l + 1] }, () => take(sizes[l])), b: take(sizes[l + 1]), f,
  }));
  return { layers, coupled: !FORMULAS.link_slope };
}

/** What the formulas see of each output, and of the others: of grades the cumulative logit. */
const seenBy = (net, outputs) => {
  if (!net.coupled) return outputs.map((z) => [z]);
  let [top, others] = [outputs[0], 0];
  if (FORMULAS.risen) {
    return outputs.map((z, k) => (k ? [z, top = FORMULAS.risen(top, z)] : [Infinity, top]));
  }
  for (const z of outputs.slice(1)) [top, others] = FORMULAS.joined(top, others, z);
  return outputs.map((z) => [z - top, others]);
};

/** The loss of one row for the outputs of its last layer. */
export function lossAt(net, outputs, y) {
  return seenBy(net, outputs).reduce((sum, [z, others], k) => sum + FORMULAS.loss(z, y[k], others), 0);
}

/** The predictions for the outputs of a last layer. */
export function linked(net, outputs) {
  return seenBy(net, outputs).map((seen) => FORMULAS.link(...seen));
}

/** The way there: what each layer makes of the one before it. */
export function layersThere(net, X) {
  let before = X;
  return net.layers.map(({ W, b, f }) => {
    const Z = W.map((row, j) => row.reduce((sum, w, i) => sum + w * before[i], 0) + b[j]);
    before = Z.map((z) => FORMULAS[f](z));
    return { Z, A: before };
  });
}

/**
 * Both passes of one row.
 * @param {Layered} net
 * @param {number[]} X
 * @param {number[]} y
 * @param {number} share of the row in the loss of all rows
 * @returns {Passed}
 */
export function passOf(net, X, y, share) {
  const layers = layersThere(net, X).map((layer, l) =>
    ({ ...layer, slope: layer.Z.map((z) => FORMULAS[`${net.layers[l].f}_slope`](z)) }));
  const a = layers.at(-1)?.A ?? X;
  const Yh = linked(net, a);
  let above = 0; // of grades: the sum of the slopes in the cumulative logits from here on
  let dA = seenBy(net, a).reduceRight((found, [z, others], k) => {
    found[k] = FORMULAS.loss_slope(z, y[k], others, above) * share;
    above = FORMULAS.slope_above?.(y[k], others, above);
    return found;
  }, []);
  const dYh = net.coupled ? null : dA.map((d, k) => {
    const slope = FORMULAS.link_slope(a[k]);
    return slope > 0 && Number.isFinite(d / slope) ? d / slope : null;
  });
  for (let l = layers.length - 1; l >= 0; l -= 1) {
    const layer = layers[l];
    layer.dA = dA;
    layer.dZ = dA.map((d, k) => d * layer.slope[k]);
    if (l > 0) dA = net.layers[l].W[0].map((_, i) =>
      layer.dZ.reduce((sum, d, k) => sum + net.layers[l].W[k][i] * d, 0));
  }
  const loss = lossAt(net, a, y);
  return { X, layers, Yh, dYh, loss, share, part: share * loss };
}

const CLOSE = 1e-12;

/**
 * The largest difference between two passes, relative to the size of the quantity; a quantity is
 * all units of a layer together, as one of them may be a small difference of large numbers.
 */
export function largestGap(one, other) {
  let worst = 0;
  const compare = (a, b) => {
    const size = Math.max(1e-300, ...b.map((each) => Math.abs(each ?? 0)));
    a.forEach((each, k) => {
      if ((each === null) !== (b[k] === null)) worst = Infinity;
      const gap = Math.abs((each ?? 0) - (b[k] ?? 0)) / size;
      worst = gap <= worst ? worst : Number.isNaN(gap) ? Infinity : gap;
    });
  };
  compare(one.X, other.X);
  one.layers.forEach((layer, l) => {
    for (const key of ["Z", "A", "slope", "dA", "dZ"]) compare(layer[key], other.layers[l][key]);
  });
  compare(one.Yh, other.Yh);
  if (one.dYh) compare(one.dYh, other.dYh);
  compare([one.loss, one.part], [other.loss, other.part]);
  return worst;
}

/** Whether the page computes what Python computed. */
export function agrees(one, other) {
  return largestGap(one, other) <= CLOSE;
}
