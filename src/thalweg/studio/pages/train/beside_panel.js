// Beside the runs: the default model, boosted trees and a linear model, and a search for settings.

import { html } from "/draw/dom.js";
import { short, whole } from "/draw/numbers.js";
import { button, makeFitList, selecting } from "../decide/fit_list.js";
import { isRevealed } from "../decide/held_out_lock.js";
import { errorBox } from "../table/error_box.js";
import { searchAskedFor } from "./beside_acts.js";
import { leastOf } from "./curves.js";
import { write } from "./run_chips.js";
import { runsShown } from "./runs_now.js";

const SPACES = [["small", "small"], ["wide", "wide"]];

/**
 * @param {HTMLElement} root
 * @param {object} acts
 * @returns {{update: (state: object) => void}}
 */
export function makeBesidePanel(root, acts) {
  const fit = button("Train the default model", acts.fit, { id: "fit-beside" });
  const running = html("ul", { class: "fits" });
  const trouble = html("div", {});
  const results = html("div", { class: "results" });
  const fits = makeFitList(running, acts);
  const search = makeSearchForm(acts);
  const cutOff = html("div", {});
  let [shown, error, cut, key] = [null, null, null, ""];
  root.replaceChildren(html("h2", { id: "beside-title" }, "Beside the runs"),
    html("p", { class: "soft" }, "The default model of thalweg, with boosted trees and a linear model on the same rows."),
    html("p", {}, fit), search.node, cutOff, running, trouble, results);

  function tellResults(state) {
    const { beside, d, c } = state;
    const known = beside && beside.table === d && beside.c === c ? beside : null;
    const models = known?.models ?? [];
    const revealed = models.map(({ figures }) => figures && isRevealed(figures));
    const runs = runsShown(state);
    const lowest = runs.map((run) => leastOf(run.curve.valid));
    const now = JSON.stringify([models.map(({ model }) => model), revealed, runs.map(({ id }) => id),
      lowest.map((each) => each?.value)]);
    if (now === key && known === shown) return;
    [key, shown] = [now, known];
    const judged = models.filter(({ figures }) => figures);
    results.replaceChildren(...models.map((model, i) => modelPart(model, revealed[i], acts)),
      ...(known?.more ? [html("p", { class: "soft" }, `${whole(known.more)} more are in Decide.`)] : []),
      ...(judged.length ? runsPart(runs, lowest, judged[0].figures, known.scale) : []));
  }

  return {
    update(state) {
      const { table, d, busy, troubles, connection, fits: all, beside, besideError } = state;
      root.hidden = !table?.target;
      const here = all.filter((each) => each.table === d);
      const isOff = connection.state !== "open" || Boolean(busy.fit);
      fit.disabled = isOff || here.some((each) => !each.is_search);
      fits.update({ ...state, fits: here });
      search.update(state, isOff || here.some((each) => each.is_search));
      const said = troubles.fit ?? besideError;
      if (said !== error) {
        error = said;
        trouble.replaceChildren(...(said ? [errorBox(said)] : []));
      }
      const begun = beside?.table === d && beside.c === state.c && !here.some((each) => each.is_search)
        ? beside.cut_off : null;
      if (begun !== cut) {
        cut = begun;
        cutOff.replaceChildren(...(begun ?? []).map(({ asked, trials }) => html("p", { class: "cut-off" },
          `A search was cut off after ${whole(trials)} ${trials === 1 ? "trial" : "trials"}. `,
          button("Go on with it", () => acts.goOn(asked), { "data-asks": true }))));
      }
      tellResults(state);
    },
  };
}

/** Minutes, trials, what is tried; and the button. */
function makeSearchForm({ tune, setTune }) {
  const field = (id, more) => selecting(html("input", { id, type: "text", inputmode: "numeric", autocomplete: "off",
    maxlength: "6", "aria-describedby": `${id}-hint`, ...more }));
  const controls = { minutes: field("tune-minutes"), trials: field("tune-trials"),
    space: html("select", { id: "tune-space" }, ...SPACES.map(([value, words]) => html("option", { value }, words))) };
  const go = html("button", { type: "submit", id: "tune" }, "Search");
  const trouble = html("div", {});
  const row = (id, words, control, hint) => html("p", { class: "field" }, html("label", { for: id }, words), control,
    hint ? html("small", { id: `${id}-hint` }, hint) : null);
  const form = html("form", { "aria-label": "Search for settings" },
    row("tune-minutes", "Minutes", controls.minutes, "1 to 60. The evaluation comes after them."),
    row("tune-trials", "Trials", controls.trials, "Or so many; the first one is the default. With a number and no "
      + "minutes, the model is the same each time."),
    row("tune-space", "What is tried", controls.space), html("p", {}, go), trouble);
  for (const [name, control] of Object.entries(controls)) {
    control.addEventListener(name === "space" ? "change" : "input", () => setTune({ [name]: control.value }));
  }
  let latest = null;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    try {
      const asked = searchAskedFor(latest);
      trouble.replaceChildren();
      tune(asked);
    } catch (why) {
      if (!why.said) throw why;
      trouble.replaceChildren(errorBox(why.said));
    }
  });
  return {
    node: html("details", { class: "tune" }, html("summary", {}, "Search for better settings"), form),
    update({ tuneSetup, busy }, isOff) {
      latest = tuneSetup;
      for (const [name, control] of Object.entries(controls)) {
        if (control.value !== tuneSetup[name]) control.value = tuneSetup[name];
      }
      go.disabled = isOff;
      write(go, busy.fit ?? "Search");
    },
  };
}

