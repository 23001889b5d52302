/**
 * DWARF expressions, as far as unwinding needs them: registers, memory, arithmetic, comparisons. DWARF 5, "DWARF
 * Expressions". Left out: locations of variables, calls, types, branches.
 */
import { s64, u64 } from '../../base/ints.ts';
import { DwarfReader } from './reader.ts';

/** What an expression may look at. Undefined: it is not known. */
export interface ExpressionContext {
  register(number: number): bigint | undefined;
  /** Eight bytes of memory. */
  word(address: bigint): bigint | undefined;
}

const DEREF = 0x06, DUP = 0x12, DROP = 0x13, OVER = 0x14, PICK = 0x15, SWAP = 0x16, ROT = 0x17, NEG = 0x1f, NOT = 0x20,
  PLUS_UCONST = 0x23, LIT0 = 0x30, BREG0 = 0x70, BREGX = 0x92, NOP = 0x96, DEREF_SIZE = 0x94; // biome-ignore format: a list

/** Of two operands, the upper one second. */
const BINARY: Readonly<Record<number, (x: bigint, y: bigint) => bigint>> = {
  26: (x, y) => x & y,
  28: (x, y) => x - y,
  30: (x, y) => x * y,
  33: (x, y) => x | y,
  34: (x, y) => x + y,
  36: (x, y) => (y > 63n ? 0n : x << y),
  37: (x, y) => (y > 63n ? 0n : x >> y),
  38: (x, y) => s64(x) >> (y > 63n ? 63n : y),
  39: (x, y) => x ^ y,
  41: (x, y) => (x === y ? 1n : 0n),
  42: (x, y) => (s64(x) >= s64(y) ? 1n : 0n),
  43: (x, y) => (s64(x) > s64(y) ? 1n : 0n),
  44: (x, y) => (s64(x) <= s64(y) ? 1n : 0n),
  45: (x, y) => (s64(x) < s64(y) ? 1n : 0n),
  46: (x, y) => (x === y ? 0n : 1n),
};
/** Constants of the encoding. */
const CONSTANTS: Readonly<Record<number, (reader: DwarfReader) => bigint>> = {
  3: (reader) => reader.u64(), // an address
  8: (reader) => BigInt(reader.u8()),
  9: (reader) => BigInt(reader.i8()),
  10: (reader) => BigInt(reader.u16()),
  11: (reader) => BigInt.asIntN(16, BigInt(reader.u16())),
  12: (reader) => BigInt(reader.u32()),
  13: (reader) => BigInt.asIntN(32, BigInt(reader.u32())),
  14: (reader) => reader.u64(),
  15: (reader) => s64(reader.u64()),
  16: (reader) => BigInt(reader.uleb()),
  17: (reader) => BigInt(reader.sleb()),
};

/** The value on top of the stack at the end; undefined if something is not known, damaged or left out here. */
export function evaluate(code: Uint8Array, context: ExpressionContext, first?: bigint): bigint | undefined {
  const reader = new DwarfReader(code);
  const stack: bigint[] = first === undefined ? [] : [first];
  while (!reader.isDone) {
    const made = step(reader.u8(), reader, stack, context);
    if (!made || reader.isDamaged) return undefined;
  }
  return stack.at(-1);
}

/** Whether the operation could be carried out. */
function step(opcode: number, reader: DwarfReader, stack: bigint[], context: ExpressionContext): boolean {
  const push = (value: bigint | undefined): boolean => {
    if (value === undefined) return false;
    stack.push(u64(value));
    return true;
  };
  const plus = (value: bigint | undefined, offset: number): bigint | undefined =>
    value === undefined ? undefined : value + BigInt(offset);
  if (CONSTANTS[opcode] !== undefined) return push(CONSTANTS[opcode](reader));
  if (opcode >= LIT0 && opcode < LIT0 + 32) return push(BigInt(opcode - LIT0));
  if (opcode >= BREG0 && opcode < BREG0 + 32) return push(plus(context.register(opcode - BREG0), reader.sleb()));
  if (opcode === BREGX) {
    const number = reader.uleb();
    return push(plus(context.register(number), reader.sleb()));
  }
  if (opcode === NOP) return true;
  if (opcode === PICK) return push(stack.at(-1 - reader.u8()));
  if (opcode === DUP) return push(stack.at(-1));
  if (opcode === OVER) return push(stack.at(-2));
  if (opcode === ROT) {
    const top = stack.pop();
    if (top === undefined || stack.length < 2) return false;
    stack.splice(-2, 0, top);
    return true;
  }
  const top = stack.pop();
  if (top === undefined) return false;
  if (opcode === DROP) return true;
  if (opcode === DEREF) return push(context.word(top));
  if (opcode === DEREF_SIZE) {
    const bits = reader.u8() * 8;
    const word = context.word(top);
    return push(word && BigInt.asUintN(bits, word));
  }
  if (opcode === NEG) return push(-top);
  if (opcode === NOT) return push(~top);
  if (opcode === PLUS_UCONST) return push(top + BigInt(reader.uleb()));
  const second = stack.pop();
  if (second === undefined) return false;
  if (opcode === SWAP) return push(top) && push(second);
  const operate = BINARY[opcode];
  return operate !== undefined && push(operate(second, top));
}
