// Which weights have the largest derivatives: those that a step of gradient descent moves most.

import { decimalsFor, lowered, written } from "./amounts.js";
import { weightSlope } from "./stops.js";

/** The weight of a layer with the largest derivative; several rows are added. */
function largestOfLayer(net, pass, layer) {
  let found = { layer, unit: 0, input: 0, slope: 0 };
  net.layers[layer - 1].W.forEach((row, unit) => row.forEach((_, input) => {
    const slope = weightSlope(pass, layer, unit, input);
    if (Math.abs(slope) > Math.abs(found.slope)) found = { layer, unit, input, slope };
  }));
  return found;
}

/** How the derivative of the weight in focus compares with those of all weights, in a sentence. */
export function largestSaid({ model: { net }, pass, subject }) {
  const all = net.layers.map((_, l) => largestOfLayer(net, pass, l + 1));
  const most = all.reduce((a, b) => (Math.abs(b.slope) > Math.abs(a.slope) ? b : a));
  if (most.slope === 0) return "";
  const l = subject.layer;
  const own = all[l - 1];
  const isOwn = own.slope !== 0 && own.unit === subject.units[l]
    && own.input === (l === 1 ? subject.input : subject.units[l - 1]);
  if (isOwn && own === most) return " No weight has a larger derivative.";
  const of = `of all weights, the largest${most.slope < 0 ? " in size" : ""} is that of W${lowered(most.layer)}[${most.unit + 1},${most.input + 1}], ${
    written(most.slope, decimalsFor([most.slope]))}`;
  return isOwn ? ` It is the largest derivative of layer ${l}; ${of}.`
    : ` ${of[0].toUpperCase()}${of.slice(1)}.`;
}
