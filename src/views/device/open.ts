import { stateless } from '../../shell/view.ts';

export { default as component } from './DeviceView.svelte';

export const open = () => stateless;
