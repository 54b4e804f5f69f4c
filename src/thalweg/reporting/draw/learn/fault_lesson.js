// The lesson on planted faults: the code of the pass, the field of ratios, and their fix.

import { html } from "../dom.js";
import { checkRatios, gradientOf, netFrom } from "./net.js";
import { codeOfPass, ratioField, ratioSentence } from "./ratio_field.js";
import { runLesson, startOnItsPage } from "./step.js";

// Of the lesson that is shown.
let FACTS = null;
let NET = null;
const NEAR = 1e-12;

/** The largest difference of this page's gradient from that of Python, relative to its largest. */
function distanceFromPython() {
  const found = gradientOf(NET, FACTS.X, FACTS.Y).flatMap(({ W, b }) => [...W.flat(), ...b]);
  const size = Math.max(...FACTS.gradient.map(Math.abs));
  return Math.max(...found.map((each, i) => Math.abs(each - FACTS.gradient[i]))) / size;
}

function faultStage(root) {
  const state = { fault: "", forms: {}, rows: 1, tapped: null, marked: {}, masked: "" };
  const code = html("div", { class: "code-box" });
  const field = html("div", { "aria-live": "off" });
  const said = html("p", { class: "say", role: "status", "aria-live": "polite" });
  const more = html("button", { type: "button" });
  const two = html("div", { class: "beside-code" },
    html("div", {}, html("h3", {}, "The pass, in fourteen lines"), code),
    html("div", {}, field, said, more));
  root.append(two);
  const draw = () => {
    const rows = Math.min(state.rows, FACTS.X.length);
    const ratios = checkRatios(NET, FACTS.X.slice(0, rows), FACTS.Y.slice(0, rows), state.forms);
    code.replaceChildren(codeOfPass(FACTS.lines, state.forms, state));
    field.replaceChildren(ratioField(ratios, FACTS));
    said.textContent = ratioSentence(ratios, rows);
    more.textContent = rows === 1 ? "Ask for a second row" : "Back to one row";
  };
  more.addEventListener("click", () => {
    state.rows = state.rows === 1 ? 2 : 1;
    draw();
  });
  const set = (patch) => {
    Object.assign(state, patch);
    draw();
  };
  return {
    set,
    state,
    show: (step) => {
      more.hidden = step.key !== "second";
      const { fault } = step.stage;
      const forms = FACTS.forms[fault] ?? {};
      const masked = step.key === "second" ? "dYh" : "";
      set({ fault, forms, rows: 1, tapped: null, marked: {}, masked });
    },
    reveal: (step) => {
      if (step.key === "line" || step.key === "why") {
        const marked = Object.fromEntries(Object.keys(state.forms).map((key) => [key, "wrong-line"]));
        set({ marked, tapped: null });
      }
      if (step.key === "second") set({ masked: "" });
    },
  };
}

/** Tap the line that is wrong. */
function tapLine({ stage, values, finish }) {
  return {
    node: html("span"),
    show: () => queueMicrotask(() => stage.set({
      tapped: (key) => {
        const place = FACTS.lines.findIndex((line) => line.key === key) + 1;
        const text = `line ${place}`;
        if (key in stage.state.forms) {
          finish(text, `Right: line ${place}. ${Object.keys(stage.state.forms).length > 1
            ? "The same slip is in a second line, too." : ""}`);
        } else if (place <= 5 || place === 14) {
          finish(text, `Line ${place} is ${place <= 5 ? "on the way there, and the loss is right"
            : "the update, which comes after the gradient"}. Look at lines 6 to 13.`, false);
        } else {
          finish(text, rightLine(key, place, values.blocks), false);
        }
      },
    })),
    leave: () => stage.set({ tapped: null }),
  };
}

// What a wrong line spoils: the blocks of its own derivative, and of all that are computed from it.
const SPOILS = { dYh: "W1 W2 b1 b2", dZ2: "W1 W2 b1 b2", dW2: "W2", db2: "b2", dA1: "W1 b1",
  dZ1: "W1 b1", dW1: "W1", db1: "b1" };
const BLOCKS = { "W1 W2 b1 b2": "all four blocks", "W1 b1": "W1 and b1 alone" };

/** Why a line is not the wrong one. */
function rightLine(key, place, wrong) {
  const spoiled = SPOILS[key];
  return spoiled === wrong
    ? `Line ${place} is right. If it were wrong, the same blocks would be wrong: the place of the `
      + "ratios does not tell these lines apart. Read what each of them computes."
    : `Line ${place} is right. If it were wrong, ${BLOCKS[spoiled] ?? `${spoiled} alone`} would be wrong.`;
}

/** Choose among three lines; the check runs again with each. */
function chooseFix({ stage, values, finish }) {
  const { fix } = FACTS.faults[values.fault];
  const keys = Object.keys(FACTS.forms[values.fault]);
  const line = FACTS.lines[values.number - 1]; // one that shows
  const buttons = fix.map((form) => {
    const button = html("button", { type: "button", class: "choice", "aria-pressed": "false" },
      html("code", {}, line[form]));
    button.addEventListener("click", () => {
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      const forms = Object.fromEntries(keys.map((key) => [key, form]));
      stage.set({ forms, marked: Object.fromEntries(keys.map((key) => [key, form === "right"
        ? "fixed-line" : "wrong-line"])) });
      if (form === "right") finish(line[form], "Right: all ratios are 1 now.");
      else finish(line[form], "The check ran again: some ratios are still not 1.", false);
    });
    return button;
  });
  const too = keys.length > 1 ? html("p", { class: "note" }, "The same form goes into the other line, too.") : null;
  return { node: html("div", { class: "choices" }, ...buttons, too) };
}

/** Start the lesson in a page. @param {object} lesson its data @param {import("./step.js").LessonPage} page */
export function startLesson(lesson, page) {
  FACTS = lesson.facts;
  NET = netFrom(FACTS);
  const fromPython = distanceFromPython();
  if (fromPython <= NEAR) {
    runLesson({ data: lesson, keys: {}, stage: faultStage, page,
      own: { line: { node: tapLine }, fix: { node: chooseFix } } });
    return;
  }
  page.byId("notice").hidden = false;
  page.byId("notice").textContent = "This browser computes another gradient than Python, by a share of "
    + `${fromPython.toExponential(1)}. So the lesson does not start: its answers could be wrong.`;
}

startOnItsPage(startLesson);
