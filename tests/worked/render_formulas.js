/**
 * Renders formulas with KaTeX and with MathJax, and writes what they complain of.
 *
 * Standard input is a JSON list of [formula, whether it stands on lines of its own]; standard
 * output a JSON list of complaints. MathJax is as GitHub has it: what it does not know is an error.
 */

import { readFileSync } from "node:fs";
import katex from "katex";
import mathjax from "mathjax";

const STRICT = (/** @type {string} */ code) => (code === "unknownSymbol" ? "ignore" : "error");

const MathJax = await mathjax.init({
  loader: { load: ["input/tex"] },
  tex: {
    packages: { "[-]": ["noundefined", "noerrors"] },
    formatError: (/** @type {unknown} */ _jax, /** @type {Error} */ error) => {
      throw error;
    },
  },
});

const RENDERERS = {
  KaTeX: (/** @type {string} */ formula, /** @type {boolean} */ displayMode) =>
    katex.renderToString(formula, { displayMode, strict: STRICT, throwOnError: true }),
  MathJax: (/** @type {string} */ formula, /** @type {boolean} */ display) => {
    const shown = MathJax.tex2mml(formula, { display });
    if (/<mtext>[^<]*[\\{}]/.test(shown)) throw new Error("a command is shown as text");
  },
};

const complaints = [];
for (const [formula, display] of JSON.parse(readFileSync(0, "utf8"))) {
  for (const [name, render] of Object.entries(RENDERERS)) {
    try {
      render(formula, display);
    } catch (error) {
      complaints.push(`${name}: ${error.message}: ${formula}`);
    }
  }
}
process.stdout.write(JSON.stringify(complaints));
