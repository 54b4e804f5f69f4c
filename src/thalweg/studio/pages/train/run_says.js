// What the runs say, at the right: what happened, the run in focus, how to change it, its recipe.

import { html } from "/draw/dom.js";
import { copyText } from "/draw/learn/link_state.js";
import { short, whole } from "/draw/numbers.js";
import { bestOf, lossOf, pointAt } from "./curves.js";
import { makeRateField } from "./rate_field.js";
import { write } from "./run_chips.js";
import { DIGITS, gateWords, measuredWords, runInFocus, runsShown, stateOf } from "./runs_now.js";

/**
 * @param {HTMLElement} root
 * @param {object} acts
 */
export function makeRunSays(root, { fork, trainFrom, askRecipe }) {
  const news = html("ul", { class: "news" });
  const title = html("h2", { id: "focus-title" });
  const facts = html("dl", { class: "facts" });
  const rate = makeRateField("new-rate");
  const rule = html("input", { id: "new-rule", autocomplete: "off", spellcheck: "false", maxlength: "400",
    placeholder: "adam:lr=0.01" });
  const goOn = html("button", { type: "submit", class: "main", id: "go-on", "data-asks": true });
  const anew = html("button", { type: "button", id: "train-from", "data-asks": true }, "Train from here");
  const change = html("form", { class: "change", "aria-label": "Change this run" },
    html("h3", { id: "change-title" }, "Change, and go on from here"),
    html("p", { class: "field" }, html("label", { for: "new-rate" }, "Learning rate"), rate.node, rate.hint),
    html("p", { class: "field" }, html("label", { for: "new-rule" }, "or another rule"), rule),
    html("p", {}, goOn),
    html("p", { class: "field" }, anew, html("small", {}, "A new run from this point, with step 0 and an empty memory.")));
  const trouble = html("p", { class: "trouble", role: "alert", hidden: true });
  const code = html("pre", { tabindex: "0", role: "group", "aria-label": "Python of this run" });
  const copy = html("button", { type: "button" }, "Copy as Python");
  const recipe = html("details", { class: "recipe", id: "run-recipe" }, html("summary", {}, "The same in Python"),
    code, copy);
  const own = html("section", {}, title, facts, change, trouble, recipe);
  root.replaceChildren(html("section", {}, html("h2", {}, "What happened"), news), own);
  let [shown, wanted] = [null, ""];

  function complain(words) {
    trouble.hidden = !words;
    trouble.textContent = words;
  }

  change.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = rate.node.value.trim();
    if (said && !(Number(said) > 0)) {
      complain(`The rate ${said} cannot be used: it has to be a number above 0. Write one such as 0.01.`);
      return;
    }
    if (!said && !rule.value.trim()) {
      complain("Nothing is changed. Write a rate or a rule.");
      return;
    }
    if (shown.step >= shown.run.total) {
      complain(`Step ${whole(shown.step)} is the last one of this run: no step would follow it. Go back to an earlier `
        + "one, or train from this point.");
      return;
    }
    complain("");
    fork(shown.run, { step: shown.step, ...(rule.value.trim() ? { rule: rule.value.trim() } : {}),
      ...(said ? { rate: Number(said) } : {}) });
  });
  anew.addEventListener("click", () => {
    complain("");
    trainFrom(shown.run, shown.step, rule.value.trim() || shown.run.rule);
  });
  copy.addEventListener("click", () => copyText(copy, code.textContent));
  recipe.addEventListener("toggle", () => {
    wanted = "";
    if (recipe.open && shown) askRecipe(shown.run, shown.step);
  });

  return {
    update(state) {
      tellNews(news, state, fork);
      const run = runInFocus(state);
      own.hidden = !run;
      if (!run) return;
      const step = Math.max(run.first, Math.min(state.t, run.step));
      if (shown?.run.id !== run.id) {
        rate.node.value = "";
        rule.value = "";
        complain("");
      }
      shown = { run, step };
      write(title, run.title);
      tellFacts(facts, run, step, state.t);
      write(goOn, `Go on from step ${whole(step)}`);
      write(anew, `Train from the point of step ${whole(step)}`);
      const before = pointAt(run.curve.rate, step);
      rate.tell(before ? before.value : null);
      const told = state.recipe;
      const isHere = told?.run === run.id && told.step === step;
      write(code, isHere ? told.python : "It is written when the runs rest.");
      copy.hidden = !isHere;
      const key = `${run.id} ${step}`;
      if (recipe.open && run.state !== "running" && key !== wanted) {
        wanted = key;
        askRecipe(run, step);
      }
    },
    destroy: () => root.replaceChildren(),
  };
}

