/** The module with a function on slots for each operation that translated code has on vectors and floating-point numbers. */
import { addSlotFunc } from './slots.ts';
import { MAX_WASM_PAGES, ModuleWriter } from './wasm/module.ts';
import { VECTOR_OPS } from './wasm/vector-ops.ts';

export function vectorImage(): Uint8Array<ArrayBuffer> {
  const m = new ModuleWriter();
  m.importMemory('m', 'memory', MAX_WASM_PAGES);
  for (const [name, [op, params, result]] of Object.entries(VECTOR_OPS)) {
    if (params.includes('#')) continue;
    m.export(
      name,
      addSlotFunc(m, params, result, (c) => c.wideOp(op)),
    );
  }
  return m.finish();
}
