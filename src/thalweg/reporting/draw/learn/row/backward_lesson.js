// The lesson on back propagation: blame, silent units, five factors, a difference, a penalty, a 0.

import { html } from "../../dom.js";
import { short } from "../../numbers.js";
import { decimalsFor, plainNumber, written } from "../../trace/amounts.js";
import { signBars } from "../../trace/lens.js";
import { passOf } from "../../trace/passes.js";
import { weightSlope } from "../../trace/stops.js";
import { runLesson, startOnItsPage } from "../step.js";
import { factorChips } from "./factor_chips.js";
import { lensAt, otherNumbers, rowStage } from "./row_stage.js";

let FACTS = null; // of the lesson that is shown

/** Numbers of all hidden units as bars. */
function unitBars(title, valuesFrom) {
  return (scene) => {
    const values = valuesFrom(scene);
    const digits = decimalsFor(values);
    const rows = values.map((value, j) => ({ value, text: written(value, digits), name: `unit ${j + 1}`,
      key: `u1.${j + 1}` }));
    return (width) => html("div", {}, html("h3", {}, title), signBars(rows, title, width));
  };
}

const TWO_BARS = [unitBars("How loud: A₁", ({ pass }) => pass.layers[0].A),
  unitBars("With which weight: W₂", ({ model }) => model.net.layers[1].W[0])];

// Patches of the stage as a step begins, and once it is answered.
const BEGINS = {
  blame: () => ({ lenses: TWO_BARS }),
  multiply: () => ({ formula: { at: 9, how: "asked" } }),
  zero: () => ({ lenses: [lensAt()], formula: { at: 9, how: "symbols" } }),
};
const REVEALS = {
  up: () => ({ at: 6, lenses: [lensAt()], formula: { at: 6, how: "full" } }),
  blame: ({ right }) => ({ at: 8, unit: right[0], open: [], press: null,
    rings: Object.fromEntries(right.map((unit) => [`u1.${unit + 1}`, ""])),
    lenses: [unitBars("Blame: ∂Loss/∂Z₁", ({ pass }) => pass.layers[0].dZ)], formula: { at: 7, how: "full" } }),
  order: () => ({ lenses: [lensAt()], formula: { at: 9, how: "full" } }),
  multiply: () => ({ lenses: [lensAt()], formula: { at: 9, how: "full" } }),
  zero: () => ({ formula: { at: 9, how: "full" } }),
};

function backwardStage(root) {
  const stage = rowStage(root, FACTS);
  return {
    ...stage,
    show: ({ key, stage: { at, unit, input } }) => stage.begin({
      at, unit: unit ?? (key === "zero" ? FACTS.chain.unit - 1 : -1), ...(input === undefined ? {} : { input }),
      ...BEGINS[key]?.(),
    }),
    reveal: ({ key, stage: at }) => {
      stage.set(REVEALS[key]?.(at) ?? {});
      if (key === "multiply" && !stage.more.hasChildNodes()) stage.more.append(movedWeight(stage, at));
    },
  };
}

/** A button that moves a weight to both sides, and compares the two losses with the product. */
function movedWeight({ model, row }, { unit, input }) {
  const base = FACTS.passes[0];
  const name = `W₁[${unit + 1},${input + 1}]`;
  const lossOf = (by) => {
    const layers = model.net.layers.map((layer, l) => (l ? layer : { ...layer,
      W: layer.W.map((weights, j) => weights.map((w, i) => (j === unit && i === input ? w + by : w))) }));
    return passOf({ ...model.net, layers }, base.X, row.y, base.share).part;
  };
  const out = html("div", { role: "status" });
  const button = html("button", { type: "button", class: "first-choice" },
    `Move ${name} by ${short(FACTS.step)}`);
  button.addEventListener("click", () => {
    const [more, less] = [lossOf(FACTS.step), lossOf(-FACTS.step)];
    const product = weightSlope(base, 1, unit, input);
    const difference = (more - less) / (2 * FACTS.step);
    const line = (words, value) => html("tr", {}, html("th", { scope: "row" }, words), html("td", {}, value));
    out.replaceChildren(html("table", {}, html("caption", {}, "The product and the difference"),
      line(`Loss at ${name} + ${short(FACTS.step)}`, nine(more)),
      line(`Loss at ${name} − ${short(FACTS.step)}`, nine(less)),
      line(`their difference / ${short(2 * FACTS.step)}`, nine(difference)),
      line("the product", nine(product))),
    html("p", { class: "note" }, `${alike(product, difference)} The derivative is exact; the difference errs a `
      + "little, because the step is not 0."));
  });
  return html("div", {}, html("p", {}, button), out);
}

/** Nine digits. */
const nine = (value) => value.toPrecision(9).replace("-", "−");

/** How many of the first digits of two numbers are the same. */
function alike(a, b) {
  let digits = 0;
  while (digits < 9 && a.toPrecision(digits + 1) === b.toPrecision(digits + 1)) digits += 1;
  return digits === 0 ? "The first digits differ." : digits === 1 ? "The first digit is the same."
    : `The first ${digits} digits are the same.`;
}

/** Tap the unit with the most blame. */
function tapBlame({ stage, step, values, finish }) {
  const { right } = step.stage;
  const { A, dZ } = stage.state.pass.layers[0];
  const loudest = A.indexOf(Math.max(...A));
  const [w2] = stage.model.net.layers[1].W;
  return {
    node: html("span"),
    show: () => queueMicrotask(() => stage.set({
      open: [1],
      press: (unit) => {
        const text = `unit ${unit + 1}`;
        stage.set({ rings: { [`u1.${unit + 1}`]: "" } });
        if (right.includes(unit)) {
          finish(text, values.say);
        } else if (A[unit] === 0) {
          finish(text, `Unit ${unit + 1} was silent: nothing of the error comes back to it.`, false);
        } else {
          finish(text, `${unit === loudest ? `Unit ${unit + 1} is the loudest, but loudness does not count. ` : ""}It `
            + `spoke with the weight ${plainNumber(w2[unit])} and gets ${plainNumber(dZ[unit])}. Another unit gets more.`,
          false);
        }
      },
    })),
  };
}

