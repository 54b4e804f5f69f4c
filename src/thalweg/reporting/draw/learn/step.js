// The frame of a lesson: its steps, the links between them, what is done, and what can be copied.

import { byId, html } from "../dom.js";
import { hintBox } from "./hints.js";
import {
  copyButtons, copyText, drawn, keepLink, linkOf, partsNotThere, readLink, valuesNotAllowed,
} from "./link_state.js";
import { questionNode } from "./question.js";

/**
 * @typedef {object} Stage the picture of a lesson
 * @property {(step: object, restored: boolean) => void} show as a step begins; restored says that
 *   the link has its state, which `show` then leaves
 * @property {(step: object) => void} [reveal] once it is answered
 * @property {(state: object) => void} [restore] from a link that was changed by hand
 * @property {() => (number|null)} [number] that an answer may take from it
 *
 * @typedef {object} Own what a lesson adds for one of its steps, by the key of the step
 * @property {(context: object) => {node: Node, show?: () => void, leave?: () => void}} [node]
 * @property {(state: object, values: object) => (null|{right: boolean, text: string, say: string})}
 *   [watch] asked after each change of the picture
 *
 * @typedef {object} LessonPage what a lesson stands in
 * @property {(id: string) => HTMLElement} byId its parts, as `lesson_body.html` has them
 * @property {() => NodeListOf<HTMLElement>} parts those that a link can hide
 * @property {() => string} link with its #, or ""
 * @property {(link: string) => void} keep shows a link
 * @property {(act: () => void) => void} follow calls after each change of the link by hand
 */

/** A page that is a lesson: its address is the link. @returns {LessonPage} */
export function wholePage() {
  return {
    byId, parts: () => document.querySelectorAll("[data-part]"),
    link: () => location.hash, keep: keepLink, follow: (act) => addEventListener("hashchange", act),
  };
}

/**
 * Start the lesson of a page that is one; a page that has lessons among other things starts them.
 * @param {(lesson: object, page: LessonPage) => void} start
 */
export function startOnItsPage(start) {
  const block = document.getElementById("lesson");
  if (!block) return;
  start(JSON.parse(block.textContent), wholePage());
  document.documentElement.dataset.drawn = "yes";
}

/**
 * Run a lesson.
 * @param {object} spec
 * @param {object} spec.data from the page: name, title, seed, steps
 * @param {object} spec.keys of the link that the picture adds
 * @param {(root: HTMLElement, first: object, changed: () => void) => Stage} spec.stage
 * @param {Record<string, Own>} [spec.own]
 * @param {LessonPage} [spec.page]
 */
export function runLesson({ data, keys, stage: makeStage, own = {}, page: around = wholePage() }) {
  const { steps } = data;
  const { byId } = around;
  const linkKeys = {
    step: { kind: "whole", from: 1, to: steps.length, usual: 1 },
    done: { kind: "bits", length: steps.length, usual: "0".repeat(steps.length) },
    seed: { kind: "whole", from: 0, to: 2 ** 32 - 1, usual: data.seed },
    hide: { kind: "words", usual: [] }, ...keys,
  };
  const read = readLink(linkKeys, around.link());
  const state = read.state;
  const answers = steps.map(() => null);
  const page = { leave: () => {}, watch: null };
  const changed = (stageState) => {
    Object.assign(state, stageState);
    keep();
    page.watch?.(stageState);
  };
  const say = (words) => {
    byId("feedback").textContent = words ?? "";
  };
  const keep = () => around.keep(linkOf(linkKeys, state, read.others));
  const stage = makeStage(byId("stage"), state, changed);
  const hasPicture = () => {
    const given = new URLSearchParams(around.link().slice(1));
    return Object.keys(keys).some((key) => given.has(key));
  };

  const show = (number, { restored = false } = {}) => {
    page.leave();
    state.step = number;
    const step = filledStep(steps[number - 1], state.seed);
    step.question.rule = { ...step.question.rule, thousands: data.thousands };
    const context = { step, values: step.values, stage, answers, data,
      finish: (text, say, right = true) => answered({ right, text, say }) };
    const answered = (result) => {
      say(result.say);
      if (result.text) answers[number - 1] = result;
      if (result.right) finished(number, step);
    };
    page.leave = () => {};
    page.watch = null;
    const before = firstBefore(step);
    byId("stage").hidden = before >= 0; // the picture, too, could give a result away
    if (before >= 0) drawClosed(step, before);
    else {
      draw(step, number, answered, context);
      stage.show(step, restored);
    }
    keep();
  };

  const finished = (number, step) => {
    const marks = [...state.done];
    marks[number - 1] = "1";
    state.done = marks.join("");
    stage.reveal?.(step);
    marksOfSteps(byId, steps, state, show);
    byId("next").classList.add("ready");
    keep();
  };

  const draw = (step, number, answered, context) => {
    drawHead(step);
    byId("words").textContent = step.text;
    const mine = own[step.key] ?? {};
    const parts = [questionNode(step.question, answered, stage.number)];
    if (mine.node) {
      const made = mine.node(context);
      parts.push(made.node);
      made.show?.();
      page.leave = made.leave ?? (() => {});
    }
    if (mine.watch) {
      page.watch = (stageState) => {
        const result = mine.watch(stageState, step.values);
        if (result) answered(result);
      };
    }
    byId("question").replaceChildren(...parts);
    byId("help").replaceChildren(...(step.question.hints.length
      ? [hintBox(step.question.hints, step.question.solution, () => {
        answers[number - 1] ??= { right: false, text: "" };
        answers[number - 1].shown = true;
        finished(number, step);
      })] : []));
    wayOn(number);
  };

  const drawHead = (step) => {
    marksOfSteps(byId, steps, state, show);
    byId("seed-shown").textContent = String(state.seed);
    byId("aim").textContent = step.aim;
    say("");
  };

  /** The first step that is to be done before another one: also one that a step between waits for. */
  const firstBefore = ({ after }) => {
    const open = after.flatMap((key) => {
      const place = steps.findIndex((each) => each.key === key);
      const earlier = firstBefore(steps[place]);
      return earlier >= 0 ? [earlier] : state.done[place] === "1" ? [] : [place];
    });
    return open.length ? Math.min(...open) : -1;
  };

  /** A step that gives another one away, before that one is done. */
  const drawClosed = (step, before) => {
    drawHead(step);
    byId("words").textContent = `This step shows the result of step ${before + 1} (${
      steps[before].name}). Do that first.`;
    const there = html("button", { type: "button", class: "first-choice" }, `To step ${before + 1}`);
    there.addEventListener("click", () => goTo(before + 1));
    byId("question").replaceChildren(html("p", {}, there));
    byId("help").replaceChildren();
    wayOn(state.step);
  };

  const wayOn = (number) => {
    const last = number === steps.length;
    byId("next").textContent = last ? "Back to the first step" : "Next step";
    byId("next").classList.toggle("ready", state.done[number - 1] === "1" && !last);
    byId("back").disabled = number === 1;
    hideParts(around.parts(), state.hide);
  };

  byId("next").addEventListener("click", () => goTo(state.step === steps.length ? 1 : state.step + 1));
  byId("back").addEventListener("click", () => goTo(state.step - 1));
  // The last one: a file may have such a name.
  copyButtons(byId("copy-link").parentNode, data.recipes, (text) =>
    text.replace(/\{seed\}(?!.*\{seed\})/s, String(state.seed)));
  byId("copy-link").addEventListener("click", (event) =>
    copyText(event.currentTarget, location.href));
  byId("copy-answers").addEventListener("click", (event) =>
    copyText(event.currentTarget, answersText(data, state, answers)));
  around.follow(() => {
    Object.assign(state, readLink(linkKeys, around.link()).state);
    const restored = hasPicture();
    if (restored) stage.restore?.(state);
    show(state.step, { restored });
  });
  const goTo = (number) => {
    show(number);
    byId("aim").focus({ preventScroll: true });
    byId("aim").scrollIntoView({ block: "nearest" });
  };
  show(state.step, { restored: hasPicture() });
  const wrong = [valuesNotAllowed(read.wrong), partsNotThere(state.hide, around.parts())].filter(Boolean).join(" ");
  if (wrong) Object.assign(byId("notice"), { hidden: false, textContent: wrong });
}

