const prefix = '../../../shaders/';
const files = import.meta.glob<string>('../../../shaders/**/*.wgsl', { query: '?raw', import: 'default', eager: true });

/** Every shader's text, by its path below shaders/ without extension. */
export const shaderSources: ReadonlyMap<string, string> = new Map(
  Object.entries(files).map(([path, text]) => [path.slice(prefix.length).replace(/\.wgsl$/, ''), text]),
);
