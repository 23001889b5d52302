/**
 * Functions of the runtime that few programs need, written with wasm/func.ts: each group is a module of its own, on the
 * same memory, compiled when the first of its functions is asked for.
 */
import { LANE_FUNCS } from './float/lanes.ts';
import { MAX_WASM_PAGES } from './runtime.ts';
import { AES_FUNCS } from './special/aes.ts';
import { RANDOM_FUNCS } from './special/random.ts';
import { TEXT_FUNCS } from './special/text.ts';
import { addSlotFunc, inSlot, type LateWithSlots, type SlotFunc } from './vector-eval.ts';
import { F32, F64, I64, V128, type ValType } from './wasm/code.ts';
import { type AnyFuncDef, FuncLibrary } from './wasm/func.ts';
import { ModuleWriter } from './wasm/module.ts';
import { X87_ARITHMETIC } from './x87/arith-funcs.ts';
import { X87_MOVES } from './x87/move-funcs.ts';

const X87_FUNCS = { ...X87_MOVES, ...X87_ARITHMETIC };
const GROUPS: readonly Readonly<Record<string, AnyFuncDef>>[] = [
  LANE_FUNCS,
  X87_FUNCS,
  AES_FUNCS,
  TEXT_FUNCS,
  RANDOM_FUNCS,
];
/** By the name that `Builder.callRuntime` has for it. */
export const LATE_FUNCS = { ...LANE_FUNCS, ...X87_FUNCS, ...AES_FUNCS, ...TEXT_FUNCS, ...RANDOM_FUNCS };
export type LateFunc = keyof typeof LATE_FUNCS;

export const lateFunc = (name: LateFunc): AnyFuncDef => LATE_FUNCS[name];

const withSlots = (name: string): string => `${name} with slots`;
const letterOf = (type: ValType): string =>
  type === V128 ? 'v' : type === F32 ? 's' : type === F64 ? 'd' : type === I64 ? 'l' : 'i';

export class LateFuncs {
  readonly #memory: WebAssembly.Memory;
  readonly #compiled: Partial<Record<LateFunc, unknown>> = {};
  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }
  get(name: LateFunc): unknown {
    return (this.#compiled[name] ??= this.#compile(name));
  }
  /** The same for the cold tier, if it has values that JavaScript has not: they are in slots (cpu/vector-eval.ts). */
  getWithSlots(name: LateFunc): LateWithSlots | undefined {
    const { params, results } = lateFunc(name);
    const letters = [...params, ...results].map(letterOf);
    if (!letters.some(inSlot)) return undefined;
    this.get(name);
    const func = (this.#compiled as Record<string, unknown>)[withSlots(name)] as SlotFunc;
    return { func, hasSlot: results.length > 0 && inSlot(letterOf(results[0])) };
  }
  #compile(name: LateFunc): unknown {
    const group = GROUPS.find((one) => name in one);
    if (group === undefined) return undefined;
    const m = new ModuleWriter();
    m.importMemory('m', 'memory', MAX_WASM_PAGES);
    const library = new FuncLibrary(m);
    for (const [one, def] of Object.entries(group)) {
      const func = library.use(def);
      m.export(one, func);
      const [params, result] = [def.params.map(letterOf).join(''), def.results.map(letterOf).join('')];
      if ([...params, ...result].some(inSlot))
        m.export(
          withSlots(one),
          addSlotFunc(m, params, result, (c) => c.call(func)),
        );
    }
    const instance = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { m: { memory: this.#memory } });
    Object.assign(this.#compiled, instance.exports);
    return this.#compiled[name];
  }
}
