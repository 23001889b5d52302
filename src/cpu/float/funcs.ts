/** What the core (core.ts) is used for, by the name that `Builder.call` has for it. */
import { I64 } from '../wasm/code.ts';
import { define } from '../wasm/func.ts';

export const FLOAT_FUNCS = {
  floatPlaceholder: define('floatPlaceholder', [I64], [I64], (_f, x) => x),
};
