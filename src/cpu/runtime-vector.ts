/** What vector instructions need of the runtime: stores of 16 bytes that miss the TLB. */
import { Code, I32, I64, OP, V128 } from './wasm/code.ts';
import type { ModuleWriter } from './wasm/module.ts';
import { VECTOR_OPS } from './wasm/vector-ops.ts';

/** (address, value) -> 0, or -1 with nothing stored. With `wide`, (address, low, high) of 256 bits. */
export function addSlowStoreVec(m: ModuleWriter, slowReadForStore: number, slowStore: number, isWide: boolean): number {
  const ADDRESS = 0, VALUE = 1; // biome-ignore format: locals in order
  const c = new Code();
  // All of it is checked before any is stored.
  c.localGet(ADDRESS);
  c.i32Const(isWide ? 32 : 16);
  c.call(slowReadForStore);
  c.i32Const(-1);
  c.op(OP.i32eq);
  c.if();
  c.i32Const(-1);
  c.op(OP.return);
  c.end();
  for (let i = 0; i < (isWide ? 4 : 2); i++) {
    c.localGet(ADDRESS);
    c.i64Const(BigInt(8 * i));
    c.op(OP.i64add);
    c.localGet(VALUE + (i >> 1));
    c.wideOp(VECTOR_OPS['i64x2.extract_lane'][0]);
    c.byte(i & 1);
    c.i32Const(8);
    c.call(slowStore);
    c.op(OP.drop);
  }
  c.i32Const(0);
  c.end();
  return m.func(m.type(isWide ? [I64, V128, V128] : [I64, V128], [I32]), [], c.bytes());
}
