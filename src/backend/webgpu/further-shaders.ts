import { addShaders } from './shader-sources.ts';

// The shaders of further-kernels.ts, which shader-sources.ts leaves out.
addShaders(
  import.meta.glob<string>('../../../shaders/{ensemble_train,group_losses,kl_gradient,random_words,sample_categorical,simplex_flow}.wgsl', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);
