// One cell of the row is changed, and the answer may turn; `one_cell.py` searches the same values.

import { html } from "../../dom.js";
import { short } from "../../numbers.js";
import { passOf } from "../../trace/passes.js";
import { cellControl, encoderOf, slidesOf } from "../../trace/what_if_row.js";

/** The values that a cell can have, all within the training table. */
function cellValues(control) {
  if (control.as === "list") return control.levels.map(([code]) => code);
  if (control.as !== "number") return [];
  const { low, high } = control;
  const step = slidesOf(control);
  return Array.from({ length: Math.round((high - low) / step) + 1 }, (_, k) => low + k * step);
}

/** What a changed cell does. @param {object} stage */
export function changesOf({ facts, model, row }) {
  const { controls, rows: [cells] } = facts.changed;
  const encode = encoderOf(facts.changed, facts.inputs.length);
  const base = facts.passes[0];
  const isHigh = base.Yh[0] > 0.5;
  const changed = (own, value) => {
    const { place, places } = controls[own];
    const given = cells.map((cell, k) => (!places.includes(k) ? cell
      : k === place ? value : value === null ? null : 0));
    const pass = passOf(model.net, encode(given), row.y, base.share);
    return { own, value, pass, moved: Math.hypot(...pass.X.map((x, k) => x - base.X[k])),
      flips: (pass.Yh[0] > 0.5) !== isHigh };
  };
  const all = () => controls.flatMap((control, own) => cellValues(control)
    .filter((value) => value !== cells[control.place]).map((value) => changed(own, value)));
  const best = () => {
    const found = all();
    const turned = found.filter(({ flips }) => flips);
    const far = ({ pass }) => (isHigh ? 1 : -1) * pass.Yh[0];
    return turned.length ? turned.reduce((a, b) => (b.moved < a.moved ? b : a))
      : found.reduce((a, b) => (far(b) < far(a) ? b : a));
  };
  const cellWords = ({ own, value }) => {
    const { as, levels, name } = controls[own];
    const words = as === "list" ? levels.find(([code]) => code === value)?.[1] ?? "?" : short(value, 5);
    return `${name} to ${words}`;
  };
  return { controls, cells, changed, best, cellWords };
}

/** The gap of the page's encoding to Python's, relative to 1. */
export function encodingGap(facts) {
  const found = encoderOf(facts.changed, facts.inputs.length)(facts.changed.rows[0]);
  return Math.max(...facts.passes[0].X.map((x, i) => Math.abs(x - found[i]) / Math.max(1, Math.abs(x))));
}

const AS_NEAR = 1e-9;

/** The question: press an input, move its cell. */
export function changeCell({ stage, finish, values }) {
  const { controls, cells, changed, best, cellWords } = changesOf(stage);
  const target = best();
  const own = { now: null, chosen: -1 };
  const box = html("div", {}, html("p", { class: "note" }, "No input is pressed yet."));
  const said = html("p", { role: "status", class: "say" });
  const reset = html("button", { type: "button" }, "Back to the row");
  const show = (change) => {
    const raw = change && (controls[change.own].as === "list"
      ? controls[change.own].levels.find(([code]) => code === change.value)?.[1] : change.value);
    stage.set({
      pass: change?.pass ?? stage.facts.passes[0],
      cells: change ? Object.fromEntries(stage.facts.inputs_of[change.own].map((i) => [i - 1, raw])) : {},
    });
    reset.disabled = !change;
    said.textContent = change ? `${cellWords(change)}: X moves by ${short(change.moved, 3)}, Ŷ is ${
      short(change.pass.Yh[0], 3)}.` : "";
  };
  const choose = (input) => {
    own.chosen = stage.facts.inputs_of.findIndex((inputs) => inputs.includes(input + 1));
    box.replaceChildren(cellControl(controls[own.chosen], cells, (value) => {
      own.now = changed(own.chosen, value);
      show(own.now);
      answer(own.now);
    }));
    stage.set({ input, rings: { [`x.${input + 1}`]: "" } });
    show(null);
  };
  const answer = (change) => {
    const text = `${cellWords(change)}, X moved by ${short(change.moved, 3)}`;
    const least = `the best single cell is ${cellWords(target)}, by ${short(target.moved, 3)}`;
    if (target.flips && change.flips) {
      finish(text, change.moved <= target.moved * (1 + AS_NEAR)
        ? `It is ${values.other} now, and no single cell does it with less.`
        : `It is ${values.other} now, with X moved by ${short(change.moved, 3)}. Of all single cells, ${least}.`);
    } else if (!target.flips && Math.abs(change.pass.Yh[0] - target.pass.Yh[0]) <= AS_NEAR) {
      finish(text, `Right: this is as near as one cell comes, Ŷ = ${short(change.pass.Yh[0], 3)}. More `
        + "than one would have to change.");
    }
  };
  reset.addEventListener("click", () => {
    if (own.chosen >= 0) choose(stage.state.input);
  });
  reset.disabled = true;
  return {
    node: html("div", { class: "change-cell" }, box, said, html("p", {}, reset)),
    show: () => queueMicrotask(() => stage.set({ open: [0], press: choose,
      drawn: stage.facts.inputs_of[target.own][0] - 1 })),
  };
}
