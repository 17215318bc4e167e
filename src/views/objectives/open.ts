import { stateless } from '../../shell/view.ts';

export { default as component } from './CatalogueView.svelte';

export const open = () => stateless;
