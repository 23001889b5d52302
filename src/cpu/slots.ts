/**
 * Functions whose vectors and floating-point numbers are in 16-byte slots of memory, for JavaScript, which has no such
 * values: around an operation or a function that has them as WebAssembly does.
 */
import { Code, F32, F64, I32, I64, V128, type ValType } from './wasm/code.ts';
import type { ModuleWriter } from './wasm/module.ts';
import { typeOfLetter } from './wasm/vector-ops.ts';

/** Letters whose values are in slots; the others are numbers and bigints. */
export const inSlot = (letter: string): boolean => letter === 'v' || letter === 's' || letter === 'd';

/** As in VECTOR_OPS. */
export const letterOf = (type: ValType): string =>
  type === V128 ? 'v' : type === F32 ? 's' : type === F64 ? 'd' : type === I64 ? 'l' : 'i';

function loadSlot(c: Code, letter: string): void {
  if (letter === 'v') c.v128Load(0);
  else if (letter === 's') c.f32Load(0);
  else if (letter === 'd') c.f64Load(0);
}

/** (result's slot if it has one, operands or their slots) -> the result if it has no slot. */
export function addSlotFunc(m: ModuleWriter, params: string, result: string, operate: (c: Code) => void): number {
  const c = new Code();
  const types: ValType[] = [];
  if (inSlot(result)) c.localGet(types.push(I32) - 1);
  for (const letter of params) {
    c.localGet(types.push(letter === 'l' ? I64 : I32) - 1);
    loadSlot(c, letter);
  }
  operate(c);
  if (result === 'v') c.v128Store(0);
  else if (result === 's') c.f32Store(0);
  else if (result === 'd') c.f64Store(0);
  c.end();
  return m.func(m.type(types, result === '' || inSlot(result) ? [] : [typeOfLetter(result)]), [], c.bytes());
}
