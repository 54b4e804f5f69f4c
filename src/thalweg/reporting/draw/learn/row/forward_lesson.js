// The lesson on forward propagation: the numbers of a row, a sum, silent units, the sigmoid, the loss.

import { html } from "../../dom.js";
import { shownSum } from "../../trace/amounts.js";
import { staircase } from "../../trace/lens.js";
import { forwardTerms } from "../../trace/stop_words.js";
import { runLesson, startOnItsPage } from "../step.js";
import { changeCell, encodingGap } from "./change_cell.js";
import { lensAt, otherNumbers, rowStage } from "./row_stage.js";
import { sigmoidGuess } from "./sigmoid_guess.js";

let FACTS = null; // of the lesson that is shown
const SAME_INPUTS = 1e-12;

/** The staircase of a sum without one of its terms. */
function sumButOne(scene) {
  const unit = scene.subject.units[1];
  const { bias, terms } = forwardTerms(scene, 1, unit);
  const { parts } = shownSum(terms, scene.pass.layers[0].Z[unit], bias);
  const missing = terms[scene.subject.input].key;
  const shown = parts.map((part) => (part.key === missing ? { ...part, value: 0, text: "?" } : part));
  return (width) => staircase(shown, 0, { text: "?", label: `The sum of unit ${unit + 1} without one term` },
    width);
}

// Patches of the stage as a step begins, and once it is answered.
const BEGINS = {
  sum: ({ unit }) => ({ covered: [`u1.${unit + 1}`], lenses: [sumButOne], formula: { at: 1, how: "symbols" } }),
  squash: () => ({ formula: { at: 4, how: "symbols" } }),
  flip: () => ({ lenses: [lensAt(4)], formula: { at: 4, how: "full" } }),
};
const REVEALS = {
  furthest: ({ right }) => ({ input: right[0], lenses: [lensAt()], formula: { at: 0, how: "full" } }),
  sum: () => ({ covered: [], lenses: [lensAt()], formula: { at: 1, how: "full" } }),
  silent: ({ right }) => ({ at: 2, open: [], press: null,
    rings: Object.fromEntries(right.map((unit) => [`u1.${unit + 1}`, ""])) }),
  squash: () => ({ at: 4, drag: null, lenses: [lensAt()], formula: { at: 4, how: "full" } }),
  price: () => ({ at: 5, lenses: [lensAt()], formula: { at: 5, how: "full" } }),
};

function forwardStage(root) {
  const stage = rowStage(root, FACTS);
  return {
    ...stage,
    show: ({ key, stage: { at, unit, input } }) => stage.begin({
      at, unit: unit ?? -1, ...(input === undefined ? {} : { input }),
      ...BEGINS[key]?.({ unit }),
    }),
    reveal: ({ key, stage: at }) => stage.set(REVEALS[key]?.(at) ?? {}),
  };
}

/** Tap the input that is furthest from the middle. */
function tapInput({ stage, step, finish }) {
  const { right } = step.stage;
  const { X } = stage.state.pass;
  const [names, size] = [stage.facts.inputs, Math.abs(X[right[0]])];
  return {
    node: html("span"),
    show: () => queueMicrotask(() => stage.set({
      input: -1, drawn: right[0], open: [0],
      press: (input) => {
        stage.set({ input, rings: { [`x.${input + 1}`]: "" } });
        if (right.includes(input)) {
          finish(names[input], `Right: ${names[input]} is ${signedSize(X[input])} the middle.`);
        } else {
          finish(names[input], `${names[input]} is ${signedSize(X[input])}: another one is ${
            size > 2 * Math.abs(X[input]) ? "more than twice as far" : "further"}.`, false);
        }
      },
    })),
  };
}

const signedSize = (x) => (x === 0 ? "in the middle, not away from" : `${Number(Math.abs(x).toPrecision(3))} ${
  x > 0 ? "above" : "below"}`);

/** Tap all silent units. */
function tapSilent({ stage, step, finish }) {
  const { right } = step.stage;
  const taken = new Set();
  const key = (unit) => `u1.${unit + 1}`;
  const count = html("p", { class: "note", role: "status" }, "No unit is chosen.");
  const list = (units) => units.map((unit) => unit + 1).join(", ");
  const press = (unit) => {
    if (!taken.delete(unit)) taken.add(unit);
    count.textContent = taken.size ? `Chosen: ${list([...taken].sort((a, b) => a - b))}.` : "No unit is chosen.";
    stage.set({ rings: Object.fromEntries([...taken].map((each) => [key(each), ""])) });
  };
  const check = html("button", { type: "button", class: "first-choice" }, "Check");
  check.addEventListener("click", () => {
    const text = taken.size ? `units ${list([...taken].sort((a, b) => a - b))}` : "none";
    const missing = right.filter((unit) => !taken.has(unit));
    const wrong = [...taken].filter((unit) => !right.includes(unit));
    if (!missing.length && !wrong.length) {
      finish(text, right.length ? `Right: ${right.length} of ${stage.state.pass.layers[0].Z.length} are `
        + "silent, and the others speak." : "Right: for this row, every unit speaks.");
      return;
    }
    stage.set({ rings: Object.fromEntries([...[...taken].map((unit) => [key(unit), ""]),
      ...missing.map((unit) => [key(unit), "missing"]), ...wrong.map((unit) => [key(unit), "speaks"])]) });
    const parts = [missing.length ? `${missing.length} silent ${missing.length === 1 ? "one is" : "ones are"} missing`
      : "", wrong.length ? `${wrong.length} of yours ${wrong.length === 1 ? "speaks" : "speak"}` : ""];
    finish(text, `Not yet: ${parts.filter(Boolean).join(", and ")}. Look at the signs of Z₁.`, false);
  });
  return {
    node: html("div", {}, count, html("p", {}, check)),
    show: () => queueMicrotask(() => stage.set({ open: [1], press })),
  };
}

/**
 * Run the lesson, if the page computes what Python computed.
 * @param {object} lesson its data
 * @param {import("../step.js").LessonPage} page
 */
export function startLesson(lesson, page) {
  FACTS = lesson.facts;
  const probe = rowStage(html("div"), FACTS);
  if (!probe.agrees() || !(encodingGap(FACTS) <= SAME_INPUTS)) {
    otherNumbers(page.byId("notice"));
    return;
  }
  runLesson({
    data: lesson, page, keys: {}, stage: forwardStage,
    own: {
      furthest: { node: tapInput }, silent: { node: tapSilent }, squash: { node: sigmoidGuess },
      flip: { node: changeCell },
    },
  });
}

startOnItsPage(startLesson);
