import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** 200 real preference pairs as JSONL in Base64, where they lie beside the checkout; else null */
    realPairs: string | null;
  }
}

/** Hands the browser what it cannot read itself. In Base64, because Vitest pastes provided text into an inline script, unescaped. */
export default function setup(project: TestProject): void {
  const path = resolve(import.meta.dirname, '../../../shared/data/pairs_en.jsonl');
  project.provide('realPairs', existsSync(path) ? readFileSync(path, 'base64') : null);
}
