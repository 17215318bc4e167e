import { test } from 'vitest';
import { philox4x32 } from '../../src/core/rng.ts';
import { expectWithin } from './tolerance.ts';
import { openTwins } from './twins.ts';

const onBoth = openTwins();
const exactly = () => 0;

test.each([
  [1, 0, 0, 0],
  [2, 1, 0, 0],
  [3, 0, 1, 0],
  [5, 0, 0, 1],
  [256, 0xffffffff, 0xffffffff, 0xffffffff],
  [257, 7, 4, 0x80000000],
  [4099, 0xdeadbeef, 9, 0xfffffffe],
])('%i words of seed %i, stream %i and round %i: the same bits, and none past the end', async (length, seed, stream, round) => {
  const arrays = { words: new Uint32Array(length + 9).fill(7) };
  const { gpu, cpu } = await onBoth(arrays, (kernels, { words }) => kernels.randomWords({ length, seed, stream, round, words }));
  expectWithin(gpu.words, cpu.words, exactly);
  const last = length - 1;
  const block = philox4x32([Math.floor(last / 4), round, 0, 0], [seed, stream]);
  expectWithin([gpu.words[last] as number, gpu.words[length] as number], [block[last % 4] as number, 7], exactly, 'around the end');
});
