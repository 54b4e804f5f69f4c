// What each column contributes to an answer, compared with a base row: the path rule.
//
// The rule is that of thalweg.network.explaining.path_rule: along the straight way between the
// encoded rows, the slope of the answer in each input is integrated. In a network of straight pieces
// with one output the integral has a closed form; elsewhere each piece has eight nodes, and is
// halved until what it adds up to is the difference of the answers at its ends.

import { ANSWERS, encodedRow, layerSum, logSum, sharesOf, within } from "./page_network.js";

const STRAIGHT = ["identity", "relu", "leaky_relu"];
const KINKED = [...STRAIGHT.slice(1), "elu", "selu"];
// Eight nodes of Gauss and Legendre in [-1, 1], and their weights: the positive half.
const HALF_NODES = [
  0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363,
];
const HALF_WEIGHTS = [
  0.362683783378362, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763,
];
const NODES = [...HALF_NODES.map((x) => -x).reverse(), ...HALF_NODES];
const WEIGHTS = [...HALF_WEIGHTS].reverse().concat(HALF_WEIGHTS);
// How far the sum over a piece may be from the difference, and the most nodes for all pieces.
const AIM = 1e-8;
const MOST_NODES = 30_000;
// Where outputs differ by less, their mean slope is that in the middle.
const CLOSE = 1e-5;

/** A network along the way from one row to another. */
class Way {
  constructor(network, from, to, F) {
    this.network = network;
    this.F = F;
    this.change = to.map((each, i) => each - from[i]);
    this.start = layerSum(network.layers[0], from);
    const end = layerSum(network.layers[0], to);
    this.rise = end.map((z, k) => z - this.start[k]);
    this.hidden = network.layers.slice(0, -1).map(({ f }) => f);
    this.isStraight = this.hidden.every((f) => STRAIGHT.includes(f));
    this.breaks = this.findBreaks();
    this.back = new Float64Array(this.start.length); // summed slopes in the first layer's z
    if (this.isStraight) {
      this.ends = this.breaks.map((alpha) => this.layersAt(alpha).at(-1));
      this.held = this.breaks.slice(1).map(() => null);
    }
  }

  /** z of all layers at a place of the way, the outputs last. */
  layersAt(alpha, depth = this.hidden.length) {
    const found = [this.start.map((z, k) => z + alpha * this.rise[k])];
    for (let d = 0; d < depth; d += 1) {
      found.push(layerSum(this.network.layers[d + 1], found[d].map(this.F[this.hidden[d]])));
    }
    if (depth === this.hidden.length) {
      const { shift } = this.network;
      found[depth] = found[depth].map((z, k) => z - shift[k]);
    }
    return found;
  }

  /** Where units cross a kink, as far as they are straight until there. */
  findBreaks() {
    let alphas = [0, 1];
    for (let depth = 0; depth < this.hidden.length; depth += 1) {
      if (KINKED.includes(this.hidden[depth])) {
        const z = alphas.map((alpha) => this.layersAt(alpha, depth)[depth]);
        const found = new Set(alphas);
        for (let i = 0; i + 1 < alphas.length; i += 1) {
          for (let k = 0; k < z[i].length; k += 1) {
            const [left, right] = [z[i][k], z[i + 1][k]];
            if ((left > 0) === (right > 0)) continue;
            const at = alphas[i] + (alphas[i + 1] - alphas[i]) * (left / (left - right));
            found.add(within(at, alphas[i], alphas[i + 1]));
          }
        }
        alphas = [...found].sort((a, b) => a - b);
      }
      if (!STRAIGHT.includes(this.hidden[depth])) break;
    }
    return alphas;
  }

  pieceOf(alpha) {
    let [low, high] = [0, this.breaks.length - 2];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.breaks[middle] <= alpha) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The outputs and how fast they change, inside a piece. */
  at(alpha) {
    if (this.isStraight) {
      const piece = this.pieceOf(alpha);
      const [from, to] = [this.breaks[piece], this.breaks[piece + 1]];
      const [left, right] = [this.ends[piece], this.ends[piece + 1]];
      const speed = right.map((z, k) => (z - left[k]) / (to - from));
      return { piece, speed, z: left.map((z, k) => z + (alpha - from) * speed[k]) };
    }
    const layers = this.layersAt(alpha);
    let speed = this.rise;
    this.hidden.forEach((f, d) => {
      const slopes = layers[d].map(this.F[`${f}_slope`]);
      const moved = speed.map((each, k) => each * slopes[k]);
      const { W, nOut, nIn } = this.network.layers[d + 1];
      speed = layerSum({ W, nOut, nIn, b: new Float64Array(nOut) }, moved);
    });
    return { layers, speed, z: layers.at(-1) };
  }

