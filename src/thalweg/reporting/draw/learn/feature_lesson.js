// The lesson on feature engineering: losses on raw, scaled and encoded columns, at a rate to choose.

import { html, responsive } from "../dom.js";
import { short } from "../numbers.js";
import { lossLines } from "./loss_lines.js";
import { runLesson, startOnItsPage } from "./step.js";

let FACTS = null; // of the lesson that is shown
const HIGHEST = 3; // of a loss that is drawn: a line above it has left the picture

function featureStage(root, link, changed) {
  const state = { rate: link.rate, shown: ["raw"], own: false };
  const title = html("h3");
  const box = html("div", { class: "picture" });
  const slider = html("input", { type: "range", id: "rate", min: 0, max: FACTS.rates.length - 1,
    step: 1 });
  const output = html("output", { for: "rate" });
  const said = html("p", { class: "say", role: "status", "aria-live": "polite" });
  const control = html("div", { class: "controls" }, html("div", { class: "slider-of-h",
    "data-part": "rate" }, html("label", { for: "rate" }, "rate"), slider, output));
  root.append(title, box, control, said);
  const placeOf = (way) => (state.own ? FACTS.lines[way].stable : state.rate);
  const redraw = responsive(box, (width) => lossLines(width, FACTS.steps, state.shown.map((way) => ({
    name: way, look: FACTS.lines[way].look, values: FACTS.lines[way].losses[placeOf(way)],
  })), { top: HIGHEST, label: "Training losses by step", up: "training loss" }));
  const show = () => {
    title.textContent = state.own ? "Each way at its own largest stable rate" : "Training loss by step";
    control.hidden = state.own;
    slider.value = state.rate;
    output.textContent = short(FACTS.rates[state.rate], 2);
    slider.setAttribute("aria-valuetext", output.textContent);
    said.textContent = state.shown.map((way) => inWords(way, placeOf(way))).join(" ");
    redraw();
  };
  slider.addEventListener("input", () => {
    state.rate = Number(slider.value);
    show();
    changed({ rate: state.rate });
  });
  const set = (patch) => {
    Object.assign(state, { own: false }, patch);
    show();
  };
  show();
  return {
    show: (step, restored) => set(restored ? { ...step.stage, rate: link.rate } : step.stage),
    reveal: (step) => {
      if (step.key !== "break") set({ ...step.stage, ...step.revealed });
    },
    restore: ({ rate }) => set({ rate }),
  };
}

function inWords(way, place) {
  const { losses, stable } = FACTS.lines[way];
  const values = losses[place];
  const rate = short(FACTS.rates[place], 2);
  const last = values.at(-1);
  const end = last === null ? "the loss is not finite any more" : `the loss ends at ${short(last, 3)}`;
  const how = place <= stable ? "stable" : "not stable, at least one step raises the loss";
  return `On ${way} columns at the learning rate ${rate}: ${how}; ${end}.`;
}

/** Start the lesson in a page. @param {object} lesson its data @param {import("./step.js").LessonPage} page */
export function startLesson(lesson, page) {
  FACTS = lesson.facts;
  runLesson({
    data: lesson,
    keys: { rate: { kind: "whole", from: 0, to: FACTS.rates.length - 1, usual: 0 } },
    stage: featureStage,
    page,
    own: {
      break: {
        watch: ({ rate }) => (rate <= FACTS.lines.raw.stable ? null : {
          right: true, text: `rate ${short(FACTS.rates[rate], 2)}`,
          say: `At ${short(FACTS.rates[rate], 2)} a step raises the loss. The largest stable rate here is ${
            short(FACTS.rates[FACTS.lines.raw.stable], 2)}.`,
        }),
      },
    },
  });
}

startOnItsPage(startLesson);
