/** What this file uses of `trustedTypes`, which TypeScript does not know yet. */
interface Policies {
  createPolicy(name: 'default', rules: { createScriptURL(url: string): string | null }): unknown;
}

/** Workers are started from the page's own origin alone, whoever asks. Without trusted types the policy `default-src` sees to it. */
const { trustedTypes } = globalThis as { trustedTypes?: Policies };
trustedTypes?.createPolicy('default', {
  createScriptURL: (url) => (new URL(url, location.href).origin === new URL(location.href).origin ? url : null),
});
