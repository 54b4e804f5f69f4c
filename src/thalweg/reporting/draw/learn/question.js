// The questions of a lesson: a number, a product of factors, a choice.

import { html } from "../dom.js";
import { compared, firstWrong, parseNumber } from "./check.js";
import { gapLine } from "./guess.js";

/**
 * @typedef {object} Question texts filled for this seed
 * @property {"number"|"factors"|"choice"|"do"|"own"} kind
 * @property {string} ask
 * @property {boolean} [guess] any number is an answer, and the gap to the true one is drawn
 * @property {string} [right] said of a right answer
 * @property {string} [wrong] what to look at, said of a wrong one
 * @property {{answer: number, say: string}[]} [traps] answers that deserve a word of their own;
 *   two numbers are the ends of a range
 * @property {object} [rule] how near an answer has to be, see `compared`
 * @property {{text: string, say: string}[]} [choices]
 * @property {string[]} [factors] their names
 * @property {number|number[]} answer a number, all factors, or the place of a choice from 0
 */

/**
 * The node of a question.
 * @param {Question} question
 * @param {(result: {right: boolean, text: string, say: string}) => void} answered
 * @param {() => (number|null)} [fromStage] a number that the picture can give
 * @returns {HTMLElement}
 */
export function questionNode(question, answered, fromStage) {
  const kinds = { number: numberNode, factors: factorsNode, choice: choiceNode };
  const make = kinds[question.kind];
  if (!make) return html("p", { class: "ask-line" }, question.ask ?? "");
  return make(question, answered, fromStage);
}

// What is said of a number that is not right, behind its name.
const NEARLY = {
  unreadable: "this is not read as a number. Write it such as −3.999, 2.5e-8 or 1/101.",
  sign: "the size is right. Look at the sign.",
  power: "the digits are right. Look at the power of ten.",
};

const field = (label, id) => html("input", {
  id, type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", "aria-label": label,
});

function numberNode(question, answered, fromStage) {
  const input = field(question.ask, "answer");
  const form = html("form", { class: "answer" }, html("label", { for: "answer" }, question.ask),
    html("span", { class: "entry" }, input, ` ${question.unit ?? ""} `,
      html("button", { type: "submit", class: "first-choice" }, question.guess ? "That is my guess" : "Check")));
  if (question.from_stage) {
    const take = html("button", { type: "button" }, question.from_stage);
    take.addEventListener("click", () => {
      input.value = String(fromStage?.() ?? "");
      input.focus();
    });
    form.append(take);
  }
  const gap = html("div", { class: "gap-box" });
  form.append(gap);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const found = compared(input.value, question.answer, question.rule);
    if (question.guess && found.value !== undefined) {
      gap.replaceChildren(gapLine(found.value, question.answer, question.unit));
    }
    answered({ text: input.value.trim(), ...numberSaid(question, found, input.value) });
  });
  return form;
}

/** Whether an answer closes a step, and what is said of it. */
export function numberSaid(question, found, written) {
  if (found.kind === "empty") return { right: false, say: "Write a number first." };
  const near = NEARLY[found.kind]?.replace(/^t/, "T");
  if (found.kind === "unreadable") return { right: false, say: near };
  const isTrap = ({ answer }) => (Array.isArray(answer)
    ? found.value >= answer[0] && found.value <= answer[1]
    : compared(written, answer, question.rule).kind === "right");
  const trap = (question.traps ?? []).find(isTrap);
  if (found.kind === "right") return { right: true, say: question.right };
  if (question.guess) {
    return { right: true, say: trap?.say ?? question.wrong, guessed: true };
  }
  const said = {
    coarse: `Right as far as it goes. Write ${question.rule?.digits} digits.`,
    wrong: question.wrong,
  };
  return { right: false, say: trap?.say ?? said[found.kind] ?? near };
}

function factorsNode(question, answered) {
  const inputs = question.factors.map((name, i) => field(name, `factor-${i}`));
  const rows = inputs.map((input, i) => html("li", {},
    html("label", { for: `factor-${i}` }, question.factors[i]), " = ", input));
  const form = html("form", { class: "answer" }, html("p", {}, question.ask),
    html("ol", { class: "factors" }, ...rows),
    html("button", { type: "submit", class: "first-choice" }, "Check"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const texts = inputs.map((input) => input.value);
    const wrong = firstWrong(texts, question.answer, question.rule);
    inputs.forEach((input, i) => {
      input.setAttribute("aria-invalid", String(i === wrong));
      rows[i].className = i === wrong ? "first-wrong" : wrong < 0 || i < wrong ? "fits" : "";
    });
    const text = texts.map((each, i) => `${question.factors[i]} = ${each.trim() || "…"}`).join("; ");
    if (wrong < 0) {
      answered({ right: true, text, say: question.right });
      return;
    }
    inputs[wrong].focus();
    const found = compared(texts[wrong], question.answer[wrong], question.rule);
    const before = wrong ? `The first ${wrong === 1 ? "one is" : `${wrong} are`} right. ` : "";
    answered({ right: false, text, say: `${before}${factorSaid(question, wrong, found)}` });
  });
  return form;
}

function factorSaid(question, place, found) {
  const name = question.factors[place];
  const said = {
    empty: `Next: ${name}.`,
    coarse: `${name}: right as far as it goes. Write more digits.`,
    wrong: `Look at ${name} again: it is the first that does not fit.`,
  };
  return said[found.kind] ?? `${name}: ${NEARLY[found.kind]}`;
}

function choiceNode(question, answered) {
  const buttons = question.choices.map(({ text, say }, i) => {
    const button = html("button", { type: "button", class: "choice", "aria-pressed": "false" },
      html("span", {}, text));
    button.addEventListener("click", () => {
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      answered({ right: i === question.answer, text, say });
    });
    return button;
  });
  return html("div", { class: "answer", role: "group", "aria-label": question.ask },
    html("p", {}, question.ask), html("div", { class: "choices" }, ...buttons));
}

/** A number that a reader may have typed, or null. */
export function typed(text) {
  return parseNumber(text)?.value ?? null;
}