/** Put the five factors in order. */
function orderFactors({ stage, step, values, finish }) {
  const { factors, mixed } = step.stage;
  const [unit, input] = [step.stage.unit + 1, step.stage.input + 1];
  const products = ["∂Loss/∂Ŷ", "∂Loss/∂Z₂", `∂Loss/∂A₁[${unit}]`, `∂Loss/∂Z₁[${unit}]`,
    `∂Loss/∂W₁[${unit},${input}]`];
  const SAY = ["Begin at the loss: what stands next to it is Ŷ.", "Ŷ comes from Z₂ by the sigmoid.",
    "Z₂ adds what the units say, each by its weight in W₂.", "A₁ comes from Z₁ by ReLU.",
    "The last step is from Z₁ to the weight."];
  const filled = (order, wrong) => {
    const text = order.map((k) => factors[k].name).join(" · ");
    if (wrong < 0) finish(text, `Right: each running product is a derivative, and the last one is that of ${values.weight}.`);
    else finish(text, `Place ${wrong + 1} is the first that does not fit. ${SAY[wrong]}`, false);
  };
  const chips = factorChips({ factors, mixed, products, filled });
  return { node: html("span"), show: () => queueMicrotask(() => stage.more.append(chips)) };
}

const REASONS = ["∂Loss/∂Ŷ", "σ′(Z₂)", "W₂", "relu′(Z₁)", "X"];

/** Choose a weight whose derivative is 0, or small where none is 0, and say why. */
function chooseZero({ stage, finish }) {
  const { pass } = stage.state;
  const [w2] = stage.model.net.layers[1].W;
  const slopes = pass.layers[0].dZ.map((_, j) => pass.X.map((__, i) => weightSlope(pass, 1, j, i)));
  const sizes = slopes.flat().map(Math.abs);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const here = html("p", { class: "note", role: "status" });
  const choose = (unit, input) => {
    stage.set({ unit, input, rings: { [`u1.${unit + 1}`]: "", [`x.${input + 1}`]: "" } });
    const slope = slopes[unit][input];
    here.textContent = `Chosen: W₁[${unit + 1},${input + 1}], from ${FACTS.inputs[input]} to unit ${
      unit + 1}; its ∂ is ${plainNumber(slope)}.`;
  };
  const layers = [(input) => choose(stage.state.unit, input), (unit) => choose(unit, stage.state.input)];
  // Which factors are 0; where no derivative is 0, which of W₂ and X is small beside its largest.
  const fits = (k, j, i) => {
    const shares = [1, 1, Math.abs(w2[j]) / top(w2), pass.layers[0].slope[j], Math.abs(pass.X[i]) / top(pass.X)];
    return least === 0 ? shares[k] === 0 : k > 1 && shares[k] === Math.min(...shares);
  };
  const buttons = REASONS.map((name, k) => {
    const button = html("button", { type: "button", class: "choice" }, name);
    button.addEventListener("click", () => {
      const { unit, input } = stage.state;
      const size = Math.abs(slopes[unit][input]);
      const text = `W₁[${unit + 1},${input + 1}], because of ${name}`;
      const factors = [pass.dYh[0], null, w2[unit], pass.layers[0].slope[unit], pass.X[input]];
      if (!(least === 0 ? size === 0 : size === least || size <= FACTS.small * most)) {
        finish(text, `The ∂ of this weight is ${plainNumber(slopes[unit][input])}: choose another weight.`, false);
      } else if (fits(k, unit, input)) {
        finish(text, least === 0 ? `Right: ${name} is 0 on the way to this weight, so the whole product is.`
          : `Right: ${name} is ${plainNumber(factors[k])} here, small beside the others of its kind.`);
      } else if (k < 2) {
        finish(text, `${name} is a factor of every weight's ∂, and ${least === 0 ? "not 0" : "the same for all"}.`, false);
      } else {
        finish(text, `${name} is ${plainNumber(factors[k])} here. Another factor makes the product ${
          least === 0 ? "0" : "small"}.`, false);
      }
    });
    return button;
  });
  return {
    node: html("div", {}, here, html("div", { class: "choices reasons", role: "group",
      "aria-label": "The factor" }, ...buttons)),
    show: () => queueMicrotask(() => {
      stage.set({ open: [0, 1], pressWeight: choose,
        press: (place, item) => layers[item.key.startsWith("x.") ? 0 : 1](place) });
      choose(stage.state.unit, stage.state.input);
    }),
  };
}

const top = (values) => Math.max(...values.map(Math.abs), 1e-300);

/**
 * Run the lesson, if the page computes what Python computed.
 * @param {object} lesson its data
 * @param {import("../step.js").LessonPage} page
 */
export function startLesson(lesson, page) {
  FACTS = lesson.facts;
  if (!rowStage(html("div"), FACTS).agrees()) {
    otherNumbers(page.byId("notice"));
    return;
  }
  runLesson({
    data: lesson, page, keys: {}, stage: backwardStage,
    own: {
      blame: { node: tapBlame }, order: { node: orderFactors }, zero: { node: chooseZero },
    },
  });
}

startOnItsPage(startLesson);
