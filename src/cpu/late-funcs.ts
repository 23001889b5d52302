/**
 * Functions of the runtime that few programs need, written with wasm/func.ts: each group is a module of its own, on the
 * same memory, compiled when the first of its functions is asked for.
 */
import { FLOAT_FUNCS } from './float/funcs.ts';
import { MAX_WASM_PAGES } from './runtime.ts';
import { type AnyFuncDef, FuncLibrary } from './wasm/func.ts';
import { ModuleWriter } from './wasm/module.ts';

const GROUPS: readonly Readonly<Record<string, AnyFuncDef>>[] = [FLOAT_FUNCS];
/** By the name that `Builder.callRuntime` has for it. */
export const LATE_FUNCS = { ...FLOAT_FUNCS };
export type LateFunc = keyof typeof LATE_FUNCS;

export const lateFunc = (name: LateFunc): AnyFuncDef => LATE_FUNCS[name];

export class LateFuncs {
  readonly #memory: WebAssembly.Memory;
  readonly #compiled: Partial<Record<LateFunc, unknown>> = {};
  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }
  get(name: LateFunc): unknown {
    return (this.#compiled[name] ??= this.#compile(name));
  }
  #compile(name: LateFunc): unknown {
    const group = GROUPS.find((one) => name in one);
    if (group === undefined) return undefined;
    const m = new ModuleWriter();
    m.importMemory('m', 'memory', MAX_WASM_PAGES);
    const library = new FuncLibrary(m);
    for (const [one, def] of Object.entries(group)) m.export(one, library.use(def));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { m: { memory: this.#memory } });
    Object.assign(this.#compiled, instance.exports);
    return this.#compiled[name];
  }
}
