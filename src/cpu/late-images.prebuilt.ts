/** The modules of the functions that few programs need, and the functions' types, by name. */
import { LATE_GROUPS, type LateFunc } from './late-defs.ts';
import { addSlotFunc, inSlot, letterOf } from './slots.ts';
import type { ValType } from './wasm/code.ts';
import { type AnyFuncDef, FuncLibrary } from './wasm/func.ts';
import { MAX_WASM_PAGES, ModuleWriter } from './wasm/module.ts';

export interface LateSignature {
  readonly group: number;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

export const LATE_SIGNATURES = Object.fromEntries(
  LATE_GROUPS.flatMap((defs, group) =>
    Object.entries(defs).map(([name, { params, results }]) => [name, { group, params, results }]),
  ),
) as Readonly<Record<LateFunc, LateSignature>>;

/** By group. */
export const LATE_IMAGES: readonly (() => Uint8Array<ArrayBuffer>)[] = LATE_GROUPS.map((group) => () => imageOf(group));

/** Name of the same function with its values in slots. */
export const WITH_SLOTS = ' with slots';

function imageOf(group: Readonly<Record<string, AnyFuncDef>>): Uint8Array<ArrayBuffer> {
  const m = new ModuleWriter();
  m.importMemory('m', 'memory', MAX_WASM_PAGES);
  const library = new FuncLibrary(m);
  for (const [name, def] of Object.entries(group)) {
    const func = library.use(def);
    m.export(name, func);
    const [params, result] = [def.params.map(letterOf).join(''), def.results.map(letterOf).join('')];
    if ([...params, ...result].some(inSlot))
      m.export(
        name + WITH_SLOTS,
        addSlotFunc(m, params, result, (c) => c.call(func)),
      );
  }
  return m.finish();
}
