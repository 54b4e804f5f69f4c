// Which lens belongs to a stop: the numbers of the scene as a picture.

import { FORMULAS } from "../formulas.js";
import { decimalsFor, lowered, plainNumber, shownSum, written } from "./amounts.js";
import { nameOf } from "./formula_parts.js";
import { curveLens, fieldLens, signBars, staircase } from "./lens.js";
import { trueOutput } from "./loss_parts.js";
import { OWN_LOSS } from "./own_loss.js";
import { lossAt } from "./passes.js";
import { backwardTerms, forwardTerms } from "./stop_words.js";
import { weightSlope } from "./stops.js";

const BARS = 10;

/** The picture for the stop of a scene. @returns {(width: number) => SVGElement} */
export function lensOf(scene) {
  const stop = scene.stops[scene.at];
  return LENSES[stop.kind](scene, stop.layer);
}

const counted = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** The largest numbers as bars; the one in focus is among them. */
function largestBars(values, names, keys, meant, label) {
  const order = values.map((_, k) => k).filter((k) => values[k] !== null)
    .sort((a, b) => (b === meant) - (a === meant) || Math.abs(values[b]) - Math.abs(values[a]))
    .slice(0, BARS).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  const digits = decimalsFor(values);
  const rows = order.map((k) => ({
    value: values[k], text: written(values[k], digits), name: names[k], key: keys[k],
    isMeant: k === meant,
  }));
  return (width) => signBars(rows, label, width);
}

function sumLens(total, terms, first, label) {
  const { parts, total: text } = shownSum(terms, total, first);
  return (width) => staircase(parts, total, { text, label }, width);
}

function activationLens(scene, l, withSlope) {
  const unit = scene.subject.units[l];
  const { f } = scene.model.net.layers[l - 1];
  const { Z, A, slope } = scene.pass.layers[l - 1];
  const reach = Math.max(3, Math.abs(Z[unit]) * 1.25);
  const note = withSlope ? `slope ${plainNumber(slope[unit])}` : plainNumber(A[unit]);
  return (width) => curveLens({
    fn: FORMULAS[f], x: Z[unit], slope: withSlope ? slope[unit] : null, range: [-reach, reach], note,
    across: nameOf(scene, "Z", l, unit), up: f,
    label: `The curve of ${f}; here ${plainNumber(Z[unit])} becomes ${plainNumber(A[unit])}, with the slope ${
      plainNumber(slope[unit])}`,
  }, width);
}

/** The loss of the row as one output moves. */
function lossCurve(scene, l, slope) {
  const { model: { net }, pass, row, subject } = scene;
  const unit = subject.units[l];
  const { A } = pass.layers[l - 1];
  const fn = (x) => pass.share * lossAt(net, A.map((a, k) => (k === unit ? x : a)), row.y);
  const isNumber = ["as_it_is", "mean"].includes(scene.model.target.link);
  const ends = isNumber ? [A[unit], row.y[unit] ?? 0] : [A[unit], 0];
  const pad = Math.max(1.2, Math.abs(ends[0] - ends[1]) * 0.5);
  const range = isNumber ? [Math.min(...ends) - pad, Math.max(...ends) + pad]
    : [-Math.max(5, Math.abs(A[unit]) * 1.25), Math.max(5, Math.abs(A[unit]) * 1.25)];
  const across = nameOf(scene, "Z", l, unit);
  return (width) => curveLens({
    fn, x: A[unit], slope, range, across, up: "loss",
    note: slope === null ? plainNumber(fn(A[unit])) : `slope ${plainNumber(slope)}`,
    label: `The loss as ${across} moves; at ${plainNumber(A[unit])} it is ${plainNumber(fn(A[unit]))}`,
  }, width);
}

/** The probability of each class, its name, and the place of the true one. */
const chancesOf = (scene, l) => OWN_LOSS.chances?.(scene) ?? {
  shares: scene.pass.Yh, names: scene.model.outputs, own: trueOutput(scene), key: `u${l}`,
};

