// The stops on the way there and back, and what a layer's pills show at each.

import { FORMULAS } from "../formulas.js";

/**
 * @typedef {object} Stop
 * @property {"X"|"Z"|"A"|"Yh"|"Loss"|"dZ"|"dA"|"dW"} kind
 * @property {number} layer 0 is the row
 * @property {boolean} back
 * @property {number} under for the way back: the stop above it
 */

/** All stops of a network: a layer without an activation of its own has no stop A. */
export function stopsOf(net, hasLink) {
  const last = net.layers.length;
  const found = [{ kind: "X", layer: 0 }];
  const acts = (l) => net.layers[l - 1].f !== "identity";
  for (let l = 1; l <= last; l += 1) {
    found.push({ kind: "Z", layer: l });
    if (acts(l)) found.push({ kind: "A", layer: l });
  }
  if (hasLink) found.push({ kind: "Yh", layer: last });
  found.push({ kind: "Loss", layer: last });
  const under = (kind, layer) => found.findIndex((stop) => stop.kind === kind
    && stop.layer === layer);
  const back = (kind, layer, above) => found.push({ kind, layer, back: true, under: above });
  for (let l = last; l >= 1; l -= 1) {
    if (acts(l)) back("dA", l, under("A", l));
    else if (l < last) back("dA", l, under("Z", l));
    if (acts(l) || l === last) back("dZ", l, under("Z", l));
  }
  back("dW", 1, 0);
  return found;
}

/**
 * What the pills of a layer show at a stop: a key of the passes, or null before the row is there.
 * @param {Stop[]} stops
 * @param {number} at
 * @param {number} layer
 */
export function shownOf(stops, at, layer) {
  if (layer === 0) return "X";
  let shown = null;
  for (const stop of stops.slice(0, at + 1)) {
    if (stop.layer === layer && ["Z", "A", "dA", "dZ"].includes(stop.kind)) shown = stop.kind;
  }
  return shown;
}

/** Whether a stop of that kind and layer is reached. */
export function isReached(stops, at, kind) {
  return stops.slice(0, at + 1).some((stop) => stop.kind === kind);
}

/** Whether a weight of grades is held at 0: rows move the first output alone. */
export const isHeld = (pass, layer, unit, input) =>
  FORMULAS.risen && layer === pass.layers.length && unit > 0 && input >= 0;

/** The sum of all rows' parts in a derivative of a weight. */
export function weightSlope(pass, layer, unit, input) {
  if (isHeld(pass, layer, unit, input)) return 0;
  const parts = pass.rows ?? [pass];
  return parts.reduce((sum, each) => {
    const before = layer === 1 ? each.X : each.layers[layer - 2].A;
    return sum + each.layers[layer - 1].dZ[unit] * (input < 0 ? 1 : before[input]);
  }, 0);
}

/** Several rows as one: the means on the way there, the sums on the way back. */
export function meanOfPasses(passes) {
  const n = passes.length;
  const over = (take, divisor) => take(passes[0]).map((_, k) =>
    passes.reduce((sum, each) => sum + (take(each)[k] ?? NaN), 0) / divisor);
  return {
    rows: passes, X: over(({ X }) => X, n), Yh: over(({ Yh }) => Yh, n),
    dYh: passes[0].dYh ? over(({ dYh }) => dYh, 1) : null,
    layers: passes[0].layers.map((_, l) => Object.fromEntries(
      ["Z", "A", "slope", "dA", "dZ"].map((key) =>
        [key, over(({ layers }) => layers[l][key], key.startsWith("d") ? 1 : n)]))),
    loss: passes.reduce((sum, { part }) => sum + part, 0), share: 1,
    part: passes.reduce((sum, { part }) => sum + part, 0),
  };
}
