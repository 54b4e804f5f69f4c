// Runs a program of Python in Pyodide: node run.mjs CORE PROGRAM [FOLDER ON THE HOST=FOLDER IN PYODIDE] ...
//
// A wheel is unpacked where a folder is `unpacked`. Before, the packages that are named by
// PYODIDE_PACKAGES are loaded from CORE. What the program prints is printed.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [core, program, ...places] = process.argv.slice(2);
const { loadPyodide, version } = await import(pathToFileURL(`${core}/pyodide.mjs`).href);
const pyodide = await loadPyodide({ indexURL: core, stdout: console.log, stderr: console.error });
const packages = (process.env.PYODIDE_PACKAGES ?? "").split(" ").filter((name) => name);
if (packages.length) await pyodide.loadPackage(packages, { messageCallback: () => {} });
for (const place of places) {
  const [there, here] = place.split("=");
  if (here === "unpacked") {
    pyodide.unpackArchive(new Uint8Array(readFileSync(there)), "whl");
  } else {
    pyodide.mountNodeFS(here, there);
  }
}
pyodide.globals.set("PYODIDE_VERSION", version);
try {
  await pyodide.runPythonAsync(readFileSync(program, "utf8"));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
