/** What the page was started by. Its name holds a hash of the whole build. */
export const ownEntry = (): string => document.querySelector('script[type="module"][src]')?.getAttribute('src') ?? '';
