import { referenceSync } from '../../atlas/toys/moving-reference.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import { onPolicyScript } from '../../shell/exports/on-policy-script.ts';
import { writeLink } from '../../shell/links/link.ts';
import type { GroupsLab } from './groups.svelte.ts';
import { writeGroups } from './groups-link.ts';
import { experimentOf, findMethod, objectiveOf } from './methods.ts';
import { groupsPlace } from './place.ts';
import { ks } from './population.ts';

const common = (lab: GroupsLab): Pick<Exports, 'hash' | 'sampling'> => {
  const { groupSize, reuse, entropy, beta, kl, sync, syncSteps, syncAlpha, lmbda } = lab.settings;
  const follows = sync === 'off' ? null : referenceSync({ how: sync, alpha: syncAlpha, every: syncSteps });
  return {
    hash: writeLink(groupsPlace.route, writeGroups(lab.link)),
    sampling: { groupSize, reuse, entropy, klInReward: kl === 'reward' ? beta : 0, sync: follows, lmbda },
  };
};

/** One update on one group, number by number. */
export function updateExports(lab: GroupsLab): Exports {
  const { slow, settings } = lab;
  const { shown, look } = slow;
  return {
    ...common(lab),
    name: 'group-update',
    seen: `One update of ${findMethod(slow.method).short} on a group of ${settings.groupSize} answers.`,
    state: `batch ${slow.batch + 1}, update ${slow.update + 1} on it`,
    seed: String(look.seed),
    engine: engineName('cpu'),
    table: () => ({
      columns: ['place', 'answer', 'right', 'reward', 'advantage', 'p_drawn', 'p_now', 'ratio', 'clipped', 'push'],
      rows: (shown?.drawn ?? []).map((one) => [
        one.index + 1,
        one.answer,
        one.isRight ? 1 : 0,
        one.reward,
        one.advantage?.value ?? Number.NaN,
        one.drawnWith,
        one.probability,
        one.ratio,
        one.clipped ?? '',
        one.push ?? Number.NaN,
      ]),
    }),
    data: () => ({ settings, experiment: experimentOf(slow.method, look.seed, settings), shown }),
    objectives: [objectiveOf(slow.method, settings)],
    script: (options) => onPolicyScript(experimentOf(slow.method, look.seed, settings), options),
    words: { csv: 'the group, answer by answer', json: 'the experiment, and this update', pytorch: 'a script that runs it from the start' },
  };
}

/** The race as far as it has been run. */
export function raceExports(lab: GroupsLab): Exports {
  const { race, settings } = lab;
  return {
    ...common(lab),
    name: 'group-race',
    seen: `A race of ${race.lanes.length} methods that learn from groups of their own answers.`,
    state: `after ${race.done} of ${race.total} runs`,
    seed: settings.seeds === 1 ? '1' : `1 to ${settings.seeds}`,
    engine: engineName(lab.trainedOn),
    table: () => ({
      columns: [
        ...['method', 'run', 'update', 'samples', ...ks.map((k) => `${settings.world === 'bandit' ? 'best_of' : 'pass_at'}_${k}`)],
        ...['entropy', 'kl_to_start', 'groups_with_signal', 'clipped_low', 'clipped_high', 'reward_gradient'],
      ],
      rows: race.lanes.flatMap(({ method, curves }) =>
        curves.flatMap((curve, run) =>
          curve.map(({ update, samples, pass, entropy, kl, effective, clippedLow, clippedHigh, gradient }) => [
            ...[method.id, run + 1, update, samples, ...pass],
            ...[entropy, kl, effective, clippedLow, clippedHigh, gradient],
          ]),
        ),
      ),
    }),
    data: () => ({
      settings,
      methods: race.lanes.map(({ method }) => experimentOf(method.id, 1, settings).method),
      race: race.lanes.map(({ method, curves }) => ({ method: method.id, curves })),
    }),
    objectives: race.lanes.map(({ method }) => objectiveOf(method.id, settings)),
    names: race.lanes.map(({ method }) => method.name),
    script: (options, index) => onPolicyScript(experimentOf(race.lanes[index]?.method.id ?? '', 1, settings), options),
    words: {
      csv: 'every run, state by state',
      json: 'settings and every run',
      tex: 'the losses and their forces',
      pytorch: 'a script that runs seed 1',
    },
  };
}
