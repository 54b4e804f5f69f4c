// The questions of a lesson: a number, a product of factors, a choice.

import { html } from "../dom.js";
import { compared, firstWrong, parseNumber, withoutUnit } from "./check.js";
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
 * @property {string} [unit] beside the field; an answer may have it, too
 * @property {number[]} [range] the least and the largest number that a guess can be
 * @property {boolean} [whole] a guess is a whole number
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

const SHARE = "That is the share. In percent it is 100 times that.";

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
    const written = withoutUnit(input.value, question.unit);
    const found = compared(written, question.answer, question.rule);
    if (question.guess && found.value !== undefined && !impossible(question, found.value)) {
      gap.replaceChildren(gapLine(found.value, question.answer, question.unit));
    }
    const { say, ...result } = numberSaid(question, found, written);
    answered({ text: input.value.trim(), ...result, say: readAs(found, written) + (say ?? "") });
  });
  return form;
}

/** Why a guess cannot be, "" if it can. */
function impossible({ range = [], whole }, value) {
  const [low, high] = range;
  const fits = (low === undefined || (value >= low && value <= high)) && (!whole || Number.isInteger(value));
  const between = low === undefined ? "" : ` from ${low} to ${high}`;
  return fits ? "" : `This cannot be: write a ${whole ? "whole " : ""}number${between}.`;
}

/** How a number was read that could be another one. */
const readAs = ({ thousands, value }, written) => (thousands
  ? `${written} is read as ${value}. With a decimal point, write ${written.replace(",", ".")}. ` : "");

/** Whether an answer closes a step, and what is said of it. */
export function numberSaid(question, found, written) {
  if (found.kind === "empty") return { right: false, say: "Write a number first." };
  const near = NEARLY[found.kind]?.replace(/^t/, "T");
  if (found.kind === "unreadable") return { right: false, say: near };
  const not = question.guess && impossible(question, found.value);
  if (not) return { right: false, say: not };
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
  const isShare = question.unit?.trim() === "%" && found.kind === "power"
    && Math.abs(100 * found.value - question.answer) < 0.1 * Math.abs(question.answer);
  return { right: false, say: trap?.say ?? (isShare ? SHARE : said[found.kind] ?? near) };
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
    const units = question.factors.map((name) => (/%|percent/.test(name) ? "%" : ""));
    const texts = inputs.map((input, i) => withoutUnit(input.value, units[i]));
    const wrong = firstWrong(texts, question.answer, question.rule);
    inputs.forEach((input, i) => {
      input.setAttribute("aria-invalid", String(i === wrong));
      rows[i].className = i === wrong ? "first-wrong" : wrong < 0 || i < wrong ? "fits" : "";
    });
    const text = inputs.map(({ value: each }, i) => `${question.factors[i]} = ${each.trim() || "…"}`).join("; ");
    if (wrong < 0) {
      answered({ right: true, text, say: question.right });
      return;
    }
    inputs[wrong].focus();
    const found = compared(texts[wrong], question.answer[wrong], question.rule);
    const before = wrong ? `The first ${wrong === 1 ? "one is" : `${wrong} are`} right. ` : "";
    answered({ right: false, text, say: `${readAs(found, texts[wrong])}${before}${
      factorSaid(question, wrong, found)}` });
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
