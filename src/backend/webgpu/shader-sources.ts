const prefix = '../../../shaders/';
const files = import.meta.glob<string>(
  [
    '../../../shaders/**/*.wgsl',
    // those of further-shaders.ts
    '!../../../shaders/{ensemble_train,group_losses,kl_gradient,random_words,sample_categorical,simplex_flow}.wgsl',
  ],
  { query: '?raw', import: 'default', eager: true },
);

/** Shaders' texts, by their paths below shaders/ without extension. */
export const shaderSources = new Map<string, string>();

/** Takes up shaders by their files' paths. */
export function addShaders(texts: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(texts)) shaderSources.set(path.slice(prefix.length).replace(/\.wgsl$/, ''), text);
}

addShaders(files);
