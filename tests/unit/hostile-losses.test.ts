import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { theoremTerms } from '../../src/atlas/toys/displacement/theorem-terms.ts';
import type { PageEngine } from '../../src/shell/engine/page-engine.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { type LinkReader, readLink } from '../../src/shell/links/link.ts';
import { LossEditor } from '../../src/shell/losses/loss-editor.svelte.ts';
import { checkStart } from '../../src/shell/losses/loss-start.ts';
import { forcesOf, type PageChoice, viewObjective, withParameter } from '../../src/shell/losses/objective-view.ts';
import { openEngine } from '../../src/train/engine.ts';
import { readDisplacement, writeDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { judge } from '../../src/views/displacement/more/verdict.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
import { EntanglementLab } from '../../src/views/entanglement/entanglement.svelte.ts';
import { readEntanglement, writeEntanglement } from '../../src/views/entanglement/entanglement-link.ts';
import { readMap, writeMap } from '../../src/views/map/map-link.ts';
import { defaultMap, PhaseMap } from '../../src/views/map/phase-map.svelte.ts';
import { plainAxis } from '../../src/views/map/toys/map-axes.ts';
import { readPairs, writePairs } from '../../src/views/pairs/pairs-link.ts';
import { SimplexLab } from '../../src/views/simplex/simplex.svelte.ts';
import { readSimplex, writeSimplex } from '../../src/views/simplex/simplex-link.ts';
import { hostileExpression } from '../shared/hostile-expressions.ts';
import { randomStream } from '../shared/random-expressions.ts';

const random = randomStream(20_261_130);
const lines = Array.from({ length: 300 }, (_, index) => hostileExpression(random, 1 + (index % 5)));
const first = { refChosen: -1, refRejected: -2, chosen: -1, rejected: -2 };

/** Each view's objective in a link, and the link again. */
const codecs: readonly { view: string; read: (reader: LinkReader) => { objective: PageChoice; write: () => unknown } }[] = [
  {
    view: 'displacement',
    read: (reader) => {
      const state = readDisplacement(reader);
      return { objective: state.settings.objective, write: () => writeDisplacement(state) };
    },
  },
  {
    view: 'entanglement',
    read: (reader) => {
      const state = readEntanglement(reader);
      return { objective: state.settings.objective, write: () => writeEntanglement(state) };
    },
  },
  {
    view: 'simplex',
    read: (reader) => {
      const state = readSimplex(reader);
      return { objective: state.settings.objective, write: () => writeSimplex(state) };
    },
  },
  {
    view: 'map',
    read: (reader) => {
      const state = readMap(reader);
      return { objective: state.base.objective, write: () => writeMap(state) };
    },
  },
  {
    view: 'pairs',
    read: (reader) => {
      const state = readPairs(reader);
      return { objective: state.objective, write: () => writePairs(state) };
    },
  },
];

describe('any line that may be typed', () => {
  it.each(codecs)('opens as a link to $view: a loss that is finite at its start, or a problem', ({ view, read }) => {
    let used = 0;
    for (const loss of lines) {
      const { reader } = readLink(`v=1&view=${view}&${new URLSearchParams({ loss })}`);
      const { objective, write } = read(reader);
      const problems = reader.finish();
      if ('expression' in objective) {
        expect(objective.expression).toBe(loss);
        expect(() => viewObjective(objective), loss).not.toThrow();
        used++;
      } else expect(problems, loss).toMatchObject([{ key: 'loss' }]);
      expect(write, loss).not.toThrow();
    }
    expect(used).toBeGreaterThan(lines.length / 10);
    expect(used).toBeLessThan(lines.length);
  });

  it('is typed into a page that lives: what trains is always a loss that can', () => {
    let choice: PageChoice = { name: 'dpo' };
    const editor = new LossEditor(
      () => viewObjective(choice),
      (next) => {
        choice = next;
      },
      () => first,
    );
    for (const line of lines) {
      for (let end = 1; end < line.length; end += 7) editor.type(line.slice(0, end));
      editor.type(line);
      expect(() => checkStart(choice, first), line).not.toThrow();
      if (editor.problem === null) expect(choice).toMatchObject({ expression: line });
      else {
        expect(editor.problem.message.length).toBeGreaterThan(10);
        expect(editor.problem.from).toBeGreaterThanOrEqual(1);
        expect(editor.problem.from).toBeLessThanOrEqual(line.length + 1);
      }
    }
  });

  it('may hold names that mean something to JavaScript', () => {
    for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
      let choice: PageChoice = { name: 'dpo' };
      const editor = new LossEditor(
        () => viewObjective(choice),
        (next) => {
          choice = next;
        },
      );
      editor.type(`${name} * margin`);
      expect(editor.problem).toBeNull();
      expect(choice).toMatchObject({ params: { [name]: 1 } });
    }
  });
});

