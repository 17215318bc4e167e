import { fetchGroupLosses } from '../../shell/losses/group-losses.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { GroupsLab } from './groups.svelte.ts';
import { readGroups, writeGroups } from './groups-link.ts';

export { default as component } from './GroupsView.svelte';

export async function open({ engine, calm, keep, reader }: Given): Promise<ViewState<GroupsLab>> {
  await fetchGroupLosses();
  const lab = new GroupsLab(engine, { calm });
  lab.keep = keep;
  if (reader) lab.restore(readGroups(reader));
  await lab.slow.refresh();
  return {
    lab,
    fields: () => writeGroups(lab.link),
    restore: (link) => lab.restore(readGroups(link)),
    change: (change) => lab.change(change),
    setHidden: (hidden) => lab.setHidden(hidden),
    changeEngine: () => lab.changeEngine(),
  };
}
