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

/** What a report is to hold: folded beside its button, with a summary of what is chosen. */
function makeInReport(acts) {
  const box = (key, words, more) => {
    const input = html("input", { type: "checkbox", id: `report-${key}` });
    input.addEventListener("change", () => acts.inReport({ [key]: input.checked }));
    return { key, input, node: html("p", {}, html("label", { class: "tick" }, input, " ", words), html("small", {}, more)) };
  };
  const boxes = [
    box("whatIf", "What if, and the drawing of the network", "Readers try rows. The report then holds all weights."),
    box("landscape", "The training run on its loss surface", "The run is made again for it, bit for bit."),
  ];
  const rows = html("input", { id: "report-rows", autocomplete: "off", maxlength: 200, placeholder: "such as 17 or 3,9" });
  rows.addEventListener("input", () => acts.inReport({ trace: rows.value }));
  const summary = html("summary", {});
  const lacks = html("p", { class: "soft" }, "The run and rows need a table: open one in the place Table.");
  const node = html("details", { class: "in-report", id: "in-report" }, summary, ...boxes.map((each) => each.node),
    html("p", { class: "field" }, html("label", { for: "report-rows" }, "Rows, there and back"), rows,
      html("small", {}, "With every number of the network. The report then holds these rows.")), lacks);
  return {
    node,
    update({ inReport, facts, d }) {
      for (const { key, input } of boxes) input.checked = inReport[key];
      if (rows.value !== inReport.trace) rows.value = inReport.trace;
      lacks.hidden = Boolean(facts.table || d);
      for (const each of [boxes[1].input, rows]) each.disabled = !lacks.hidden;
      const { whatIf, landscape, trace } = inReport;
      const more = [whatIf && "what if", lacks.hidden && landscape && "the training run",
        lacks.hidden && trace.trim() && `rows ${trace.trim()}`].filter(Boolean);
      summary.textContent = more.length ? `In the report: ${more.join(", ")}` : "In the report: no weights, no rows";
    },
  };
}

/**
 * @param {HTMLElement} root
 * @param {object} acts
 * @returns {{update: (state: object) => void}}
 */
export function makeTakeAway(root, acts) {
  const file = html("input", { type: "file", class: "unseen", tabindex: "-1", "aria-label": "New rows", accept: FILES });
  const report = button("", acts.report, { id: "make-report" });
  const ticks = makeInReport(acts);
  const stops = ["report", "predictions"].map((kind) =>
    button("Cancel", () => acts.stop(kind), { id: `stop-${kind}`, hidden: true }));
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
    html("p", { class: "acts" }, report, stops[0]), ticks.node, reportMade,
    html("p", { class: "acts" }, predict, more, file, stops[1]), predictionsMade, model);

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
      ticks.update(state);
      for (const [i, kind] of ["report", "predictions"].entries()) stops[i].hidden = !busy[kind] || isOff;
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
