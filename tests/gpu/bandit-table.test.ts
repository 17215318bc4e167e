import { expect, test } from 'vitest';
import { banditBins, banditReward } from '../../src/atlas/toys/modes/bandit.ts';
import { type BanditRun, banditRun, peaks, updatesARound } from '../../src/atlas/toys/modes/bandit-runs.ts';
import { expectedReward } from '../../src/core/exact.ts';
import { describeEngines } from './engines.ts';

const tableUpdates = [10, 50, 100, 200, 300];

describeEngines('the bandit', (engine) => {
  test('has the table of rewards', async () => {
    // the far peak after 10, 50, 100, 200 and 300 updates, then the near one: means over five seeds of another implementation, in float64
    const table: readonly [BanditRun, readonly number[], readonly number[]][] = [
      [{ method: 'best-of-n', source: 'offline' }, [0.044, 0.165, 0.287, 0.304, 0.308], [0.484, 0.834, 0.897, 0.916, 0.921]],
      [{ method: 'best-of-n', source: 'online' }, [0.045, 0.259, 0.855, 0.98, 0.99], [0.48, 0.86, 0.972, 0.991, 0.995]],
      // of one fixed data set, as in the authors' script, and of fresh samples each round
      [{ method: 'ipo', source: 'fixed' }, [0.043, 0.041, 0.06, 0.15, 0.249], [0.492, 0.734, 0.85, 0.934, 0.958]],
      [{ method: 'ipo', source: 'offline' }, [0.045, 0.049, 0.046, 0.091, 0.173], [0.492, 0.734, 0.85, 0.934, 0.958]],
      [{ method: 'ipo', source: 'online' }, [0.045, 0.105, 0.559, 0.985, 0.994], [0.496, 0.859, 0.991, 0.999, 0.999]],
      [{ method: 'dpo', source: 'offline' }, [0.044, 0.058, 0.091, 0.174, 0.255], [0.49, 0.733, 0.844, 0.927, 0.957]],
      [{ method: 'dpo', source: 'online' }, [0.046, 0.132, 0.529, 0.964, 0.98], [0.495, 0.818, 0.955, 0.983, 0.989]],
      [{ method: 'reinforce', source: 'online' }, [0.062, 0.42, 0.884, 0.998, 0.998], [0.511, 0.857, 0.978, 1, 1]],
    ];
    // WebGPU's samples and numbers are held to the CPU engine's by the tests of on-policy training: two rows say that it is the same bandit
    const trained = engine().backend === 'cpu' ? table : table.filter(([{ source }], i) => i === 0 || source === 'fixed');
    for (const [run, far, near] of trained) {
      const { rounds } = await engine().trainOnPolicy({ ...banditRun(run), seed: 1 });
      for (const [row, [peak, printed]] of Object.entries({ far, near }).entries())
        for (const [i, updates] of tableUpdates.entries()) {
          const logps = rounds[updates / updatesARound]?.outcomeLogps.slice(row * banditBins, (row + 1) * banditBins) ?? [];
          const value = expectedReward(logps, banditReward(peaks[peak as 'far' | 'near']));
          // One seed against a mean of five, of curves whose seeds are up to 0.04 apart where they are steep. Offline IPO at the far peak
          // sees the peak in few samples, and how late it finds it depends on which: up to 0.12 at the end of the rise.
          const margin = run.method === 'ipo' && run.source !== 'online' && peak === 'far' ? 0.15 : 0.08;
          expect(Math.abs(value - (printed[i] ?? Number.NaN)), `${run.method} ${run.source} ${peak} after ${updates}`).toBeLessThan(margin);
        }
    }
  });
});
