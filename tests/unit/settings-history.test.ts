import { beforeEach, describe, expect, test, vi } from 'vitest';
import { SettingsHistory } from '../../src/shell/runs/settings-history.svelte.ts';

describe('The history of settings', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });

  test('goes back and forth through what was recorded', () => {
    const history = new SettingsHistory<number>();
    history.record(1);
    history.record(2);
    expect(history.undo(3)).toBe(2);
    expect(history.undo(2)).toBe(1);
    expect(history.undo(1)).toBeNull();
    expect(history.redo(1)).toBe(2);
    expect(history.redo(2)).toBe(3);
    expect(history.redo(3)).toBeNull();
  });

  test('a new change ends what could be redone', () => {
    const history = new SettingsHistory<number>();
    history.record(1);
    history.undo(2);
    history.record(1);
    expect(history.canRedo).toBe(false);
    expect(history.undo(5)).toBe(1);
  });

  test('a slide is one step, another setting or a rest begins a new one', () => {
    const history = new SettingsHistory<number>();
    history.record(1, 'rate');
    vi.advanceTimersByTime(500);
    history.record(2, 'rate');
    vi.advanceTimersByTime(500);
    history.record(3, 'steps');
    vi.advanceTimersByTime(1000);
    history.record(4, 'steps');
    expect([history.undo(5), history.undo(4), history.undo(3), history.undo(1)]).toEqual([4, 3, 1, null]);
  });

  test('what follows an undo is a step of its own', () => {
    const history = new SettingsHistory<number>();
    history.record(1, 'rate');
    history.record(2, 'scale');
    expect(history.undo(3)).toBe(2);
    history.record(2, 'rate');
    expect(history.undo(9)).toBe(2);
  });
});
