import { type MovingReference, moves, movingRanges, usualMove } from '../../atlas/toys/moving-reference.ts';
import { choice, type Field, number, table } from './fields.ts';

const rest = {
  alpha: number('sync.alpha', movingRanges.alpha, usualMove.alpha),
  every: number('sync.steps', movingRanges.every, usualMove.every),
};

/** How a reference moves that always does. */
export const movingField = table<MovingReference>({ how: choice('sync', moves, usualMove.how), ...rest });

const how = choice('sync', ['off', ...moves], 'off');
const others = table<Omit<MovingReference, 'how'>>(rest);

/** The same where it stays by default; null: it stays, and a share or a time of it belongs to nothing. */
export const mayMoveField: Field<MovingReference | null> = {
  read: (reader) => {
    const found = how.read(reader);
    if (found !== 'off') return { how: found, ...others.read(reader) };
    for (const key of ['sync.alpha', 'sync.steps']) {
      const value = reader.take(key);
      if (value !== null) reader.refuse(key, value, 'It belongs to a reference that moves: sync=soft or sync=hard.');
    }
    return null;
  },
  write: (moving): Record<string, string> => (moving ? { ...how.write(moving.how), ...others.write(moving) } : {}),
};
