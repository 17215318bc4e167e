const prefix = '../../../shaders/';
const files = import.meta.glob<string>('../../../shaders/shared/*.wgsl', { query: '?raw', import: 'default', eager: true });

/** Texts that kernels include, by their paths below shaders/ without extension. A kernel's own text comes with its interface. */
export const sharedShaders: ReadonlyMap<string, string> = new Map(
  Object.entries(files).map(([path, text]) => [path.slice(prefix.length).replace(/\.wgsl$/, ''), text]),
);
