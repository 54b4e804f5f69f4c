// Reads the numbers that a reader types, and compares them with the true ones.

const MINUS = /[‐‑‒–—―−﹣－]/g;
const BLANK = /[\s\u00a0\u2007\u2009\u202f'’_]/g;
const HIGH_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺";
const PLAIN_SIGNS = "0123456789-+";
const NUMBER = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+)|[·*×x]10\^?([+-]?\d+))?(%?)$/;
const POWER = /^([+-]?)10\^([+-]?\d+)$/;

/** A decimal comma as a point, and without signs between groups of three; null if it is unclear. */
function pointed(text) {
  const [commas, points] = [text.split(",").length - 1, text.split(".").length - 1];
  if (!commas) return points > 1 ? grouped(text, ".") : text;
  if (!points) return commas > 1 ? grouped(text, ",") : text.replace(",", ".");
  const decimal = text.lastIndexOf(",") > text.lastIndexOf(".") ? "," : ".";
  const [whole, ...rest] = text.split(decimal);
  if (rest.length !== 1) return null;
  const units = grouped(whole, decimal === "," ? "." : ",");
  return units === null ? null : `${units}.${rest[0]}`;
}

function grouped(text, sign) {
  const groups = text.split(sign);
  const sound = groups.slice(1).every((each, i) => /^\d{3}/.test(each)
    && (each.length === 3 || i === groups.length - 2));
  return sound ? groups.join("") : null;
}

/**
 * A number as people write it: "−4", "-4", "3,999", "6.001", "1 e-8", "2·10⁻⁸", "1/101", "5 %".
 * @param {string} text
 * @returns {{value: number, place: number, digits: number}|null} place is the value of the last
 *   digit that is written, 0 for a fraction; digits counts the significant ones
 */
export function parseNumber(text) {
  const plain = text.replace(MINUS, "-").replace(BLANK, "").replace(/^[=≈~]+/, "");
  const [over, under, ...more] = plain.split("/");
  if (under !== undefined) {
    const [a, b] = [parseNumber(over), parseNumber(under)];
    if (more.length || !a || !b || b.value === 0) return null;
    return { value: a.value / b.value, place: 0, digits: 16 };
  }
  const lowered = plain.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+/g, (raised) =>
    `^${raised.replace(/./g, (sign) => PLAIN_SIGNS[HIGH_SIGNS.indexOf(sign)])}`);
  const power = POWER.exec(lowered);
  if (power) {
    const place = Number(`1e${Number(power[2])}`);
    return { value: power[1] === "-" ? -place : place, place, digits: 1 };
  }
  const found = NUMBER.exec(pointed(lowered) ?? "");
  if (!found) return null;
  const [, sign, digits, e1, e2, percent] = found;
  const exponent = Number(e1 ?? e2 ?? 0) - (percent ? 2 : 0);
  const value = Number(`${sign}${digits}e${exponent}`);
  const behind = (digits.split(".")[1] ?? "").length;
  const significant = digits.replace(".", "").replace(/^0+/, "").length;
  const place = Number(`1e${exponent - behind}`);
  return Number.isFinite(value) ? { value, place, digits: significant } : null;
}

/**
 * @typedef {object} Compared
 * @property {"empty"|"unreadable"|"right"|"coarse"|"sign"|"power"|"wrong"} kind coarse: right as far
 *   as it is written, with too few digits; sign, power: only the sign or the power of ten is wrong
 * @property {number} [value]
 * @property {boolean} [thousands] the comma was read as one of thousands
 */

/** An answer without the unit that stands beside its field: "81 %" is 81 where percents are asked. */
export function withoutUnit(text, unit = "") {
  const [bare, words] = [text.trim(), unit.trim()];
  const found = [words, words === "%" ? "percent" : ""].find((each) => each && bare.endsWith(each));
  return found ? bare.slice(0, -found.length) : bare;
}

/** What a number can be: one comma before three digits is a decimal comma, or one of thousands. */
function readings(text, thousands) {
  const plain = text.replace(MINUS, "-").replace(BLANK, "").replace(/^[=≈~]+/, "");
  const usual = parseNumber(text);
  if (!/^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain)) return [usual];
  const large = { ...parseNumber(plain.replace(",", "")), thousands: true };
  return thousands ? [large, usual] : [usual, large];
}

/**
 * Compare an answer with the true number: right within half of the last digit that is written, or
 * within 1 %.
 * @param {string} text
 * @param {number} truth
 * @param {{within?: number, factor?: number, digits?: number, thousands?: boolean}} [rule] within:
 *   the largest difference, instead of 1 %; factor: the largest ratio instead; digits: the fewest
 *   to be written; thousands: the texts write 1,312 for 1312, so an answer that can be both is that
 * @returns {Compared}
 */
export function compared(text, truth, rule = {}) {
  if (!text.trim()) return { kind: "empty" };
  const given = readings(text, rule.thousands);
  if (!given[0]) return { kind: "unreadable" };
  const found = given.map((each) => ({ ...comparedValue(each, truth, rule),
    ...(each.thousands ? { thousands: true } : {}) }));
  return found.find(({ kind }) => kind === "right") ?? found[0];
}

function comparedValue({ value, place, digits }, truth, rule) {
  const near = (other) => nearly(value, other, place, digits, rule);
  if (near(truth)) {
    const fine = digits >= (rule.digits ?? 0) || value === truth;
    return { kind: fine ? "right" : "coarse", value };
  }
  if (truth !== 0 && value !== 0) {
    if (near(-truth)) return { kind: "sign", value };
    const power = Math.round(Math.log10(Math.abs(value / truth)));
    if (!rule.factor && power !== 0 && sameDigits(value / 10 ** power, truth, place / 10 ** power, digits)) {
      return { kind: "power", value };
    }
  }
  return { kind: "wrong", value };
}

/** Whether the digits that are written are those of the truth; one digit alone must be all of it. */
function sameDigits(value, truth, place, digits) {
  const off = Math.abs(value - truth);
  return off <= 1e-9 * Math.abs(truth) || (digits > 1 && off <= (place / 2) * (1 + 1e-9));
}

function nearly(value, truth, place, digits, { within, factor }) {
  const off = Math.abs(value - truth);
  if (factor) return value / truth >= 1 / factor && value / truth <= factor;
  if (within !== undefined) return off <= within * (1 + 1e-9);
  if (off <= 0.01 * Math.abs(truth)) return true;
  // A 0 says nothing of a number that is not 0: no digit of it is written.
  return digits > 0 && off <= (place / 2) * (1 + 1e-9);
}

/**
 * The first of several answers that is not right, from 0; −1 if all are right.
 * @param {string[]} texts
 * @param {number[]} truths
 * @param {object} [rule]
 * @returns {number}
 */
export function firstWrong(texts, truths, rule = {}) {
  return truths.findIndex((truth, i) => compared(texts[i] ?? "", truth, rule).kind !== "right");
}
