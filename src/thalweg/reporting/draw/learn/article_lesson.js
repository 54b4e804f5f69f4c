// The lesson on the article: its validation rows, its losses, and its calls at five thresholds.

import { html, responsive, svg } from "../dom.js";
import { short } from "../numbers.js";
import { lossLines } from "./loss_lines.js";
import { runLesson, startOnItsPage } from "./step.js";

// The facts of the lesson that is shown, and how many validation rows it has.
let FACTS = null;
let ROWS = 0;

function articleStage(root) {
  const state = { picture: "plain" };
  const title = html("h3");
  const box = html("div", { class: "picture" });
  const said = html("p", { class: "say", role: "status", "aria-live": "polite" });
  root.append(title, box, said);
  const redraw = responsive(box, (width) => pictureOf(state, width));
  const set = (patch) => {
    Object.keys(state).forEach((key) => delete state[key]);
    Object.assign(state, patch);
    title.textContent = titleOf(state);
    said.textContent = sentenceOf(state);
    redraw();
  };
  return {
    show: (step) => set({ ...step.stage, quiet: step.quiet }),
    reveal: (step) => set({ ...step.stage, ...step.revealed }),
  };
}

function titleOf({ picture }) {
  if (picture === "losses") return "The article's descent";
  if (picture === "calls") return "What is missed, and what is called in vain";
  return `The ${ROWS} validation rows`;
}

function sentenceOf({ picture, quiet }) {
  if (picture === "right") return `${ROWS - FACTS.wrong} are right, ${FACTS.wrong} is wrong (empty).`;
  if (picture === "twins") {
    return "Filled: a row without a twin in the training rows. Empty: a row with one. Orange: "
      + "malignant, blue: benign.";
  }
  if (picture === "losses" && quiet) return "The loss of the validation rows is hidden until you guess.";
  if (picture === "losses") return "The vertical line is where the loss of the validation rows is smallest.";
  return "";
}

function pictureOf(state, width) {
  if (state.picture === "losses") {
    const lines = state.quiet ? FACTS.losses.slice(0, 1) : FACTS.losses;
    return lossLines(width, FACTS.steps, lines, { mark: state.mark });
  }
  return state.picture === "calls" ? callsTable(state.until) : squares(state.picture, width);
}

/** A square for each validation row; those with twins first, and malignant before benign. */
function squares(picture, width) {
  const kinds = FACTS.valid.map(({ twin, malignant }, i) => ({ twin, malignant, i }));
  if (picture === "twins") {
    kinds.sort((a, b) => a.twin - b.twin || b.malignant - a.malignant || a.i - b.i);
  }
  const columns = Math.max(10, Math.min(26, Math.floor(width / 24)));
  const size = Math.min(34, Math.floor(width / columns));
  const rows = Math.ceil(ROWS / columns);
  const look = ({ twin, malignant }, k) => {
    if (picture === "twins") return `row-square ${malignant ? "up" : "down"}${twin ? " empty" : ""}`;
    return `row-square${picture === "right" && k >= ROWS - FACTS.wrong ? " empty" : ""}`;
  };
  const twins = FACTS.valid.filter(({ twin }) => twin).length;
  const words = { right: `${FACTS.wrong} of them wrong`, twins: `${twins} of them with a twin` };
  return svg("svg", { viewBox: `0 0 ${columns * size} ${rows * size}`, width: columns * size,
    height: rows * size, class: "plot", role: "img",
    "aria-label": `${ROWS} validation rows${words[picture] ? `, ${words[picture]}` : ""}` },
  ...kinds.map((each, k) => svg("rect", { class: look(each, k), x: (k % columns) * size + 2,
    y: Math.floor(k / columns) * size + 2, width: size - 4, height: size - 4 })));
}

/** The four counts at each threshold; above `until` they are not shown yet. */
function callsTable(until) {
  const heads = ["threshold", "malignant: missed", "found", "benign: false alarms", "not called"];
  const rows = FACTS.calls.map(({ threshold, ...counts }) => {
    const shown = [counts.missed, counts.found, counts.alarms, counts.cleared];
    return html("tr", {}, html("th", { scope: "row" }, short(threshold)),
      ...shown.map((count, i) => html("td", { class: i % 2 ? null : "called-wrong" },
        threshold > until ? "?" : String(count))));
  });
  return html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Calls by threshold" },
    html("table", { class: "calls" },
      html("caption", {}, "Rows by class and call, at each threshold"),
      html("thead", {}, html("tr", {}, ...heads.map((each) => html("th", { scope: "col" }, each)))),
      html("tbody", {}, ...rows)));
}

/** Start the lesson in a page. @param {object} lesson its data @param {import("./step.js").LessonPage} page */
export function startLesson(lesson, page) {
  FACTS = lesson.facts;
  ROWS = FACTS.valid.length;
  runLesson({ data: lesson, keys: {}, stage: articleStage, page });
}

startOnItsPage(startLesson);
