// What dragging needs that the first paint does not: one fetch, when a reader does anything.
export { default as CueSearch } from './CueSearch.svelte';
export { grownAbout } from './grown.ts';
