// The network that runs in a page: reads a made-up row, encodes it, and computes the answer.
//
// It walks the stages of thalweg.export.stages. All formulas come from Python (FORMULAS); what
// stands here is reading, looking up, matrices times vectors, and sums.

import { bytesOf, encodedRow, unpackedForm } from "./page_encoder.js";

const DAY_MS = 86_400_000;

function unpackedNetwork(network) {
  const layers = network.layers.map(({ size, W, b, f }) => ({
    nOut: size[0], nIn: size[1], f,
    W: new Float32Array(bytesOf(W)), b: new Float32Array(bytesOf(b)),
  }));
  const forms = network.forms.map(unpackedForm);
  const inputs = forms.flatMap((form) => Array.from(form.column));
  return { ...network, forms, layers, inputs };
}

/**
 * A model that can answer.
 * @param {object} data from thalweg.export.packed_stages
 * @param {object} formulas FORMULAS of thalweg.export.javascript
 * @returns {object}
 */
export function modelFrom(data, formulas) {
  return {
    ...data,
    formulas,
    networks: data.networks.map(unpackedNetwork),
    scales: (data.scales ?? []).map(unpackedNetwork),
    levels: data.columns.map(({ levels }) =>
      new Map((levels ?? []).map((level, place) => [level, place + 1]))),
  };
}

/** Days since 1970-01-01 of "2024-12-31", "2024-12-31T13:45" or "13:45"; NaN if it is none. */
export function daysOf(text) {
  const parts = /^(?:(\d{4})-(\d\d)(?:-(\d\d))?)?(?:T|$|(?=\d\d:))(?:(\d\d):(\d\d)(?::(\d\d))?)?$/
    .exec(text.trim());
  if (!parts || !text.trim()) return NaN;
  const [year, month, day, hours, minutes, seconds] = parts.slice(1).map((each) =>
    (each === undefined ? null : Number(each)));
  const date = new Date(0);
  if (year !== null) {
    date.setUTCFullYear(year, month - 1, day ?? 1);
    if (date.getUTCMonth() !== month - 1 || year < 1) return NaN;
  }
  const clock = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
  return Math.round(date.getTime() / DAY_MS) + clock / 86_400;
}

/** The number of a cell: null is missing, a level that is not known is 0. */
function numberOf(model, place, cell) {
  const { kind } = model.columns[place];
  if (cell === null || cell === undefined || kind === "empty") return NaN;
  if (kind === "category") return model.levels[place].get(String(cell)) ?? 0;
  if (kind === "date") return typeof cell === "number" ? cell : daysOf(String(cell));
  if (kind === "identifier") return 0;
  return Number(cell);
}

/**
 * A row of cells as the columns of the schema.
 * @param {object} model
 * @param {Array<number|string|boolean|null>} cells one an own column; null is missing
 * @returns {Float64Array}
 */
export function rowOf(model, cells) {
  return Float64Array.from(model.owners, (owner, column) => {
    const number = numberOf(model, owner, cells[owner]);
    return model.bounds[column] && !Number.isNaN(number) ? 0 : number; // no made-up cell is "<5"
  });
}

/** W a + b. */
export function layerSum({ W, b, nOut, nIn }, a) {
  const z = new Float64Array(nOut);
  for (let k = 0, at = 0; k < nOut; k += 1, at += nIn) {
    let sum = 0;
    for (let j = 0; j < nIn; j += 1) sum += W[at + j] * a[j];
    z[k] = sum + b[k];
  }
  return z;
}

/** The outputs of a network from the z of its first layer, without the shift by costs. */
export function outputsAfter(network, first, formulas) {
  let z = first;
  network.layers.slice(1).forEach((layer, depth) => {
    z = layerSum(layer, z.map(formulas[network.layers[depth].f]));
  });
  return z.map((each, k) => each - network.shift[k]);
}

/** The outputs of a network for its inputs. */
export function outputsOf(network, inputs, formulas) {
  return outputsAfter(network, layerSum(network.layers[0], inputs), formulas);
}

/** log Σ exp over some numbers, as [top, others]. */
function normaliser(numbers, F) {
  return numbers.slice(1).reduce((so, z) => F.joined(so[0], so[1], z), [numbers[0], 0]);
}

/** The logarithm of a sum of exponentials. */
export function logSum(numbers, F) {
  return F.log_of_sum(...normaliser([...numbers], F));
}

