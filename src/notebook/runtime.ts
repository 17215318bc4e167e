import {
  clear,
  type DefineState,
  type Definition,
  type DisplayState,
  library,
  NotebookRuntime,
  observe,
} from '@observablehq/notebook-kit/runtime';
import { mount } from 'svelte';
import { storedTheme } from '../page/theme.ts';
import CellError from './CellError.svelte';
import { component, endRemoved } from './component.svelte.ts';
import Frame from './Frame.svelte';
import Shelf from './Shelf.svelte';
import { status } from './status.svelte.ts';

/** The line that each cell has come to: the build puts the calls of `$at` in. */
const lines = new Map<number, number>();

const notebook = new NotebookRuntime({
  dark: library.dark,
  Generators: library.Generators,
  md: library.md,
  Mutable: library.Mutable,
  now: library.now,
  tex: async () => (await import('./tex.ts')).tex,
  width: library.width,
  $at: () => (cell: number, line: number) => void lines.set(cell, line),
});

/** Called when a cell has begun or ended. The kit's own observer shows the value; an error is shown here, with its place. */
function watch(state: DisplayState, definition: Definition): ReturnType<typeof observe> {
  const shown = observe(state, definition);
  const { root } = state;
  const become = (what: 'running' | 'done' | 'failed'): void => {
    root.dataset['state'] = what;
    endRemoved();
    status.refresh();
  };
  const kit = { pending: shown.pending, fulfilled: shown.fulfilled };
  shown.pending = function (this: typeof shown) {
    kit.pending.call(this);
    lines.delete(definition.id);
    become('running');
  };
  shown.fulfilled = function (this: typeof shown, value: unknown) {
    kit.fulfilled.call(this, value);
    become('done');
  };
  shown.rejected = function (this: typeof shown, error: unknown) {
    console.error(error);
    this._error = true;
    clear(state);
    root.append(component(CellError, { error, cell: definition.id, line: lines.get(definition.id) ?? null }));
    become('failed');
  };
  return shown;
}

/** Runs a cell whenever what it reads has changed. The built page calls this once for each cell. */
export function define(state: DefineState, definition: Definition): void {
  state.root.dataset['state'] = 'running';
  notebook.define(state, definition, watch);
}

function into(id: string): HTMLElement {
  const target = document.getElementById(id);
  if (!target) throw new Error(`The notebook's page has no element with the id "${id}".`);
  return target;
}

const theme = storedTheme();
if (theme !== 'system') document.documentElement.dataset['theme'] = theme;
mount(Frame, { target: into('frame'), props: { theme } });
mount(Shelf, { target: into('shelf') });

// Another experiment in the address is another run of the notebook; a place to scroll to is not.
addEventListener('hashchange', ({ oldURL, newURL }) => {
  if (/#v=/.test(oldURL + newURL)) location.reload();
});