const slid = { expression: 'log(c) * margin', params: { c: 2 } } satisfies PageChoice;

describe('a slider that makes the loss no number', () => {
  beforeAll(() => {
    vi.stubGlobal('requestAnimationFrame', (next: (now: number) => void) => setTimeout(() => next(performance.now())));
  });
  afterAll(() => {
    vi.unstubAllGlobals();
  });

  it('leaves numbers that say so, and throws nowhere', () => {
    const bad = withParameter(slid, 'c', -1);
    expect(forcesOf(bad)(first)).toEqual({ loss: Number.NaN, chosen: Number.NaN, rejected: Number.NaN });
  });

  it('leaves the displacement view with its start, its story and undo', async () => {
    const { settings } = readDisplacement(readLink('').reader);
    const link = { settings: { ...settings, objective: slid, steps: 20 }, step: null };
    const owner = new PageEngineOwner('cpu');
    const session = await Session.create(owner, { calm: true, link });
    owner.onchange = () => session.changeEngine();
    await owner.open();
    await vi.waitFor(() => expect(session.status).toBe('finished'));
    session.change({ objective: withParameter(slid, 'c', -1) });
    await vi.waitFor(() => expect(session.status).not.toBe('playing'));
    expect(session.divergedAt).toBeLessThanOrEqual(1);
    expect(session.start.chosenLogps[0]).toBeLessThan(0);
    await session.explain();
    const { forces, pairState, policy, theory, flipScale, link: present } = session;
    const terms = theoremTerms(policy, theory, session.cast);
    const verdict = judge(session.startForShown, session.shown, session.cast, session.marks);
    expect({ ...forces(pairState), theory, terms, verdict, flipScale }).toBeDefined();
    expect(() => writeDisplacement(present)).not.toThrow();
    session.undo();
    await vi.waitFor(() => expect(session.status).toBe('finished'));
    expect(session.steps).toHaveLength(21);
    session.dispose();
  });

  it('leaves the entanglement view where the run overflowed, and undo', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const { settings } = readEntanglement(readLink('').reader);
    const lab = new EntanglementLab(() => engine as unknown as PageEngine, {
      calm: true,
      link: { settings: { ...settings, objective: slid, steps: 10 }, step: null },
    });
    lab.setHidden(false);
    await vi.waitFor(() => expect(lab.status).toBe('finished'));
    lab.change({ objective: withParameter(slid, 'c', -1) });
    await vi.waitFor(() => expect(lab.status).toBe('finished'));
    expect(lab.divergedAt).toBe(0);
    expect([lab.moments, lab.marks, lab.agreement]).toBeDefined();
    lab.undo();
    await vi.waitFor(() => expect(lab.steps).toHaveLength(11));
    expect(lab.moment?.case).toBeDefined();
  });

  it('leaves the simplex with a problem or a field', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const lab = new SimplexLab();
    lab.use(engine as unknown as PageEngine);
    lab.choose(withParameter(slid, 'c', -1));
    await vi.waitFor(() => expect(lab.free ?? lab.problem).not.toBeNull());
    expect([lab.field, lab.trajectory, lab.index, lab.time]).toBeDefined();
    lab.choose(slid);
    await vi.waitFor(() => expect(lab.free?.settings.objective).toBe(slid));
    expect(lab.problem).toBeNull();
  });

  it('leaves the map with its cells', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const base = { ...defaultMap.base, steps: 3, objective: withParameter(slid, 'c', -1) };
    const map = new PhaseMap(() => engine as unknown as PageEngine, { ...defaultMap, base, resolution: 32 });
    map.begin();
    await vi.waitFor(() => expect(['finished', 'failed']).toContain(map.status), { timeout: 120_000 });
    expect([map.theory, map.present, map.replay]).toBeDefined();
  });

  it('does not carry a β to DPO, in a map, that only a reader’s own line can have', () => {
    const objective = { expression: '-logsigmoid(beta * margin)', params: { beta: -1 } } as const;
    const map = new PhaseMap(() => null, { ...defaultMap, base: { ...defaultMap.base, objective } });
    expect(map.baseLoss).toEqual({ name: 'dpo' });
    map.change({ objective: { ...objective, params: { beta: 0.3 } } });
    expect(map.baseLoss).toEqual({ name: 'dpo', params: { beta: 0.3 } });
    map.change({ objective });
    map.setX(plainAxis('p.alpha'));
    expect(map.base.objective).toEqual({ name: 'rpo' });
    expect([map.theory, map.x.id, map.objectives.length]).toBeDefined();
  });
});
