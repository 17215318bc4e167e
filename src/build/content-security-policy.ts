import type { Plugin } from 'vite';

/**
 * Nothing but the site itself. Images may also be blob: URLs, which only the page can make: a figure becomes a PNG by being drawn from
 * one. They reach no server, and an SVG that is an image runs no script and loads nothing.
 */
const policy = "default-src 'self'; img-src 'self' blob:; base-uri 'none'; object-src 'none'; form-action 'none'";

/** Puts the policy first in the head of the built page. Not in development: Vite's client injects inline styles there. */
export const contentSecurityPolicy = (): Plugin => ({
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: () => [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' }],
  },
});
