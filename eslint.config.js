import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/.venv*/", "build/", "reproduction/", "dist/"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2022, globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-implicit-coercion": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // A file may call its classes what it likes: text goes into the page as text alone.
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Use element() of #elements." },
        { property: "outerHTML", message: "Use element() of #elements." },
        { property: "insertAdjacentHTML", message: "Use element() of #elements." },
      ],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
    },
  },
  { files: ["tests/**"], languageOptions: { globals: globals.node } },
];
