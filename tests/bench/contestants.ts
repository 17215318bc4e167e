import type { Contestant } from './contestant.ts';
import { cpuEngines } from './cpu-engine.ts';
import { plainLoop } from './loop.ts';
import { ensembles } from './prefscope.ts';

/** URLs of folders; null: not installed */
export interface Folders {
  wasmFolder: string;
  onnxFolder: string | null;
}

/** Peers that share the page with prefscope: `load` fetches their code and gives what opens them. */
export const peers = ({ wasmFolder, onnxFolder }: Folders): { name: string; load(): Promise<() => Promise<Contestant>> }[] => [
  {
    name: 'TF.js WebGPU',
    load: async () => {
      const { openTfjs } = await import('./tfjs.ts');
      return () => openTfjs('webgpu', wasmFolder);
    },
  },
  {
    name: 'TF.js WASM',
    load: async () => {
      const { openTfjs } = await import('./tfjs.ts');
      return () => openTfjs('wasm', wasmFolder);
    },
  },
  { name: 'jax-js WebGPU', load: async () => (await import('./jax.ts')).openJax },
  {
    name: 'ONNX Runtime WebGPU',
    load: async () => {
      if (!onnxFolder) throw new Error('could not be installed');
      const { openOnnx } = await import('./onnx.ts');
      return () => openOnnx(onnxFolder);
    },
  },
];

/** Whoever trains ensembles in the page's own thread: a worker would load its code once more. */
export const coldContestants = (folders: Folders): ReturnType<typeof peers> => [
  ...[ensembles, plainLoop, ...cpuEngines.filter(({ name }) => !name.includes('every core'))].map((contestant) => ({
    name: contestant.name,
    load: async () => () => Promise.resolve(contestant),
  })),
  ...peers(folders),
];
