// What can be said of a table that a model sees later, where an error names it: the choices, and what a button says.

const WORD = String.raw`((?:'[^']*'|"[^"]*"|\\.|[^\s'"\\;,])+)`;

/** The words that follow an option of the command line. */
function after(option, words) {
  return [...words.matchAll(new RegExp(`(?:^|\\s)--${option} ${WORD}`, "g"))].map(([, word]) => unquoted(word));
}

/** A word as a shell reads it. */
function unquoted(word) {
  return word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, plain, quoted, escaped) => plain ?? quoted ?? escaped);
}

/**
 * @param {{fix: string}} error
 * @returns {{words: string, choices: object}[]}
 */
export function laterFixes({ fix }) {
  const [said] = (fix ?? "").split(" on the command line");
  const [row] = after("header-row", said);
  const empty = after("empty", said);
  const rows = after("drop-row", said).filter((each) => /^[\d,-]+$/.test(each));
  const named = empty.length > 1 ? `${empty.length} columns` : `"${empty[0]}"`;
  return [
    /^\d{1,9}$/.test(row ?? "") && { words: `The names are in row ${row}`, choices: { header_row: Number(row) } },
    empty.length && { words: `Count ${named} as missing in all rows`, choices: { empty } },
    rows.length && { words: `Leave out row ${rows.join(",")}`, choices: { drop_row: rows } },
  ].filter(Boolean);
}

/** The choices of before with these: a list grows, anything else is replaced. */
export function withChoices(before, more) {
  const added = Object.entries(more).map(([key, said]) => [key, Array.isArray(said) ? [...(before[key] ?? []), ...said] : said]);
  return { ...before, ...Object.fromEntries(added) };
}
