import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

/** A feature never imports another one; `app/` composes them. */
const features = ["account", "admin", "auth", "conversations", "messages", "search"];

export default tseslint.config(
  { ignores: ["dist/**"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  { files: ["scripts/**/*.mjs", "*.config.{js,ts}"], languageOptions: { globals: globals.node } },
  { files: ["src/worker.js"], languageOptions: { globals: globals.serviceworker } },
  {
    files: ["src/**/*.{ts,tsx}"],
    ...jsxA11y.flatConfigs.strict,
    languageOptions: {
      ...jsxA11y.flatConfigs.strict.languageOptions,
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, ecmaFeatures: { jsx: true } },
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**/*.{ts,tsx}`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { regex: `features/(?!${feature}/)`, message: "Features never import each other: compose them in app/." },
            { regex: "(^|/)app/", message: "Features do not know the app that composes them." },
          ],
        },
      ],
    },
  })),
  {
    files: ["src/shared/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: "(features|app)/", message: "What is shared stands below features and app." }] }],
    },
  },
  {
    files: ["src/**/*.tsx"],
    ignores: ["src/**/*.test.tsx", "src/test/**"],
    rules: {
      // The name of the product is the same in every language.
      "no-restricted-syntax": [
        "error",
        { selector: "JSXText[value=/^(?!\\s*ChatConnect\\s*$)[^]*[A-Za-zÀ-ÿ]/]", message: "Texts are in the dictionaries of shared/i18n." },
        {
          selector: "JSXAttribute[name.name=/^(aria-label|title|placeholder|alt|label|hint)$/] > Literal[value=/[A-Za-zÀ-ÿ]/]",
          message: "Texts are in the dictionaries of shared/i18n.",
        },
      ],
    },
  },
);
