// A traced network from the data of the page.

import { unpackedVector } from "../page_encoder.js";
import { layeredNet } from "./passes.js";

/** The network, its names and its target. */
export function modelOf(data) {
  const { network, target } = data;
  const net = layeredNet(network.sizes, network.activations, unpackedVector(data.theta));
  const n = network.sizes.at(-1);
  const labels = target.link === "at_most" ? target.classes.map((each) => `≤ ${each}`)
    : target.classes.length === n ? target.classes : [];
  return {
    net, network, target, task: target.task, classes: target.classes, inputs: data.inputs,
    own: data.own, chain: data.chain, hasLink: target.link !== "as_it_is",
    outputs: Array.from({ length: n }, (_, k) => labels[k] ?? (n === 1 ? "" : `output ${k + 1}`)),
  };
}

/** What is said of a row of the data, beside its numbers. */
export function rowOfData(data, place) {
  const row = data.rows[place];
  const of = data.subject ? ` of ${data.subject}` : "";
  return {
    ...row, name: `Row ${row.row}${of}`,
    truth: `${row.supposed ? "predicted" : "truth"}: ${row.target}`,
    raw: data.own.map(({ raw }) => (raw ? raw[place] : undefined)),
  };
}

/** Where a reader begins: the weight of the chain rule, and its units on the way. */
export function firstSubject(model, pass) {
  const { chain, net } = model;
  const largest = (values) => values.reduce((best, v, k) =>
    (Math.abs(v) > Math.abs(values[best]) ? k : best), 0);
  const units = [0, ...pass.layers.map(({ dZ }) => largest(dZ))];
  if (model.target.link === "at_most") units[net.layers.length] = 0; // rows move no other sum
  units[chain.layer] = chain.unit - 1;
  const input = chain.layer === 1 && chain.input ? chain.input - 1 : largest(pass.X);
  if (chain.layer > 1 && chain.input) units[chain.layer - 1] = chain.input - 1;
  return { units, input: Math.min(input, net.layers[0].W[0].length - 1), layer: chain.layer };
}