  /** The outputs at the end of a piece. */
  outputsAt(alpha) {
    return this.isStraight ? this.at(alpha).z : this.layersAt(alpha).at(-1);
  }

  /** Add slopes in the outputs, at a place of the way. */
  add({ piece, layers }, weights) {
    if (!this.isStraight) {
      this.pass(layers, weights);
      return;
    }
    this.held[piece] ??= new Float64Array(weights.length);
    weights.forEach((weight, k) => {
      this.held[piece][k] += weight;
    });
  }

  /** Pass slopes in the outputs back to the first layer. */
  pass(layers, weights) {
    let back = weights;
    for (let d = this.hidden.length - 1; d >= 0; d -= 1) {
      const { W, nOut, nIn } = this.network.layers[d + 1];
      const below = new Float64Array(nIn);
      for (let k = 0, at = 0; k < nOut; k += 1, at += nIn) {
        const each = back[k];
        if (each === 0) continue;
        for (let j = 0; j < nIn; j += 1) below[j] += each * W[at + j];
      }
      const slope = this.F[`${this.hidden[d]}_slope`];
      back = below.map((each, j) => (each === 0 ? 0 : each * slope(layers[d][j])));
    }
    back.forEach((each, k) => {
      this.back[k] += each;
    });
  }

  /** The contribution of each own column. */
  contributions(owners, nColumns) {
    this.held?.forEach((weights, piece) => {
      if (!weights) return;
      const middle = (this.breaks[piece] + this.breaks[piece + 1]) / 2;
      this.pass(this.layersAt(middle, Math.max(this.hidden.length - 1, 0)), weights);
    });
    const { W, nOut, nIn } = this.network.layers[0];
    const found = new Float64Array(nColumns);
    for (let i = 0; i < nIn; i += 1) {
      if (this.change[i] === 0) continue;
      let slope = 0;
      for (let k = 0, at = i; k < nOut; k += 1, at += nIn) slope += this.back[k] * W[at];
      found[owners[this.network.inputs[i]]] += slope * this.change[i];
    }
    return found;
  }
}

/** One number of an answer, its slopes in the outputs, and where these have a closed form. */
function explainedNumber(model, which, networks) {
  const { formulas: F, answer: { kind, line } } = model;
  if (kind === "number") {
    const scale = networks[0].scale * (line ? line[1] : 1);
    return {
      value: ([z]) => scale * F.link(z[0]),
      slopes: ([z]) => [[scale * F.link_slope(z[0])]],
      closed: true,
    };
  }
  if (kind === "two classes") return ofTwo(model, networks, F, line);
  const value = (outputs) => ANSWERS[kind].all(model, outputs)[which];
  if (!line) return { value, slopes: ([z]) => [shareSlopes(sharesOf(z, F), which)] };
  return { value, slopes: (outputs) => mappedSlopes(model, outputs, which) };
}

/** The probability of the positive one of two classes. */
function ofTwo(model, networks, F, line) {
  const sign = model.answer.positive === 1 ? 1 : -1;
  const value = (outputs) => ANSWERS["two classes"].all(model, outputs)[0];
  if (networks.length === 1) {
    const [intercept, slope] = line ?? [0, 1];
    return {
      value,
      slopes: ([z]) => [[sign * slope * F.link_slope(intercept + slope * sign * z[0])]],
      closed: true,
    };
  }
  return {
    value,
    slopes(outputs) {
      const logits = outputs.map((z) => sign * z[0]);
      const likely = logits.map((z) => -F.minus_log_likely(z));
      const unlikely = logits.map((z) => -F.minus_log_unlikely(z));
      const logit = logSum(likely, F) - logSum(unlikely, F);
      const steep = sign * line[1] * F.link_slope(line[0] + line[1] * logit);
      const [ups, downs] = [sharesOf(likely, F), sharesOf(unlikely, F)];
      return logits.map((z, m) => [steep * (ups[m] * F.link(-z) + downs[m] * F.link(z))]);
    },
  };
}

/** The slopes of one share in all logits. */
function shareSlopes(shares, which) {
  return shares.map((share, j) => shares[which] * ((j === which ? 1 : 0) - share));
}

/** The slopes of one class after the map of a calibration, in the logits of all networks. */
function mappedSlopes(model, outputs, which) {
  const { formulas: F, answer: { line } } = model;
  const shares = outputs.map((z) => sharesOf(z, F));
  const moved = shareSlopes(ANSWERS["several classes"].all(model, outputs), which);
  const sums = moved.map((_, c) => shares.reduce((sum, p) => sum + p[c], 0));
  return shares.map((p) => {
    const weights = p.map((share, c) => line[1] * moved[c] * (share / sums[c]));
    const whole = weights.reduce((sum, each) => sum + each, 0);
    return p.map((share, j) => weights[j] - whole * share);
  });
}