const LENSES = {
  X({ model, pass, subject }) {
    return largestBars(pass.X, model.inputs, pass.X.map((_, i) => `x.${i + 1}`), subject.input,
      "The largest numbers of the row");
  },
  Z(scene, l) {
    const unit = scene.subject.units[l];
    const { bias, terms } = forwardTerms(scene, l, unit);
    return sumLens(scene.pass.layers[l - 1].Z[unit], terms, bias,
      `The sum ${nameOf(scene, "Z", l, unit)}, term by term`);
  },
  A: (scene, l) => activationLens(scene, l, false),
  Yh(scene, l) {
    const { model, pass, subject } = scene;
    if (model.net.coupled) {
      const { shares, names, key, own, isGrade } = chancesOf(scene, l);
      return largestBars(shares, names, shares.map((_, k) => `${key}.${k + 1}`),
        isGrade ? own : subject.units[l], "The probability of each class");
    }
    const z = pass.layers[l - 1].A[0];
    const reach = model.target.link === "mean" ? Math.max(2, Math.abs(z) * 1.25)
      : Math.max(6, Math.abs(z) * 1.25);
    return (width) => curveLens({
      fn: FORMULAS.link, x: z, slope: null, range: [-reach, reach], across: `Z${lowered(l)}`, up: "Ŷ",
      note: plainNumber(pass.Yh[0]), label: `The prediction for every sum; at ${plainNumber(z)} it is ${
        plainNumber(pass.Yh[0])}`,
    }, width);
  },
  Loss(scene, l) {
    const { model, pass, row } = scene;
    const { link } = model.target;
    if (link !== "probability" && !model.net.coupled) return lossCurve(scene, l, null);
    const { shares, names, own, isGrade } = chancesOf(scene, l);
    if (model.net.coupled && !isGrade && row.y[own] !== 1) return lossCurve(scene, l, null);
    const fn = model.net.coupled ? (p) => -Math.log(p)
      : (p) => FORMULAS.loss(Math.log(p) - Math.log1p(-p), row.y[0]);
    const p = shares[own];
    return (width) => curveLens({
      fn: (x) => (x > 0 && x < 1 ? fn(x) : NaN), x: Math.min(Math.max(p, 1e-9), 1 - 1e-9), slope: null,
      range: [0, 1], top: Math.max(4, pass.loss * 1.15),
      across: model.net.coupled ? `${isGrade ? "P" : "Ŷ"} of ${names[own]}` : `Ŷ, given to ${
        model.classes[1] ?? "the second class"}`,
      up: "loss", note: plainNumber(pass.loss), label: `The loss for every prediction; at ${plainNumber(p)} it is ${
        plainNumber(pass.loss)}`,
    }, width);
  },
  dZ(scene, l) {
    const { net } = scene.model;
    if (l < net.layers.length || net.layers[l - 1].f !== "identity") {
      return activationLens(scene, l, true);
    }
    return lossCurve(scene, l, scene.pass.layers[l - 1].dZ[scene.subject.units[l]]);
  },
  dA(scene, l) {
    const { net } = scene.model;
    const unit = scene.subject.units[l];
    const { dA } = scene.pass.layers[l - 1];
    if (l === net.layers.length) return lossCurve(scene, l, dA[unit]);
    const terms = backwardTerms(scene, l, unit);
    if (terms.length > 1) {
      return sumLens(dA[unit], terms, null, `What comes back to unit ${unit + 1}, term by term`);
    }
    return largestBars(dA, dA.map((_, j) => `unit ${j + 1}`), dA.map((_, j) => `u${l}.${j + 1}`), unit,
      "The share of each unit");
  },
  dW(scene) {
    const { model, plan, subject, pass } = scene;
    const l = subject.layer;
    const from = plan[l - 1].filter(({ kind }) => kind !== "open").flatMap(({ kind, members }) =>
      (kind === "rest" ? [] : members)).slice(0, 60);
    const to = plan[l].filter(({ kind }) => kind !== "rest").flatMap(({ members }) => members);
    const meant = [subject.units[l], l === 1 ? subject.input : subject.units[l - 1]];
    const names = from.map((i) => (l === 1 ? model.inputs[i] : `unit ${i + 1}`));
    const rows = to.map((j) => ({
      name: l === model.net.layers.length ? model.outputs[j] || "output" : `unit ${j + 1}`,
      cells: from.map((i) => ({
        value: weightSlope(pass, l, j, i), key: `w${l}.${j + 1}.${i + 1}`,
        isMeant: j === meant[0] && i === meant[1],
      })),
    }));
    const all = model.net.layers[l - 1].W;
    const part = to.length < all.length || from.length < all[0].length
      ? `${to.length} of ${all.length} × ${from.length} of ${all[0].length}`
      : `${counted(to.length, l === model.net.layers.length ? "output" : "unit")} × ${
        counted(from.length, l === 1 ? "input" : "unit")}`;
    const press = scene.press && ((j, i) => scene.pressWeight(to[j], from[i]));
    return (width) => fieldLens({
      rows, columns: names, press, title: `∂Loss/∂W${lowered(l)}: ${part}`,
      label: `The derivatives of the weights of layer ${l}, as a field`,
    }, width);
  },
};
