// The choices that the fix of an error about a table names.

/** @returns {{words: string, choices: object}[]} what buttons say and choose */
export function laterFixes({ fix }) {
  const [said] = (fix ?? "").split(" on the command line");
  const after = (option) => [...said.matchAll(new RegExp(` --${option} ((?:'[^']*'|"[^"]*"|[^\\s'";,])+)`, "g"))]
    .map(([, word]) => word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
  const [[row], empty, [rows]] = ["header-row", "empty", "drop-row"].map(after);
  return [
    row && { words: `The names are in row ${row}`, choices: { header_row: Number(row) } },
    empty.length && { words: `Count ${empty[1] ? `${empty.length} columns` : `"${empty[0]}"`} as missing`, choices: { empty } },
    rows && { words: `Leave out row ${rows}`, choices: { drop_row: [rows] } },
  ].filter(Boolean);
}
