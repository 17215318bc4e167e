import { samplings } from '../../atlas/toys/modes/race.ts';
import { sceneField } from '../../shell/links/bandit-link.ts';
import { choice, type Field, list, number, type TextCodec, table, text, viewLink } from '../../shell/links/fields.ts';
import { readObjective, writeObjective } from '../../shell/losses/objective-link.ts';
import type { PageChoice } from '../../shell/losses/objective-view.ts';
import { type GroupsLink, type GroupsLook, lenses, usualLook } from './groups.svelte.ts';
import { groupMethods, type MethodId, methods, typedId } from './methods.ts';
import { comparisons, quantities } from './race/curves.ts';
import { batchesOf, defaultGroups, type GroupsSettings, groupsRanges, kls, scales, syncs, worlds } from './settings.ts';
import { defaultLook, type SlowLook, stopsOf } from './slow/slow-motion.svelte.ts';
import { prompts } from './world.ts';

const ids: readonly MethodId[] = methods.map(({ id }) => id);
const some = list<MethodId>(
  { read: (written) => ids.find((id) => id === written) ?? null, write: (id) => id },
  '.',
  { min: 0, max: ids.length },
  `It must be some of ${ids.join(', ')}, with dots between them.`,
);
/** In the order of the catalogue, each once. */
const chosen: TextCodec<readonly MethodId[]> = {
  ...some,
  read: (written) => {
    const asked = some.read(written);
    return asked && new Set(asked).size === asked.length ? ids.filter((id) => asked.includes(id)) : null;
  },
};

/** What the fields of the typed loss begin with: those without are of the loss that other views train. */
const ownPrefix = 'own.';
/** A line and its parameters; what reads lines of groups must have been fetched: `openLink` does. */
const typed: Field<PageChoice | null> = {
  read: (reader) => {
    const own: Parameters<typeof readObjective>[0] = {
      take: (key) => reader.take(ownPrefix + key),
      refuse: (key, value, reason) => reader.refuse(ownPrefix + key, value, reason),
    };
    if (own.take('loss') === null) return null;
    const read = readObjective(own, null, true);
    if ('expression' in read) return read;
    for (const name of Object.keys(read.params ?? {})) {
      const value = own.take(`p.${name}`);
      if (value !== null) own.refuse(`p.${name}`, value, 'It belongs to a loss that is not used.');
    }
    return null;
  },
  write: (line) => (line ? Object.fromEntries(Object.entries(writeObjective(line)).map(([key, value]) => [ownPrefix + key, value])) : {}),
};

const settings: Field<GroupsSettings> = table<GroupsSettings>({
  methods: text<readonly MethodId[], readonly MethodId[]>('methods', chosen, defaultGroups.methods),
  typed,
  world: choice('world', worlds, defaultGroups.world),
  scene: sceneField,
  threshold: number('gap', groupsRanges.threshold, defaultGroups.threshold),
  sampling: choice('offline', samplings, defaultGroups.sampling),
  groupSize: number('n', groupsRanges.groupSize, defaultGroups.groupSize),
  learningRate: number('lr', groupsRanges.learningRate, defaultGroups.learningRate),
  updates: number('updates', groupsRanges.updates, defaultGroups.updates),
  reuse: number('reuse', groupsRanges.reuse, defaultGroups.reuse),
  scale: choice('scale', scales, defaultGroups.scale),
  epsilon: number('eps', groupsRanges.epsilon, defaultGroups.epsilon),
  epsilonHigh: number('eps.high', groupsRanges.epsilonHigh, defaultGroups.epsilonHigh),
  beta: number('beta', groupsRanges.beta, defaultGroups.beta),
  kl: choice('kl', kls, defaultGroups.kl),
  sync: choice('sync', syncs, defaultGroups.sync),
  syncAlpha: number('sync.alpha', groupsRanges.syncAlpha, defaultGroups.syncAlpha),
  syncSteps: number('sync.steps', groupsRanges.syncSteps, defaultGroups.syncSteps),
  teacher: number('teacher', groupsRanges.teacher, defaultGroups.teacher),
  lmbda: number('lmbda', groupsRanges.lmbda, defaultGroups.lmbda),
  divergence: number('gkd.beta', groupsRanges.divergence, defaultGroups.divergence),
  entropy: number('entropy', groupsRanges.entropy, defaultGroups.entropy),
  seeds: number('seeds', groupsRanges.seeds, defaultGroups.seeds),
});

const lookAt = ({ settings: each }: { readonly settings: GroupsSettings }) => {
  const batches = batchesOf(each);
  return table<GroupsLook>({
    lens: choice('lens', lenses, usualLook.lens),
    quantity: choice('y', quantities, usualLook.quantity),
    comparison: choice('by', comparisons, usualLook.comparison),
    step: number('step', { min: 0, max: batches * each.reuse, integer: true }, null),
    slow: table<SlowLook>({
      method: choice<MethodId>('method', [...groupMethods.map(({ id }) => id), typedId], defaultLook.method),
      seed: number('seed', groupsRanges.seeds, defaultLook.seed),
      prompt: number('prompt', { min: 0, max: prompts - 1, integer: true }, null),
      batch: number('batch', { min: 0, max: batches - 1, integer: true }, 0),
      stop: number('stop', { min: 0, max: stopsOf(each) - 1, integer: true }, 0),
    }),
  });
};

export const { read: readGroups, write: writeGroups } = viewLink(table<Pick<GroupsLink, 'settings'>>({ settings }), lookAt);
