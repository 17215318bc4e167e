import { type Component, mount, unmount } from 'svelte';

/** What a cell shows: a node to display, and a way to give the component other props later. */
export interface Mounted<Props> {
  readonly node: HTMLElement;
  set(change: Partial<Props>): void;
}

interface Living {
  readonly node: HTMLElement;
  readonly instance: Record<string, unknown>;
  /** it has been on the page: once it has left, it is gone for good */
  shown: boolean;
}

const living = new Set<Living>();

/** Ends the components whose cells have shown something else since. */
export function endRemoved(): void {
  for (const one of living) {
    if (one.node.isConnected) one.shown = true;
    else if (one.shown) {
      living.delete(one);
      void unmount(one.instance);
    }
  }
}

/** A Svelte component with props that can change. */
export function mounted<Props extends Record<string, unknown>>(component: Component<Props>, props: Props): Mounted<Props> {
  const node = document.createElement('div');
  const state = $state(props);
  living.add({ node, instance: mount(component, { target: node, props: state }), shown: false });
  return { node, set: (change) => void Object.assign(state, change) };
}

/** A Svelte component as a node, for the cells whose props stay. */
export const component = <Props extends Record<string, unknown>>(what: Component<Props>, props: Props): HTMLElement =>
  mounted(what, props).node;
