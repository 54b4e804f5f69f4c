// The lesson on planes: runs on slices, at their true loss, and along a profile.

import { html } from "../dom.js";
import { short } from "../numbers.js";
import { groundOf, sheetOf } from "../stage/sheet.js";
import { reliefStage } from "./relief_stage.js";
import { runLesson, startOnItsPage } from "./step.js";

// Of the lesson that is shown.
let FACTS = null;
let SHEETS = [];
let EVERY_RUN = new Set();
const LETTERS = ["A", "B", "C"];

function planeStage(root, link, changed) {
  const title = html("h3");
  const choice = html("div", { class: "plane-choice", role: "group", "aria-label": "Planes" });
  const said = html("p", { class: "say" });
  root.append(title, choice);
  const view = reliefStage(root, FACTS.relief);
  root.append(said);
  const state = { planes: [] };

  const show = ({ sheet, planes = [], laid = false, step }, key) => {
    const isPlane = sheet < FACTS.planes;
    // Of many runs on one slice, those in the background are pale.
    const alone = isPlane && !planes.length && key !== "caption";
    state.planes = planes;
    title.textContent = !isPlane ? SHEETS[sheet].finding
      : planes.length ? `Plane ${LETTERS[planes.indexOf(sheet)]}` : "A slice of the loss";
    said.textContent = wordsOf(SHEETS[sheet], isPlane, laid);
    view.set({
      sheet: SHEETS[sheet], shown: EVERY_RUN, focus: alone ? FACTS.chosen : null, laid,
      flat: false, quiet: false, step: step ?? Infinity,
    });
    choice.hidden = !planes.length;
    choice.replaceChildren(...planes.map((place, i) => {
      const button = html("button", { type: "button", "aria-pressed": String(place === sheet) },
        `Plane ${LETTERS[i]}`);
      button.addEventListener("click", () => {
        show({ sheet: place, planes, laid }, key);
        choice.children[i].focus();
        changed({ plane: i });
      });
      return button;
    }));
  };
  const withLink = (step, restored) => {
    const { planes } = step.stage;
    return planes && restored ? { ...step.stage, sheet: planes[link.plane] } : step.stage;
  };
  return {
    view,
    show: (step, restored) => show(withLink(step, restored), step.key),
    reveal: (step) => show({ ...step.stage, ...step.revealed }, step.key),
    restore: ({ plane }) => Object.assign(link, { plane }),
  };
}

/** What runs and ground are, and what is cut. */
function wordsOf(sheet, isPlane, laid) {
  if (!isPlane) return "Between two cuts the ground is straight. Hatched: higher than the picture.";
  const { high } = groundOf(sheet, false);
  const above = sheet.runs.filter((run) => Array.from(run.loss).some((loss) => loss > high * (1 + 1e-6)));
  const cut = above.length ? ` Losses above ${short(high, 2)} are drawn at the top: ${
    above.map((run) => run.words).join(", ")}.` : "";
  return laid ? "The runs lie on the slice."
    : `The runs are at their true loss; a curtain joins them to the ground.${cut} An arc is one step; its height means nothing.`;
}

/** Start the lesson in a page. @param {object} lesson its data @param {import("./step.js").LessonPage} page */
export function startLesson(lesson, page) {
  FACTS = lesson.facts;
  SHEETS = FACTS.relief.sheets.map(sheetOf);
  EVERY_RUN = new Set(FACTS.relief.runs.map(({ look }) => look));
  runLesson({
    data: lesson,
    keys: { plane: { kind: "whole", from: 0, to: LETTERS.length - 1, usual: 0 } },
    stage: planeStage,
    page,
  });
}

startOnItsPage(startLesson);