function modelPart({ model, file, made, figures }, isOpen, { openModel }) {
  const open = html("p", {}, button("Open it in Decide", () => openModel(model)));
  const title = html("h3", {}, html("bdi", {}, file));
  if (!figures) {
    return html("section", { class: "beside-model" }, title,
      html("p", { class: "soft" }, "It has no loss that could stand beside those of the runs."), open);
  }
  const how = html("p", { class: "soft" }, `${figures.how}.`);
  if (!isOpen) {
    return html("section", { class: "beside-model" }, title, how,
      html("p", {}, "What these rows say is locked until it is revealed once, in Decide. So the losses of "
        + `${subjects(figures)} are not shown here.`),
      made === "fit" && figures.fold ? html("p", {}, foldWords(figures)) : null, open);
  }
  return html("section", { class: "beside-model" }, title, how, lossTable(figures),
    html("details", {}, html("summary", {}, "What that shows"), html("p", { class: "soft" }, figures.sentence)), open);
}

const subjects = ({ losses }) => {
  const names = losses.map(({ subject }) => subject).filter((each) => !each.startsWith("always"));
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");
};

const foldWords = ({ fold: { value, networks }, measure }) => `On training rows that it did not learn from, `
  + `${networks > 1 ? `the first of ${whole(networks)} networks` : "the network"} has a ${measure} of ${short(value, 3)}. `
  + "These rows have chosen when the training ended, so it is a little too low.";

const unitOf = ({ of, unit }) => (of === "log_loss" ? "nats" : unit || "unit of the target");

function lossTable(figures) {
  const { losses, measure } = figures;
  const row = ({ subject, value, low, high }) => html("tr", {}, html("th", { scope: "row" }, subject),
    html("td", {}, short(value, 3), html("small", {}, ` ${short(low, 3)} to ${short(high, 3)}`)));
  return html("table", { class: "losses" }, html("caption", {}, `${measure}, ${unitOf(figures)}; 95 % interval`),
    html("tbody", {}, ...[...losses].sort((a, b) => a.value - b.value).map(row)));
}

/** The runs in the same unit, and why the numbers are not compared. */
function runsPart(runs, lowest, figures, scale) {
  const rows = runs.flatMap((run, i) => {
    const value = lowest[i] && sameUnit(lowest[i].value, run, figures, scale);
    return value === null || value === undefined ? [] : [{ run, value, step: lowest[i].step }];
  });
  if (!rows.length) {
    return runs.length ? [html("p", { class: "soft" },
      `The runs that are shown have no held-out loss in ${unitOf(figures)}.`)] : [];
  }
  return [html("section", { class: "beside-model" }, html("h3", {}, "The runs, on the rows that they hold out"),
    html("table", { class: "losses" }, html("caption", {}, `Lowest ${figures.measure} so far, ${unitOf(figures)}`),
      html("tbody", {}, ...rows.map(({ run, value, step }) => html("tr", {}, html("th", { scope: "row" }, html("bdi", {}, run.title)),
        html("td", {}, short(value, 3), html("small", {}, ` step ${whole(step)}`)))))),
    html("p", { class: "soft honest" }, "These are other rows than those of the model, which are drawn for themselves. "
      + "And each run has the lowest of many steps, which its held-out rows have chosen. So a lower number does not show "
      + "that a run is better than the model, or worse."))];
}

/** The held-out loss of a run in the unit of a model; null where it has none. */
function sameUnit(loss, run, { of }, scale) {
  if (of === "log_loss") return loss;
  // Half the square, in standard deviations of the target; the network of a fit has a scale of its own.
  return scale !== null && run.settings.preset !== "default" ? scale * Math.sqrt(2 * loss) : null;
}