/** The probabilities of several classes. */
export function sharesOf(z, F) {
  const [top, others] = normaliser([...z], F);
  return Array.from(z, (each) => F.share(each - top, others));
}

/**
 * The cumulative logits of grades, from the outputs of a network.
 * @returns {number[]} of P(grade ≤ k), one a threshold
 */
export function risenOf(z, F) {
  const found = [z[0]];
  for (let k = 1; k < z.length; k += 1) found.push(F.risen(found[k - 1], z[k]));
  return found;
}

/** The probabilities of grades, in the order of the classes. */
function gradesOf(z, F, ranks) {
  const c = risenOf(z, F);
  const ends = [...c.map((each, k) => F.link(each) * (k ? F.link(z[k]) : 1)), 1];
  const begins = [1, ...c.map((each) => F.link(-each))];
  return ranks.map((rank) => ends[rank] * begins[rank]);
}

function logShares(z, F) {
  const [top, others] = normaliser([...z], F);
  return Array.from(z, (each) => F.log_share(each - top, others));
}

function meanOf(parts) {
  return parts[0].map((_, k) => parts.reduce((sum, part) => sum + part[k], 0) / parts.length);
}

/** A number held to a range; null is no bound. */
export function within(value, low, high) {
  return Math.min(Math.max(value, low ?? -Infinity), high ?? Infinity);
}

/** How the answer follows from the outputs of all networks, for each kind of answer. */
export const ANSWERS = {
  "two classes": {
    /** The logit of the positive class. */
    facing: ({ answer }) => (answer.positive === 1 ? 1 : -1),
    one: (model, z) => [model.formulas.link(ANSWERS["two classes"].facing(model) * z[0])],
    all(model, outputs) {
      const { formulas: F, answer: { line } } = model;
      if (!line) return meanOf(outputs.map((z) => this.one(model, z)));
      const sign = this.facing(model);
      return [F.link(line[0] + line[1] * meanLogit(outputs.map((z) => sign * z[0]), F))];
    },
  },
  "several classes": {
    one: ({ formulas: F, answer: { ranks } }, z) =>
      (ranks ? gradesOf(z, F, ranks) : sharesOf(z, F)),
    all(model, outputs) {
      const { formulas: F, answer: { line } } = model;
      if (!line) return meanOf(outputs.map((z) => this.one(model, z)));
      const logs = outputs.map((z) => logShares(z, F));
      return sharesOf(logs[0].map((_, k) =>
        line[0] + line[1] * logSum(logs.map((each) => each[k]), F)), F);
    },
  },
  number: {
    one: (model, z, network) => [within(
      network.center + network.scale * model.formulas.link(z[0]), network.low, network.high)],
    all(model, outputs) {
      const { answer: { line, low, high } } = model;
      const mean = meanOf(outputs.map((z, m) => this.one(model, z, model.networks[m])));
      return line ? [within(line[0] + line[1] * mean[0], low, high)] : mean;
    },
  },
};

/** log p - log (1 - p) of the mean p of some logits. */
export function meanLogit(logits, F) {
  if (logits.length === 1) return logits[0];
  return logSum(logits.map((z) => -F.minus_log_likely(z)), F)
    - logSum(logits.map((z) => -F.minus_log_unlikely(z)), F);
}

/**
 * The answer for a row.
 * @param {object} model
 * @param {Float64Array} row from rowOf
 * @returns {{answer: number[], each: number[][], alone: number[][]}} the probability of the
 *   positive class, those of all classes, or the number; `each` network's without the map of a
 *   calibration, and `alone` as if it were the model
 */
export function answerOf(model, row) {
  const { formulas } = model;
  const rule = ANSWERS[model.answer.kind];
  const outputs = model.networks.map((network) =>
    outputsOf(network, encodedRow(network, row, formulas), formulas));
  const each = outputs.map((z, m) => Array.from(rule.one(model, z, model.networks[m])));
  const alone = model.answer.line ? outputs.map((z, m) =>
    rule.all({ ...model, networks: [model.networks[m]] }, [z])) : each;
  return { answer: Array.from(rule.all(model, outputs)), each, alone };
}

/** The scale of the error of a row, for scaled intervals. */
export function errorScale(model, row) {
  const { formulas: F, scales } = model;
  const values = scales.map((network) => {
    const [z] = outputsOf(network, encodedRow(network, row, F), F);
    return [within(network.center + network.scale * z, network.low, network.high)];
  });
  return F.error_scale(meanOf(values)[0]);
}
