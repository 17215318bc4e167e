/**
 * The address of the script that the page was started by; its name holds a hash of the whole build. Taken at once: a view's own entry
 * leaves its folder when the page starts, and its relative addresses then lead elsewhere.
 */
export const ownEntry: string = globalThis.document?.querySelector<HTMLScriptElement>('script[type="module"][src]')?.src ?? '';
