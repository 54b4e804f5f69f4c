// Minifies what comes in as JSON, {name: source}, and writes {name: text}.
// Nothing that terser calls unsafe: the pages compute what Python computes.

import CleanCSS from "clean-css";
import { minify } from "terser";

const SAFE = { module: true, ecma: 2020, compress: { passes: 3 } };
const sources = JSON.parse(await new Response(process.stdin).text());
const texts = {};
for (const [name, source] of Object.entries(sources)) {
  texts[name] = name.endsWith(".css") ? style(source) : `{${(await minify(source, SAFE)).code}}`;
}
process.stdout.write(JSON.stringify(texts));

function style(source) {
  const { styles, errors, warnings } = new CleanCSS({ level: 1 }).minify(source);
  if (errors.length + warnings.length) throw new Error([...errors, ...warnings].join("\n"));
  return styles;
}