/** The integral in closed form: the mean slope on a piece is what the answer gains there. */
function byPieces(way, number) {
  for (let piece = 0; piece + 1 < way.breaks.length; piece += 1) {
    const [left, right] = [way.ends[piece], way.ends[piece + 1]];
    const [gain, width] = [right[0] - left[0], way.breaks[piece + 1] - way.breaks[piece]];
    const steep = Math.abs(gain) > CLOSE
      ? (number.value([right]) - number.value([left])) / gain
      : number.slopes([[(left[0] + right[0]) / 2]])[0][0];
    way.add({ piece }, [steep * width]);
  }
  return true;
}

/** The integral by nodes on pieces that are halved; whether it adds up. */
function byNodes(ways, number, unit) {
  const breaks = [...new Set(ways.flatMap((way) => way.breaks))].sort((a, b) => a - b);
  let pieces = breaks.slice(1).map((right, i) => [breaks[i], right]);
  let left = MOST_NODES;
  while (pieces.length) {
    left -= pieces.length * NODES.length;
    if (left < 0) return false;
    pieces = pieces.flatMap((ends) => {
      const [from, to] = ends;
      const nodes = NODES.map((node, n) => {
        const places = ways.map((way) => way.at((from + to) / 2 + ((to - from) / 2) * node));
        const weights = number.slopes(places.map(({ z }) => z)).map((slopes) =>
          slopes.map((slope) => slope * WEIGHTS[n] * ((to - from) / 2)));
        return { places, weights };
      });
      const sum = nodes.reduce((total, { places, weights }) => total + places.reduce(
        (so, { speed }, m) => so + weights[m].reduce((s, w, k) => s + w * speed[k], 0), 0), 0);
      const [begin, end] = ends.map((alpha) =>
        number.value(ways.map((way) => way.outputsAt(alpha))));
      if (Math.abs(sum - (end - begin)) > AIM * unit * (to - from) + 1e-14 * Math.abs(end)) {
        const middle = (from + to) / 2;
        return [[from, middle], [middle, to]];
      }
      for (const { places, weights } of nodes) {
        places.forEach((place, m) => ways[m].add(place, weights[m]));
      }
      return [];
    });
  }
  return true;
}

/**
 * What each own column contributes to one number of the answer.
 * @param {object} model
 * @param {Float64Array} row
 * @param {Float64Array} base
 * @param {number} which of several classes
 * @returns {{values: number[], base: number, answer: number, each: number[][]}|null} base and
 *   values add up to the answer, a number before it is clipped to the range of the training rows;
 *   null if they do not add up
 */
export function contributionsTo(model, row, base, which = 0) {
  const { formulas: F, networks, owners, columns, answer: { kind, line } } = model;
  const inputs = [base, row].map((each) =>
    networks.map((network) => encodedRow(network, each, F)));
  const ways = networks.map((network, m) => new Way(network, inputs[0][m], inputs[1][m], F));
  const together = line && networks.length > 1 && kind !== "number";
  const groups = together ? [ways] : ways.map((way) => [way]);
  const numbers = groups.map((group) => {
    const own = group.map(({ network }) => network);
    return explainedNumber({ ...model, networks: own }, which, own);
  });
  const unit = kind === "number" ? Math.max(...networks.map(({ scale }) => Math.abs(scale))) : 1;
  const added = groups.every((group, g) => {
    const closed = numbers[g].closed && group.length === 1 && group[0].isStraight;
    return closed ? byPieces(group[0], numbers[g]) : byNodes(group, numbers[g], unit);
  });
  if (!added) return null;
  const each = ways.map((way) => way.contributions(owners, columns.length));
  const share = together ? 1 : 1 / networks.length;
  const values = columns.map((_, c) => share * each.reduce((sum, own) => sum + own[c], 0));
  const ends = [0, 1].map((alpha) => groups.reduce((sum, group, g) =>
    sum + numbers[g].value(group.map((way) => way.layersAt(alpha).at(-1))), 0) / groups.length);
  const offset = kind === "number" ? offsetOf(networks, line) : 0;
  const gained = values.reduce((sum, value) => sum + value, 0);
  if (!(Math.abs(gained - (ends[1] - ends[0])) <= 1e-6 * unit)) return null;
  return { values, base: ends[0] + offset, answer: ends[1] + offset, each: together ? null : each };
}

/** What the mean of the networks has besides the scaled link. */
function offsetOf(networks, line) {
  const center = networks.reduce((sum, each) => sum + each.center, 0) / networks.length;
  return line ? line[0] + line[1] * center : center;
}
