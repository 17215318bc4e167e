import type { Given, ViewState } from '../../shell/view.ts';
import { ClaimsLab } from './claims.svelte.ts';
import { readClaims, writeClaims } from './claims-link.ts';

export { default as component } from './ClaimsView.svelte';

export function open({ reader }: Given): ViewState<ClaimsLab> {
  const lab = new ClaimsLab();
  if (reader) lab.restore(readClaims(reader));
  return { lab, fields: () => writeClaims(lab.link), restore: (link) => lab.restore(readClaims(link)) };
}
