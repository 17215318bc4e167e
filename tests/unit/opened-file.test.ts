import { expect, it } from 'vitest';
import { open } from '../../src/views/pairs/open.ts';

const given = { calm: true, keep: <S>(next: S) => next, reader: null };

// A page that loads itself anew after a deploy asks before it drops a file.
it('holds a file of the reader from its choice on: read, being read, or refused', async () => {
  const { lab, holdsFiles } = open({ ...given, engine: null } as never);
  expect(holdsFiles?.()).toBe(false);
  let fail = (_: Error): void => {};
  const opening = lab.file.open('mine.jsonl', () => new Promise((_, reject) => (fail = reject)));
  expect(holdsFiles?.()).toBe(true);
  fail(new Error('Its reader is gone.'));
  await opening;
  expect([lab.file.opening, lab.file.value, holdsFiles?.()]).toEqual([null, null, true]);
  void lab.file.open('again.jsonl', () => new Promise(() => {}));
  lab.file.cancel();
  expect(holdsFiles?.()).toBe(false);
});
