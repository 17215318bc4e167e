import type { Given, ViewState } from '../../shell/runs/view-state.ts';
import { ClaimsLab } from './claims.svelte.ts';
import { readClaims, writeClaims } from './claims-link.ts';

export function open({ reader }: Given): ViewState<ClaimsLab> {
  const lab = new ClaimsLab();
  if (reader) lab.restore(readClaims(reader));
  return { lab, fields: () => writeClaims(lab.link), restore: (link) => lab.restore(readClaims(link)) };
}
