import type { EngineNews } from './surviving-engine.svelte.ts';

/** Whether the reader should look: something happened. That there is no GPU, or no worker, is only how things are. */
export const isGrave = (news: EngineNews): boolean => news.kind !== 'cpu' && news.kind !== 'page' && !wasDismissed(news);

const keyOf = ({ kind, reason }: EngineNews): string => `prefscope.news ${kind} ${reason}`;

/** What the reader has dismissed stays so for as long as the tab is there, also when the page is loaded again. */
export function rememberDismissed(news: EngineNews): void {
  try {
    sessionStorage.setItem(keyOf(news), '1');
  } catch {
    // Storage may be forbidden: the news is then gone until the page is loaded again.
  }
}

export function wasDismissed(news: EngineNews): boolean {
  try {
    return sessionStorage.getItem(keyOf(news)) !== null;
  } catch {
    return false;
  }
}
