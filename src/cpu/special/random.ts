/** Random numbers for RDRAND and RDSEED: SplitMix64 (G. Steele, D. Lea, C. Flood, 2014), as kernel/random.ts has it. */
import { STATE } from '../state.ts';
import { I64 } from '../wasm/code.ts';
import { define, load } from '../wasm/func.ts';

export const RANDOM_FUNCS = {
  nextRandom: define('nextRandom', [], [I64], (f) => {
    const state = f.let(load(I64, STATE.random).add(0x9e37_79b9_7f4a_7c15n));
    f.store(I64, STATE.random, state);
    const x = f.let(state.xor(state.shrU(30)).mul(0xbf58_476d_1ce4_e5b9n));
    x.set(x.xor(x.shrU(27)).mul(0x94d0_49bb_1331_11ebn));
    return x.xor(x.shrU(31));
  }),
};
