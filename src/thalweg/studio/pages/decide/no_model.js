// No model is open: train the default one of the open table, see how far it is, or open a kept one.

import { html } from "/draw/dom.js";
import { whole } from "/draw/numbers.js";
import { errorBox } from "../table/error_box.js";
import { button, makeFitList, makeModelList } from "./fit_list.js";

/**
 * @param {HTMLElement} root
 * @param {object} acts
 * @returns {{update: (state: object) => void, destroy: () => void}}
 */
export function makeNoModel(root, acts) {
  const title = html("h1", { tabindex: "-1" });
  const words = html("p", {});
  const trouble = html("div", {});
  const train = button("Train the model", acts.fit, { class: "main", id: "train-model" });
  let leads = acts.toTable;
  const other = button("Choose a table", () => leads(), { class: "main" });
  const go = html("p", { class: "acts" }, train, other);
  const running = html("ul", { class: "fits" });
  const kept = html("ul", { class: "earlier" });
  const before = html("section", {}, html("h2", {}, "Models that are kept"), kept);
  const fits = makeFitList(running, acts);
  const models = makeModelList(kept, acts);
  let error;
  root.replaceChildren(html("div", { class: "empty" }, title, words, trouble, go, running, before));

  return {
    update(state) {
      const { table, d, fits: now, troubles, m, models: all, busy, connection } = state;
      const target = table?.target ?? null;
      const here = now.some((fit) => fit.table === d);
      title.textContent = m ? (troubles.facts ? "This model cannot be opened" : "Opening the model")
        : here ? "The model is being trained"
          : target ? `Decide: train a model of ${target.name}` : d ? "Decide needs a column to predict"
            : "Decide needs a model";
      words.textContent = m ? (troubles.facts ? "" : `${busy.facts ?? "Asking for it"}.`) : wordsOf(table, target, here, d);
      train.hidden = here || Boolean(m) || !target;
      train.textContent = busy.fit ?? "Train the model";
      train.disabled = Boolean(busy.fit) || connection.state !== "open";
      other.hidden = here || (m ? !troubles.facts : Boolean(target && !troubles.fit));
      other.textContent = m ? "To the other models" : d ? "To the table" : "Choose a table";
      leads = m ? acts.leave : acts.toTable;
      const said = m ? troubles.facts : troubles.fit;
      if (said !== error) {
        error = said;
        trouble.replaceChildren(...(said ? [errorBox(said)] : []));
      }
      fits.update(state);
      models.update(state);
      before.hidden = !all?.length || Boolean(m && !troubles.facts);
    },
    destroy: () => root.replaceChildren(),
  };
}

function wordsOf(table, target, isRunning, d) {
  if (isRunning) {
    return "The default model is trained in a process of its own, with boosted trees and a linear model beside it "
      + "on the same rows. Other places stay open meanwhile, and the model opens here when it is ready.";
  }
  if (target) {
    return `The default model of thalweg learns from ${table.name} (${whole(table.rows)} rows) with what was chosen `
      + "in Table. Boosted trees and a linear model learn from the same rows, and all are evaluated on rows that "
      + "trained none of them.";
  }
  return d ? "Choose it in the place Table; then a click trains the model."
    : "Open a table and train one, or open one that is kept.";
}
