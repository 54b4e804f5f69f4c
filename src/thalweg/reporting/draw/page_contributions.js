// What each column contributes to an answer, compared with a base row: the path rule.
//
// The rule is that of thalweg.network.explaining.path_rule: along the straight way between the
// encoded rows, the slope of the answer in each input is integrated. In a network of straight
// pieces with one output the integral has a closed form; elsewhere each piece has eight nodes, and
// is halved until what it adds up to is the difference of the answers at its ends.

import { encodedRow } from "./page_encoder.js";
import { ANSWERS, layerSum, logSum, risenOf, sharesOf, within } from "./page_network.js";

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
// Halvings that find where a bent line crosses a kink.
const HALVINGS = 40;
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
    this.back = new Float64Array(this.start.length); // summed slopes in the first layer's z
    if (this.isStraight) this.findPieces();
    else this.breaks = this.findBreaks();
  }

  first(alpha) {
    return this.start.map((z, k) => z + alpha * this.rise[k]);
  }

  /** z of the layer above a hidden one. */
  above(z, depth) {
    const found = layerSum(this.network.layers[depth + 1], z.map(this.F[this.hidden[depth]]));
    return depth + 1 < this.hidden.length ? found
      : found.map((each, k) => each - this.network.shift[k]);
  }

  /** z of the layers up to a depth, the outputs last. */
  layersAt(alpha, depth = this.hidden.length) {
    const found = [this.first(alpha)];
    for (let d = 0; d < depth; d += 1) found.push(this.above(found[d], d));
    if (!this.hidden.length) found[0] = found[0].map((z, k) => z - this.network.shift[k]);
    return found;
  }

  /**
   * The pieces of a network of straight pieces: z of each layer at the ends of those pieces on
   * which the layers below it are straight, and after its own kinks are added.
   */
  findPieces() {
    const ends = (alphas) => alphas.map((alpha) => this.layersAt(alpha, 0)[0]);
    this.levels = []; // of each hidden layer: the breaks up to it, and its z there
    let alphas = [0, 1];
    let z = ends(alphas);
    this.hidden.forEach((f, depth) => {
      if (f !== "identity") [alphas, z] = withCrossings(alphas, z);
      this.levels.push({ breaks: alphas, z });
      z = z.map((each) => this.above(each, depth));
    });
    this.breaks = alphas;
    this.ends = z;
    this.held = alphas.slice(1).map(() => null);
  }

  /** Where units cross a kink, as far as two neighbouring breaks show it. */
  findBreaks() {
    let alphas = [0, 1];
    this.hidden.forEach((f, depth) => {
      if (!KINKED.includes(f)) return;
      const z = alphas.map((alpha) => this.layersAt(alpha, depth)[depth]);
      const found = new Set(alphas);
      for (let i = 0; i + 1 < alphas.length; i += 1) {
        z[i].forEach((left, k) => {
          if ((left > 0) === (z[i + 1][k] > 0)) return;
          found.add(this.crossing(depth, k, alphas[i], alphas[i + 1], left, z[i + 1][k]));
        });
      }
      alphas = [...found].sort((a, b) => a - b);
    });
    return alphas;
  }

  /** Where one unit crosses 0 between two places. */
  crossing(depth, unit, from, to, left, right) {
    if (depth === 0) return from + (to - from) * (left / (left - right));
    let [low, high] = [from, to];
    const { W, b, nIn } = this.network.layers[depth];
    for (let n = 0; n < HALVINGS; n += 1) {
      const middle = (low + high) / 2;
      const below = this.layersAt(middle, depth - 1)[depth - 1];
      const f = this.F[this.hidden[depth - 1]];
      const z = below.reduce((sum, each, j) => sum + W[unit * nIn + j] * f(each), b[unit]);
      if ((z > 0) === (left > 0)) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  /** The outputs at a place, and what their slopes need there. */
  at(alpha) {
    if (!this.isStraight) {
      const layers = this.layersAt(alpha);
      return { layers, z: layers.at(-1) };
    }
    const piece = pieceOf(this.breaks, alpha);
    const [from, to] = [this.breaks[piece], this.breaks[piece + 1]];
    const [left, right] = [this.ends[piece], this.ends[piece + 1]];
    const speed = right.map((z, k) => (z - left[k]) / (to - from));
    return { piece, speed, z: left.map((z, k) => z + (alpha - from) * speed[k]) };
  }

  /** How fast outputs with these slopes change at a place. */
  gain(place, weights) {
    if (this.isStraight) return weights.reduce((sum, w, k) => sum + w * place.speed[k], 0);
    let back = Float64Array.from(weights);
    for (let d = this.hidden.length - 1; d >= 0; d -= 1) {
      back = this.below(back, d).map(times(place.layers[d], this.F[`${this.hidden[d]}_slope`]));
    }
    place.back = back;
    return back.reduce((sum, each, k) => sum + each * this.rise[k], 0);
  }

  /** Keep the slopes of a place, after `gain`. */
  add(place, weights) {
    if (!this.isStraight) {
      addTo(this.back, place.back);
      return;
    }
    this.held[place.piece] ??= new Float64Array(weights.length);
    addTo(this.held[place.piece], weights);
  }

  /** Slopes in the z of a layer, as slopes in the activations of the hidden layer below it. */
  below(back, depth) {
    const { W, nOut, nIn } = this.network.layers[depth + 1];
    const found = new Float64Array(nIn);
    for (let k = 0, at = 0; k < nOut; k += 1, at += nIn) {
      const each = back[k];
      if (each === 0) continue;
      for (let j = 0; j < nIn; j += 1) found[j] += each * W[at + j];
    }
    return found;
  }

  /**
   * The held slopes of all pieces, passed to the first layer. On the pieces of one piece of the
   * layer below, they are added before they pass it.
   */
  passHeld() {
    let backs = this.held;
    let { breaks } = this;
    for (let d = this.hidden.length - 1; d >= 0; d -= 1) {
      const level = this.levels[d];
      const f = this.F[`${this.hidden[d]}_slope`];
      const sums = level.breaks.slice(1).map(() => null);
      backs.forEach((back, piece) => {
        if (!back) return;
        const at = pieceOf(level.breaks, (breaks[piece] + breaks[piece + 1]) / 2);
        if (sums[at]) addTo(sums[at], back);
        else sums[at] = Float64Array.from(back);
      });
      backs = sums.map((sum, piece) => {
        if (!sum) return null;
        const [left, right] = [level.z[piece], level.z[piece + 1]];
        return this.below(sum, d).map((each, k) =>
          (each === 0 ? 0 : each * f((left[k] + right[k]) / 2)));
      });
      breaks = level.breaks;
    }
    for (const back of backs) if (back) addTo(this.back, back);
  }

  /** The contribution of each own column. */
  contributions(owners, nColumns) {
    if (this.isStraight) this.passHeld();
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

function addTo(sum, each) {
  for (let k = 0; k < sum.length; k += 1) sum[k] += each[k];
}

/** A function that multiplies by f of the element of a vector at the same place. */
function times(vector, f) {
  return (each, k) => (each === 0 ? 0 : each * f(vector[k]));
}

/** The piece between two breaks in which a place is. */
function pieceOf(breaks, alpha) {
  let [low, high] = [0, breaks.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (breaks[middle] <= alpha) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Breaks with those where a straight line crosses 0, and the lines there. */
function withCrossings(alphas, z) {
  const [breaks, lines] = [[alphas[0]], [z[0]]];
  for (let i = 0; i + 1 < alphas.length; i += 1) {
    const [from, to, left, right] = [alphas[i], alphas[i + 1], z[i], z[i + 1]];
    const found = new Set();
    for (let k = 0; k < left.length; k += 1) {
      if ((left[k] > 0) === (right[k] > 0)) continue;
      const at = within(from + (to - from) * (left[k] / (left[k] - right[k])), from, to);
      if (at > from && at < to) found.add(at);
    }
    for (const at of [...found].sort((a, b) => a - b)) {
      const share = (at - from) / (to - from);
      breaks.push(at);
      lines.push(left.map((each, k) => each + share * (right[k] - each)));
    }
    breaks.push(to);
    lines.push(right);
  }
  return [breaks, lines];
}

/** One number of an answer, its slopes in the outputs, and where these have a closed form. */
function explainedNumber(model, which, networks) {
  const { formulas: F, answer: { kind, line, ranks } } = model;
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
  if (ranks) return { value, slopes: ([z]) => [gradeSlopes(risenOf(z, F), F, ranks[which])] };
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

/** The slopes of one grade: a row moves the first output alone, and so all cumulative logits. */
function gradeSlopes(c, F, rank) {
  const end = rank < c.length ? F.link_slope(c[rank]) : 0;
  const begin = rank > 0 ? F.link_slope(c[rank - 1]) : 0;
  return c.map((_, k) => (k ? 0 : end - begin));
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
      const sum = nodes.reduce((total, { places, weights }) => total
        + ways.reduce((so, way, m) => so + way.gain(places[m], weights[m]), 0), 0);
      const [begin, end] = ends.map((alpha) =>
        number.value(ways.map((way) => way.at(alpha).z)));
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