/** Whether a run makes no further step. */
const isOver = ({ state }) => state === "ended" || state === "diverged";

function tellFacts(list, run, step, t) {
  const best = bestOf(run.curve);
  const rate = pointAt(run.curve.rate, step);
  const rows = [
    ["State", run.why && run.state !== "ended" ? `${stateOf(run)}: ${run.why}` : stateOf(run)],
    ["Rule", run.rule],
    ["Step", t > run.step ? `${whole(step)}, ${isOver(run) ? "its last one" : "its newest one"}` : t < run.first ? `${whole(step)}, its first one` : whole(step)],
    ["Loss", measuredWords(lossOf(run.curve), step, DIGITS) || "not measured yet"],
    ["Held out", measuredWords(run.curve.valid, step, DIGITS) || null],
    ["Rate", rate && short(rate.value)],
    ["Best measured", best.value === undefined ? null : `${short(best.value, DIGITS)} at step ${whole(best.step)} (${best.of} rows)`],
  ].filter(([, value]) => value !== null);
  if (list.children.length !== 2 * rows.length) {
    list.replaceChildren(...rows.flatMap(() => [html("dt"), html("dd")]));
  }
  rows.forEach(([name, value], i) => {
    write(list.children[2 * i], name);
    write(list.children[2 * i + 1], value);
  });
}

/** What happened, newest things that need an answer first; written again only when it has changed. */
function tellNews(list, state, fork) {
  const runs = runsShown(state);
  const bad = runs.filter((run) => run.state === "diverged");
  const stuck = runs.filter((run) => run.state === "paused" && run.why);
  const late = runs.filter((run) => run.state === "running" && run.gate === "late");
  const gate = gateWords(runs);
  const ended = runs.filter((run) => run.state === "ended");
  const made = Math.max(0, ...runs.map(({ step }) => step));
  const key = JSON.stringify([bad.map(({ id, divergence }) => [id, divergence]), ended.length, runs.length,
    stuck.map(({ id, why }) => [id, why]), late.map(({ id }) => id), gate, state.live ? 0 : [state.t, made]]);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  const items = [
    ...bad.map((run) => divergedItem(run, state.t, fork)),
    ...stuck.map((run) => html("li", { class: "severe" }, html("bdi", {}, `${run.title} rests: ${run.why}`))),
    ...late.map((run) => html("li", { class: "severe" }, html("bdi", {},
      `${run.title} is late: its process does not answer yet. The other runs go on without it.`))),
    gate ? html("li", {}, gate) : null,
    !state.live && made > state.t ? html("li", { class: "stale" },
      `You look at step ${whole(state.t)}; the runs are at step ${whole(made)}.`) : null,
    ended.length ? html("li", {}, ended.length === runs.length ? "All steps of all runs were made."
      : `${ended.map(({ title }) => title).join(", ")}: all steps were made.`) : null,
  ].filter(Boolean);
  list.replaceChildren(...(items.length ? items : [html("li", {}, runs.length
    ? "No run has diverged." : "No run is shown.")]));
}

function divergedItem(run, t, fork) {
  const { divergence: bad, title, rule } = run;
  const item = html("li", { class: "severe" },
    html("p", {}, html("b", {}, `${title} diverged at step ${whole(bad.step)}, in layer ${bad.layer}. `),
      html("bdi", {}, `${bad.what}.`.replace(/\.\.$/, "."))));
  if (bad.rate === null) {
    item.append(html("p", {}, html("bdi", {}, `To fix it: ${bad.fix}.`)));
    return item;
  }
  const step = t < run.step && t >= run.first ? t : run.first;
  const again = html("button", { type: "button", "data-asks": true },
    `Go on from step ${whole(step)} at rate ${short(bad.rate)}`);
  again.addEventListener("click", () => fork(run, { step, rate: bad.rate }));
  const was = /lr=([^,]*)/.exec(rule)?.[1];
  item.append(html("p", {}, `A smaller rate may hold: ${short(bad.rate)}${was ? ` in place of ${was}` : ""}.`), again);
  return item;
}
