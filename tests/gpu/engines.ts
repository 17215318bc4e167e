import { afterAll, beforeAll, describe } from 'vitest';
import { type BackendKind, type Engine, openEngine } from '../../src/index.ts';

/** Runs the same tests on both engines. Without an adapter the WebGPU half fails: it is never skipped. */
export function describeEngines(name: string, tests: (engine: () => Engine, kind: BackendKind) => void): void {
  describe.each(['cpu', 'webgpu'] as const)(`${name} on %s`, (kind) => {
    let engine: Engine | null = null;
    beforeAll(async () => {
      engine = await openEngine({ backend: kind });
    });
    afterAll(() => engine?.dispose());
    tests(() => {
      if (!engine) throw new Error(`The ${kind} engine did not open.`);
      return engine;
    }, kind);
  });
}
