import { expect, test } from 'vitest';
import { stopByKey } from '../../src/charts/keys.ts';

/** A key, and whether the browser is kept from what it does with it. */
function pressed(key: string, shiftKey = false) {
  const event = { key, shiftKey, isTaken: false, preventDefault: () => (event.isTaken = true) };
  return event as unknown as KeyboardEvent & { isTaken: boolean };
}

test('a slider goes by steps, with Shift by pages, and no further than its ends', () => {
  const stops = { first: 1, last: 990, step: 10, page: 100, upAndDown: true };
  const to = (key: string, shiftKey = false, present = 756) => stopByKey(pressed(key, shiftKey), present, stops);
  expect(['ArrowLeft', 'ArrowDown', 'ArrowRight', 'ArrowUp'].map((key) => to(key))).toEqual([746, 746, 766, 766]);
  expect(['ArrowLeft', 'ArrowDown', 'ArrowRight', 'ArrowUp'].map((key) => to(key, true))).toEqual([656, 656, 856, 856]);
  expect(['PageDown', 'PageUp', 'Home', 'End'].map((key) => to(key))).toEqual([656, 856, 1, 990]);
  expect([to('ArrowLeft', true, 40), to('PageUp', false, 960)]).toEqual([1, 990]);
});

test('a key that leads nowhere is left to the browser', () => {
  const [up, letter, right] = [pressed('ArrowUp'), pressed('a'), pressed('ArrowRight')];
  expect([up, letter, right].map((event) => stopByKey(event, 3, { last: 9, page: 3 }))).toEqual([null, null, 4]);
  expect([up, letter, right].map(({ isTaken }) => isTaken)).toEqual([false, false, true]);
});
