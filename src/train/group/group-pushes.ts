import { createBackend } from '../../backend/create.ts';
import { itemSize } from '../../backend/group-items.ts';
import type { Group, ObjectiveChoice } from '../../core/experiment.ts';
import { resolveGroupObjective } from '../../objectives/group-resolve.ts';
import { membershipOf, orderGroup, packGroupInputs, packTokenInputs } from './group-columns.ts';

/** Log-probs [prompts × answers] under the present policy, the one that the answers were drawn from, and the reference. */
export interface Policies {
  readonly now: ArrayLike<number>;
  readonly drawnFrom: ArrayLike<number>;
  readonly reference: ArrayLike<number>;
}

/**
 * How hard the loss of a batch pushes the log-probability of each answer, by the engine's own kernel: minus its slope, times the number of
 * answers of all groups. [groups][answers], in the order of the groups. Answers are single outcomes.
 */
export async function pushesOf(
  choice: ObjectiveChoice,
  groups: readonly Group[],
  answers: number,
  { now, drawnFrom, reference: asReference }: Policies,
): Promise<number[][]> {
  const { backend } = await createBackend('cpu');
  const objective = resolveGroupObjective(choice);
  const ordered = groups.map(orderGroup);
  const logps = (of: ArrayLike<number>): Float64Array =>
    Float64Array.from(
      ordered.flatMap(({ prompt, responses }) => responses.map((one) => of[prompt * answers + (one as number)] ?? Number.NaN)),
    );
  const [present, reference, previous] = [logps(now), logps(asReference), logps(drawnFrom)];
  const count = present.length;
  const { groupLosses } = await backend.further();
  const tokens =
    objective.tokenSums === 0
      ? null
      : {
          positions: 1,
          tokenLogps: backend.upload(present),
          tokenInputs: backend.upload(packTokenInputs(objective, ordered, 1, reference, previous)),
          tokenSums: backend.allocate('float', 2 * count * objective.tokenSums),
          tokenSlopes: backend.allocate('float', count),
        };
  const slopes = backend.allocate('float', count);
  const held = {
    objectiveParameters: backend.upload(Float64Array.from([...objective.parameterValues, 0])),
    logps: backend.upload(present),
    groupInputs: backend.upload(packGroupInputs(objective, ordered, reference, previous)),
    membership: backend.upload(membershipOf(ordered)),
    shares: backend.upload(new Float64Array(groups.length).fill(1 / groups.length)),
    items: backend.allocate('float', count * itemSize(objective)),
    losses: backend.allocate('float', groups.length),
    slopes,
  };
  groupLosses({ responses: count, objective, ...held, tokens });
  const values = await backend.read(tokens ? tokens.tokenSlopes : slopes);
  backend.dispose();
  let next = 0;
  return ordered.map(({ given }) => {
    const own = new Array<number>(given.length);
    for (const at of given) own[at] = -(values[next++] ?? Number.NaN) * count + 0;
    return own;
  });
}
