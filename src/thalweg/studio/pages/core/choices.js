// What a user has said of the columns of a table, beyond what is found without saying it.

/**
 * @typedef {Record<string, any>} Choices the options of the command line for columns and reading,
 *   by their names; what is not said is left out
 */

const MOST = 20_000; // letters in a link

/**
 * Choices with what a patch adds: lists grow, tables of words take its entries, null and "" take
 * a choice back, and all else is replaced.
 * @param {Choices} choices
 * @param {Choices} patch
 * @returns {Choices}
 */
export function merged(choices, patch) {
  return said(joined(choices, patch));
}

function joined(choices, patch) {
  const found = { ...choices };
  for (const [name, value] of Object.entries(patch)) {
    const before = found[name];
    if (Array.isArray(value) && Array.isArray(before)) found[name] = [...new Set([...before, ...value])];
    else if (isTable(value) && isTable(before)) found[name] = joined(before, value);
    else found[name] = value;
  }
  return found;
}

/** Choices without what says nothing. */
export function said(choices) {
  const says = ([, value]) => value !== null && value !== undefined && value !== ""
    && value !== false && !(typeof value === "object" && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(choices).filter(says));
}

/**
 * Choices without a column in their lists and tables.
 * @param {Choices} choices
 * @param {string[]} names of the choices
 * @param {string} column
 * @returns {Choices}
 */
export function without(choices, names, column) {
  const found = { ...choices };
  for (const name of names) {
    const value = found[name];
    if (Array.isArray(value)) found[name] = value.filter((each) => each !== column);
    else if (isTable(value)) {
      found[name] = Object.fromEntries(Object.entries(value).filter(([key]) => key !== column));
    }
  }
  return said(found);
}

/**
 * The text of choices in a link; null if nothing is said.
 * @param {Choices} choices
 * @returns {string|null}
 */
export function choicesText(choices) {
  const some = said(choices);
  const sorted = Object.fromEntries(Object.keys(some).sort().map((name) => [name, some[name]]));
  return Object.keys(sorted).length ? JSON.stringify(sorted) : null;
}

/**
 * The text of a link, in the form of `choicesText`; undefined for one that says no choices.
 * @param {string} text
 * @returns {string|null|undefined}
 */
export function choicesFrom(text) {
  if (text.length > MOST) return undefined;
  try {
    const found = JSON.parse(text);
    return isTable(found) && Object.keys(found).every((name) => /^[a-z_]{1,40}$/.test(name))
      ? choicesText(found) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The choices of a text of `choicesText`.
 * @param {string|null} text
 * @returns {Choices}
 */
export const choicesOf = (text) => (text === null ? {} : JSON.parse(text));

function isTable(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
