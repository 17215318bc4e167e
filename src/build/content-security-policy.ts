import type { Plugin } from 'vite';

/**
 * Nothing but the site itself. Images may also be blob: URLs, which only the page can make: a figure becomes a PNG by being drawn from
 * one. They reach no server, and an SVG that is an image runs no script and loads nothing.
 */
const policy = "default-src 'self'; img-src 'self' blob:; base-uri 'none'; object-src 'none'; form-action 'none'";

/**
 * Where the browser knows trusted types, markup comes from Svelte's templates alone, and addresses of workers pass `page/own-scripts.ts`.
 * The notebooks write markup themselves, as cells do.
 */
const trusted = "; require-trusted-types-for 'script'; trusted-types svelte-trusted-html default";

/** Puts the policy first in the head of the built page. Not in development: Vite's client injects inline styles there. */
export const contentSecurityPolicy = (): Plugin => ({
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { path }) => {
      const content = path.includes('/notebooks/') ? policy : policy + trusted;
      return [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content }, injectTo: 'head-prepend' }];
    },
  },
});
