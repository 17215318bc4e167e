import type { Plugin } from 'vite';

/** Tells the bundler that d3-shape's families of curves are made without side effects, so that those which nobody draws stay away. */
export const pureCurves = (): Plugin => ({
  name: 'pure-curves',
  apply: 'build',
  transform: {
    filter: { id: /\/d3-shape\// },
    handler: (code) => ({ code: code.replace(/= \(function custom\(/g, '= /* @__PURE__ */ (function custom('), map: null }),
  },
});
