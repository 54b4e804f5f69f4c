// What a reader takes away: the report, predictions, the model file; and how to do the same elsewhere.

import { html } from "/draw/dom.js";
import { copyText } from "/draw/learn/link_state.js";
import { whole } from "/draw/numbers.js";
import { FILES } from "../table/empty_state.js";
import { errorBox } from "../table/error_box.js";
import { findingList } from "../table/findings.js";
import { bytesInWords } from "../table/upload.js";
import { button } from "./fit_list.js";
import { laterFixes } from "./later_fixes.js";

/** The command and the Python of an answer, folded. */
export function recipes({ command, python }) {
  const one = (title, words, text) => {
    const copy = button(`Copy as ${words}`, () => copyText(copy, text));
    return html("div", { class: "recipe" }, html("h3", {}, title),
      html("pre", { tabindex: "0", role: "group", "aria-label": title }, text), copy);
  };
  return html("details", { class: "elsewhere" }, html("summary", {}, "The same elsewhere"),
    one("Command", "command", command), one("Python", "Python", python));
}

/**
 * @param {HTMLElement} root
 * @param {object} acts
 * @returns {{update: (state: object) => void}}
 */
export function makeTakeAway(root, acts) {
  const file = html("input", { type: "file", class: "unseen", tabindex: "-1", "aria-label": "New rows", accept: FILES });
  const report = button("", acts.report, { id: "make-report" });
  const predict = button("", () => acts.predict(), { id: "predict-table" });
  const more = button("Predict a new file", () => file.click(), { id: "predict-file" });
  const [reportMade, predictionsMade, model] = [html("div", {}), html("div", {}), html("div", {})];
  const shown = { report: undefined, predictions: undefined, facts: null };
  file.addEventListener("change", () => {
    const [chosen] = file.files;
    file.value = "";
    if (chosen) acts.predictFile(chosen);
  });
  root.replaceChildren(html("h2", {}, "Take it with you"),
    html("p", { class: "acts" }, report), reportMade,
    html("p", { class: "acts" }, predict, more, file), predictionsMade, model);

  function made(box, kind, { made: files, troubles }, words) {
    const now = troubles[kind] ?? files[kind] ?? null;
    if (now === shown[kind]) return;
    shown[kind] = now;
    box.replaceChildren(...(!now ? [] : troubles[kind] ? [errorBox(now, ...fixes(kind, now))]
      : [html("p", { class: "soft" }, words(now)),
        ...(kind === "predictions" ? [warned(now.document)] : []),
        html("p", {}, link(now, `Download it again (${bytesInWords(now.bytes)})`)), recipes(now)]));
  }

  const fixes = (kind, error) => (kind !== "predictions" ? [] : laterFixes(error).map(({ words, choices }) =>
    button(words, () => acts.predictWith(choices), { class: "main" })));

  return {
    update(state) {
      const { busy, connection, table, facts } = state;
      const isOff = connection.state !== "open";
      report.textContent = busy.report ?? "Report";
      report.disabled = Boolean(busy.report) || isOff || !facts.page;
      const isOther = state.d && state.d !== facts.table;
      predict.textContent = busy.predictions ?? (isOther && table ? `Predictions of ${table.name}` : "Predictions");
      for (const each of [predict, more]) each.disabled = Boolean(busy.predictions) || isOff;
      predict.disabled ||= !facts.table && !state.d;
      made(reportMade, "report", state, ({ file: name }) => `${name}: one HTML file. It opens in any browser, without `
        + "the studio and without a network.");
      made(predictionsMade, "predictions", state, ({ file: name, document: { result } }) =>
        `${name}: ${whole(result.rows)} rows.`);
      if (facts !== shown.facts) {
        shown.facts = facts;
        model.replaceChildren(html("p", {}, link({ kind: "model", id: facts.model, file: facts.file },
          `Download the model (${bytesInWords(facts.bytes)})`)), ...(facts.command ? [recipes(facts)] : []));
      }
    },
  };
}

/** What the command line would warn of and note. */
function warned({ data, warnings }) {
  const notes = (data?.notes ?? []).map((sentence) => ({ severity: "note", sentence, fixes: [] }));
  const found = warnings.map(({ text, fix }) => ({ severity: "caution", sentence: text, fix: fix.replace(/\.$/, ""), fixes: [] }));
  return findingList([...found, ...notes], "new");
}

function link({ kind, id, file }, words) {
  return html("a", { href: `/downloads/${kind}/${id}`, download: file }, words);
}