/** A step with the texts and answers of this seed. */
export function filledStep(step, seed) {
  const n = step.variants.length;
  const chosen = step.variants[seed === 0 ? 0 : drawn(seed, step.draw, n)];
  const fill = (text) => filledText(text, chosen.values);
  const { question } = step;
  return {
    ...step, aim: fill(step.aim), text: fill(step.text), values: chosen.values,
    stage: { ...step.stage, ...chosen.stage }, revealed: chosen.revealed,
    question: {
      ...question, ask: fill(question.ask), answer: chosen.answer, unit: question.unit,
      range: question.range?.map((each) => Number(fill(String(each)).replaceAll(",", ""))),
      right: fill(question.right), wrong: fill(question.wrong), solution: fill(question.solution),
      hints: question.hints.map(fill),
      factors: (question.factors ?? []).map(fill),
      choices: (chosen.choices ?? question.choices ?? []).map((each) => ({
        text: fill(each.text), say: fill(each.say),
      })),
      traps: (question.traps ?? []).map((each) => ({
        answer: chosen.traps[each.answer], say: fill(each.say),
      })),
    },
  };
}

/** "{x}" filled with the value of x; no line ends beside a sign of equality. */
export function filledText(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)
    .replaceAll(" = ", "\u00a0=\u00a0");
}

function marksOfSteps(byId, steps, state, show) {
  byId("steps").replaceChildren(...steps.map((step, i) => {
    const done = state.done[i] === "1";
    const here = state.step === i + 1;
    const button = html("button", {
      type: "button", class: done ? "done" : null, "aria-current": here ? "step" : null,
      "aria-label": `Step ${i + 1}: ${step.name}${done ? ", done" : ""}`,
    }, done ? "✓" : String(i + 1));
    button.addEventListener("click", () => show(i + 1));
    return html("li", {}, button);
  }));
  const number = steps.length;
  byId("where").textContent = `Step ${state.step} of ${number}: ${steps[state.step - 1].name}`;
}

function hideParts(parts, names) {
  for (const each of parts) {
    each.hidden = names.includes(each.dataset.part);
  }
}

/** What a reader answered, as text for a teacher. */
export function answersText(data, state, answers) {
  const lines = data.steps.map((step, i) => {
    const given = answers[i];
    const done = state.done[i] === "1";
    const how = !given ? (done ? "done" : "not done")
      : [given.text || "no answer", given.shown ? "solution shown" : given.guessed ? "guess"
        : given.right ? "right" : "not right"].join(" – ");
    return `${i + 1}. ${step.name}: ${how}`;
  });
  return [`thalweg lesson ${data.name}, seed ${state.seed}`, ...lines].join("\n");
}
