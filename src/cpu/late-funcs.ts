/** Functions of the runtime that few programs need (late-defs.ts): a group is compiled when the first of it is asked for. */
import type { LateFunc } from './late-defs.ts';
import { LATE_IMAGES, LATE_SIGNATURES, type LateSignature, WITH_SLOTS } from './late-images.prebuilt.ts';
import { inSlot, letterOf } from './slots.ts';
import type { LateWithSlots, SlotFunc } from './vector-eval.ts';
import { transcendental } from './x87/transcendental.ts';

/** Those of HOST_FUNCS, on a memory. */
const HOST: Partial<Record<LateFunc, (memory: WebAssembly.Memory) => unknown>> = {
  x87Transcendental: (memory) => (which: number, fip: bigint, fop: number) => transcendental(memory, which, fip, fop),
};

/** By group, for every machine: memory is an import. */
const MODULES: WebAssembly.Module[] = [];

export const lateFunc = (name: LateFunc): LateSignature => LATE_SIGNATURES[name];

export class LateFuncs {
  private readonly _memory: WebAssembly.Memory;
  private readonly _compiled: Partial<Record<LateFunc, unknown>> = {};
  constructor(memory: WebAssembly.Memory) {
    this._memory = memory;
  }
  get(name: LateFunc): unknown {
    return (this._compiled[name] ??= this._compile(name));
  }
  /** The same for the cold tier, if it has values that JavaScript has not: they are in slots (cpu/slots.ts). */
  getWithSlots(name: LateFunc): LateWithSlots | undefined {
    const { params, results } = lateFunc(name);
    const letters = [...params, ...results].map(letterOf);
    if (!letters.some(inSlot)) return undefined;
    this.get(name);
    const func = (this._compiled as Record<string, unknown>)[name + WITH_SLOTS] as SlotFunc;
    return { func, hasSlot: results.length > 0 && inSlot(letterOf(results[0])) };
  }
  private _compile(name: LateFunc): unknown {
    // Whoever asks for a function of another name shall hear that there is none.
    if (!Object.hasOwn(LATE_SIGNATURES, name)) return undefined;
    const host = HOST[name];
    if (host) return host(this._memory);
    const { group } = lateFunc(name);
    const module = (MODULES[group] ??= new WebAssembly.Module(LATE_IMAGES[group]()));
    Object.assign(this._compiled, new WebAssembly.Instance(module, { m: { memory: this._memory } }).exports);
    return this._compiled[name];
  }
}
