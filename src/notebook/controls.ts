import type { Range } from '../core/range.ts';
import NumberControl from '../shell/controls/NumberControl.svelte';
import { mounted } from './component.svelte.ts';

/** A node that `view(...)` makes a reactive value of. */
export type Control<T> = HTMLElement & { value: T };

/** Says that a control has a new value, as `view` listens for it. */
function say<T>(control: Control<T>, value: T): void {
  control.value = value;
  control.dispatchEvent(new Event('input'));
}

const labelled = (label: string, input: HTMLElement): HTMLLabelElement => {
  const node = document.createElement('label');
  node.className = 'field';
  node.append(label, input);
  return node;
};

/** A line of text; the new value counts on Enter, or when the reader goes on. */
export function textField(label: string, value: string): Control<string> {
  const input = document.createElement('input');
  input.type = 'text';
  input.value = value;
  input.spellcheck = false;
  const control = Object.assign(labelled(label, input), { value });
  input.addEventListener('input', (event) => event.stopPropagation()); // not every letter
  input.addEventListener('change', () => say(control, input.value));
  return control;
}

/** A slider with exact entry. */
export function numberField(label: string, value: number, range: Range): Control<number> {
  const change = (next: number): void => {
    slider.set({ value: next });
    say(control, next);
  };
  const slider = mounted(NumberControl, { label, value, range, onchange: change });
  const control: Control<number> = Object.assign(slider.node, { value });
  // What the slider's own inputs say is not yet a value.
  control.addEventListener('input', (event) => event.target !== control && event.stopImmediatePropagation());
  return control;
}

/** A file of the reader's; null until one is chosen. Nothing leaves the page. */
export function fileField(label: string, accept: string): Control<File | null> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  const control: Control<File | null> = Object.assign(labelled(label, input), { value: null });
  input.addEventListener('input', (event) => event.stopPropagation());
  input.addEventListener('change', () => say(control, input.files?.[0] ?? null));
  return control;
}
