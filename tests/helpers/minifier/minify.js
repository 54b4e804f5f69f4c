// Minifies what comes in as JSON, {name: source}, and writes {name: text}.
// Nothing that terser calls unsafe: the pages compute what Python computes.

import CleanCSS from "clean-css";
import { minify } from "terser";

const SAFE = { module: true, ecma: 2020, compress: { passes: 3 } };
// What a script may name and not define: of the language and of browsers. A page makes FORMULAS.
const KNOWN = new Set(`
  AbortController Array Boolean DataView Date Error Float32Array Float64Array FORMULAS ImageData
  Infinity JSON Map Math MutationObserver NaN Number Object RegExp ResizeObserver Set String
  URLSearchParams Uint16Array Uint32Array Uint8Array addEventListener atob cancelAnimationFrame
  clearTimeout devicePixelRatio document getComputedStyle history location matchMedia navigator performance
  queueMicrotask requestAnimationFrame setTimeout undefined
`.trim().split(/\s+/));
const sources = JSON.parse(await new Response(process.stdin).text());
const texts = {};
for (const [name, source] of Object.entries(sources)) {
  texts[name] = name.endsWith(".css") ? style(source) : await script(name, source);
}
process.stdout.write(JSON.stringify(texts));

async function script(name, source) {
  const asIs = { module: true, compress: false, mangle: false, format: { ast: true, code: false } };
  const { ast } = await minify(source, asIs);
  ast.figure_out_scope({ module: true });
  const undefinedNames = [...ast.globals.keys()].filter((each) => !KNOWN.has(each));
  if (undefinedNames.length) {
    throw new Error(`${name} names ${undefinedNames.join(", ")}, which nothing defines`);
  }
  return `{${(await minify(source, SAFE)).code}}`;
}

function style(source) {
  const { styles, errors, warnings } = new CleanCSS({ level: 1 }).minify(source);
  if (errors.length + warnings.length) throw new Error([...errors, ...warnings].join("\n"));
  return styles;
}
