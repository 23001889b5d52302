/**
 * x87: loads, stores, arithmetic, comparisons. Intel SDM Vol. 2, by instruction name; the undocumented aliases are those
 * of the opcode map. What they do to the stack is in cpu/x87/: each instruction checks for a pending exception, reads or
 * checks its memory operand, then calls one function. Control instructions are in isa/x87-control.ts, and what goes by
 * BigInt arithmetic in isa/x87-transcendental.ts.
 */
import type { Bool, Builder, LateArgs, Val, Width } from '../builder.ts';
import { EQUAL, LESS, UNORDERED } from '../float/area.ts';
import type { Arithmetic } from '../x87/arith-funcs.ts';
import { asMem, fromBool } from './common.ts';
import { type Encoding, type Insn, type InstructionDef, instruction } from './define.ts';
import type { MemOperand, Operand } from './operand.ts';
import { asSt, dataPointer, pointers, raisePending, STAGED } from './x87-common.ts';

type Emit = (b: Builder, insn: Insn) => void;
/** After the check for pending exceptions. */
const define = (mnemonic: string, encodings: readonly Encoding[], access: string, emit: Emit): InstructionDef =>
  instruction({
    mnemonic,
    encodings,
    access,
    emit(b, insn) {
      raisePending(b);
      emit(b, insn);
    },
  });

type Kind = 'F32' | 'F64' | 'Int';
/** A number in memory, as the functions take it: 64 bits, integers sign-extended. */
function readNumber(b: Builder, src: Operand, kind: Kind): Val {
  const { width } = asMem(src);
  const value = b.read(src);
  if (width === 64) return value;
  return kind === 'Int' ? b.sext(width as Width, 64, value) : b.zext(32, 64, value);
}
/** One function by a name that is put together. */
function call(b: Builder, name: string, ...args: Val[]): Val {
  return b.callRuntime(name as 'x87StoreF64', ...(args as LateArgs<'x87StoreF64'>));
}

// ---- arithmetic
/** `memory`: /digit of D8, DC, DA, DE. `toTop`: of D8 and DC C0+i on, as `st0, sti`. `fromTop`: as `sti, st0`. */
const arithmetic = (name: Arithmetic, memory: number, fromTop: number): readonly InstructionDef[] => {
  const mnemonic = `f${name.toLowerCase()}`;
  const inMemory = (what: string, kind: Kind, encodings: readonly Encoding[]) =>
    define(what, encodings, 'r', (b, insn) => {
      const value = readNumber(b, insn.ops[0], kind);
      call(b, `x87${name}${kind}`, value, ...pointers(b, insn), dataPointer(b, insn));
    });
  const onStack = (what: string, encodings: readonly Encoding[], pops: 0 | 1) =>
    define(what, encodings, 'rw r', (b, insn) => {
      const [dst, src] = insn.ops.map((operand) => b.const(32, asSt(operand).reg));
      b.callRuntime(`x87${name}Stack`, dst, src, b.const(32, pops), ...pointers(b, insn));
    });
  return [
    inMemory(mnemonic, 'F32', [[`D8 /${memory}`, 'm32']]),
    inMemory(mnemonic, 'F64', [[`DC /${memory}`, 'm64']]),
    inMemory(`fi${mnemonic.slice(1)}`, 'Int', [[`DA /${memory}`, 'm32'], [`DE /${memory}`, 'm16']]), // biome-ignore format: as in the manual
    onStack(mnemonic, [[`D8 /${memory}`, 'st0, sti'], [`DC /${fromTop}`, 'sti, st0']], 0), // biome-ignore format: as in the manual
    onStack(`${mnemonic}p`, [[`DE /${fromTop}`, 'sti, st0']], 1),
  ];
};
export const ARITHMETIC: readonly InstructionDef[] = [
  ...arithmetic('Add', 0, 0),
  ...arithmetic('Mul', 1, 1),
  ...arithmetic('Sub', 4, 5),
  ...arithmetic('Subr', 5, 4),
  ...arithmetic('Div', 6, 7),
  ...arithmetic('Divr', 7, 6),
];

/** On ST(0) alone. */
const unary = (mnemonic: string, opcode: string, emit: (b: Builder, fip: Val, fop: Val) => void): InstructionDef =>
  define(mnemonic, [[opcode, '']], '', (b, insn) => emit(b, ...pointers(b, insn)));
export const UNARY: readonly InstructionDef[] = [
  unary('fchs', 'D9 E0', (b, ...at) => b.callRuntime('x87Sign', b.const(32, 0xffff), b.const(32, 0x8000), ...at)),
  unary('fabs', 'D9 E1', (b, ...at) => b.callRuntime('x87Sign', b.const(32, 0x7fff), b.const(32, 0), ...at)),
  unary('fxam', 'D9 E5', (b, fip) => b.callRuntime('x87Examine', fip)),
  unary('ftst', 'D9 E4', (b, ...at) => b.callRuntime('x87CompareZero', ...at)),
  unary('fsqrt', 'D9 FA', (b, ...at) => b.callRuntime('x87Sqrt', ...at)),
  unary('frndint', 'D9 FC', (b, ...at) => b.callRuntime('x87Round', ...at)),
  unary('fscale', 'D9 FD', (b, ...at) => b.callRuntime('x87Scale', ...at)),
  unary('fxtract', 'D9 F4', (b, ...at) => b.callRuntime('x87Extract', ...at)),
  unary('fprem', 'D9 F8', (b, ...at) => b.callRuntime('x87Remainder', b.const(32, 0), ...at)),
  unary('fprem1', 'D9 F5', (b, ...at) => b.callRuntime('x87Remainder', b.const(32, 1), ...at)),
];

// ---- loads and stores
const load = (mnemonic: string, encodings: readonly Encoding[], kind: Kind): InstructionDef =>
  define(mnemonic, encodings, 'r', (b, insn) => {
    const value = readNumber(b, insn.ops[0], kind);
    call(b, `x87Load${kind}`, value, ...pointers(b, insn), dataPointer(b, insn));
  });
/** An operand of 80 bits. */
function readTen(b: Builder, src: MemOperand): [low: Val, high: Val] {
  const address = b.address(src);
  const low = b.load(64, address);
  return [low, b.zext(16, 32, b.load(16, b.add(64, address, b.const(64, 8))))];
}
const loadTen = (mnemonic: string, opcode: string, name: 'x87LoadExtended' | 'x87LoadDecimal'): InstructionDef =>
  define(mnemonic, [[opcode, 'm80']], 'r', (b, insn) => {
    const [low, high] = readTen(b, asMem(insn.ops[0]));
    b.callRuntime(name, low, high, ...pointers(b, insn), dataPointer(b, insn));
  });
/** Near, down and up: what comes before the integer bit's word is the sign and exponent. */
const constant = (mnemonic: string, opcode: string, exponent: number, near: bigint, down: bigint, up: bigint) =>
  define(mnemonic, [[opcode, '']], '', (b, insn) => {
    const [n, d, u] = [near, down, up].map((value) => b.const(64, value));
    b.callRuntime('x87LoadConstant', n, d, u, b.const(32, exponent), ...pointers(b, insn));
  });
const ONE = 1n << 63n;
export const LOADS: readonly InstructionDef[] = [
  load('fld', [['D9 /0', 'm32']], 'F32'),
  load('fld', [['DD /0', 'm64']], 'F64'),
  loadTen('fld', 'DB /5', 'x87LoadExtended'),
  loadTen('fbld', 'DF /4', 'x87LoadDecimal'),
  load('fild', [['DF /0', 'm16'], ['DB /0', 'm32'], ['DF /5', 'm64']], 'Int'), // biome-ignore format: as in the manual
  define('fld', [['D9 /0', 'sti']], 'r', (b, insn) => {
    b.callRuntime('x87LoadStack', b.const(32, asSt(insn.ops[0]).reg), ...pointers(b, insn));
  }),
  constant('fld1', 'D9 E8', 0x3fff, ONE, ONE, ONE),
  constant('fldl2t', 'D9 E9', 0x4000, 0xd49a_784b_cd1b_8afen, 0xd49a_784b_cd1b_8afen, 0xd49a_784b_cd1b_8affn),
  constant('fldl2e', 'D9 EA', 0x3fff, 0xb8aa_3b29_5c17_f0bcn, 0xb8aa_3b29_5c17_f0bbn, 0xb8aa_3b29_5c17_f0bcn),
  constant('fldpi', 'D9 EB', 0x4000, 0xc90f_daa2_2168_c235n, 0xc90f_daa2_2168_c234n, 0xc90f_daa2_2168_c235n),
  constant('fldlg2', 'D9 EC', 0x3ffd, 0x9a20_9a84_fbcf_f799n, 0x9a20_9a84_fbcf_f798n, 0x9a20_9a84_fbcf_f799n),
  constant('fldln2', 'D9 ED', 0x3ffe, 0xb172_17f7_d1cf_79acn, 0xb172_17f7_d1cf_79abn, 0xb172_17f7_d1cf_79acn),
  constant('fldz', 'D9 EE', 0, 0n, 0n, 0n),
];

/** What the function has staged goes to memory, unless an exception that is not masked keeps it from that. */
function storeStaged(b: Builder, insn: Insn, stores: Val, pops: 0 | 1, write: () => void): void {
  b.if(b.ne(32, stores, b.const(32, 0)), () => {
    write();
    b.callRuntime('x87FinishStore', b.const(32, pops), ...pointers(b, insn), dataPointer(b, insn));
  });
}
const store = (mnemonic: string, encodings: readonly Encoding[], kind: 'F32' | 'F64', pops: 0 | 1): InstructionDef =>
  define(mnemonic, encodings, 'w', (b, insn) => {
    const stores = b.callRuntime(`x87Store${kind}`, ...pointers(b, insn), dataPointer(b, insn));
    storeStaged(b, insn, stores, pops, () => {
      const value = b.readX87(STAGED);
      b.write(insn.ops[0], kind === 'F32' ? b.trunc(64, 32, value) : value);
    });
  });
const storeInteger = (
  mnemonic: string,
  encodings: readonly Encoding[],
  truncates: 0 | 1,
  pops: 0 | 1,
): InstructionDef =>
  define(mnemonic, encodings, 'w', (b, insn) => {
    const width = asMem(insn.ops[0]).width as Width;
    const rule = b.const(32, (truncates << 8) | width);
    const stores = b.callRuntime('x87StoreInt', rule, ...pointers(b, insn), dataPointer(b, insn));
    storeStaged(b, insn, stores, pops, () => b.write(insn.ops[0], b.trunc(64, width, b.readX87(STAGED))));
  });
/** Processors store the low eight bytes before they look at the others. */
const storeTen = (mnemonic: string, opcode: string, name: 'x87StoreExtended' | 'x87StoreDecimal'): InstructionDef =>
  define(mnemonic, [[opcode, 'm80']], 'w', (b, insn) => {
    const stores = b.callRuntime(name, ...pointers(b, insn), dataPointer(b, insn));
    storeStaged(b, insn, stores, 1, () => {
      const address = b.address(asMem(insn.ops[0]));
      b.store(64, address, b.readX87(STAGED));
      b.store(16, b.add(64, address, b.const(64, 8)), b.trunc(64, 16, b.readX87(STAGED + 8)));
    });
  });
const storeStack = (mnemonic: string, encodings: readonly Encoding[], pops: 0 | 1 | 2): InstructionDef =>
  define(mnemonic, encodings, 'w', (b, insn) => {
    b.callRuntime('x87StoreStack', b.const(32, asSt(insn.ops[0]).reg), b.const(32, pops), ...pointers(b, insn));
  });
export const STORES: readonly InstructionDef[] = [
  store('fst', [['D9 /2', 'm32']], 'F32', 0),
  store('fst', [['DD /2', 'm64']], 'F64', 0),
  store('fstp', [['D9 /3', 'm32']], 'F32', 1),
  store('fstp', [['DD /3', 'm64']], 'F64', 1),
  storeTen('fstp', 'DB /7', 'x87StoreExtended'),
  storeTen('fbstp', 'DF /6', 'x87StoreDecimal'),
  storeInteger('fist', [['DF /2', 'm16'], ['DB /2', 'm32']], 0, 0), // biome-ignore format: as in the manual
  storeInteger('fistp', [['DF /3', 'm16'], ['DB /3', 'm32'], ['DF /7', 'm64']], 0, 1), // biome-ignore format: as in the manual
  storeInteger('fisttp', [['DF /1', 'm16'], ['DB /1', 'm32'], ['DD /1', 'm64']], 1, 1), // biome-ignore format: as in the manual
  storeStack('fst', [['DD /2', 'sti']], 0),
  storeStack('fstp', [['DD /3', 'sti'], ['DF /2', 'sti'], ['DF /3', 'sti']], 1), // biome-ignore format: as in the manual
  storeStack('fstpnce', [['D9 /3', 'sti']], 2),
];

// ---- moves between registers
export const FXCH = define(
  'fxch',
  [['D9 /1', 'st0, sti'], ['DD /1', 'st0, sti'], ['DF /1', 'st0, sti']],
  'rw rw',
  (b, insn) => b.callRuntime('x87Exchange', b.const(32, asSt(insn.ops[1]).reg), ...pointers(b, insn)),
); // biome-ignore format: as in the manual
/** By a condition code as Jcc has it. */
const conditionalMove = (name: string, opcode: string, code: number): InstructionDef =>
  instruction({
    mnemonic: `fcmov${name}`,
    encodings: [[opcode, 'st0, sti']],
    access: 'rw r',
    flags: { reads: CONDITION_FLAGS[code >> 1] },
    emit(b, insn) {
      raisePending(b);
      const condition = fromBool(b, 32, b.condition(code));
      b.callRuntime('x87ConditionalMove', b.const(32, asSt(insn.ops[1]).reg), condition, ...pointers(b, insn));
    },
  });
const CONDITION_FLAGS = ['', 'c', 'z', 'cz', '', 'p'];
export const CONDITIONAL_MOVES: readonly InstructionDef[] = [
  conditionalMove('b', 'DA /0', 2),
  conditionalMove('e', 'DA /1', 4),
  conditionalMove('be', 'DA /2', 6),
  conditionalMove('u', 'DA /3', 10),
  conditionalMove('nb', 'DB /0', 3),
  conditionalMove('ne', 'DB /1', 5),
  conditionalMove('nbe', 'DB /2', 7),
  conditionalMove('nu', 'DB /3', 11),
];

// ---- comparisons
const compare = (mnemonic: string, encodings: readonly Encoding[], kind: Kind, pops: 0 | 1): InstructionDef =>
  define(mnemonic, encodings, 'r', (b, insn) => {
    const value = readNumber(b, insn.ops[0], kind);
    b.callRuntime(`x87Compare${kind}`, value, b.const(32, pops), ...pointers(b, insn), dataPointer(b, insn));
  });
const compareStack = (mnemonic: string, encodings: readonly Encoding[], quiet: 0 | 1, pops: 0 | 1 | 2) =>
  define(mnemonic, encodings, 'r r', (b, insn) => {
    // FCOMPP and FUCOMPP name no operand.
    const other = insn.ops.length === 0 ? 1 : asSt(insn.ops[1]).reg;
    const [i, q, count] = [other, quiet, pops].map((n) => b.const(32, n));
    b.callRuntime('x87CompareStack', i, q, count, ...pointers(b, insn));
  });
/** ZF, PF and CF by the relation; OF, SF and AF become 0. */
const compareFlags = (mnemonic: string, opcode: string, quiet: 0 | 1, pops: 0 | 1): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[opcode, 'st0, sti']],
    access: 'r r',
    flags: { writes: 'oszapc' },
    emit(b, insn) {
      raisePending(b);
      const [i, q, count] = [asSt(insn.ops[1]).reg, quiet, pops].map((n) => b.const(32, n));
      const relation = b.callRuntime('x87CompareFlags', i, q, count, ...pointers(b, insn));
      const is = (n: number) => b.eq(32, relation, b.const(32, n));
      const unordered = is(UNORDERED);
      const never = b.const(32, 0) as Bool;
      const [z, c] = [b.boolOr(is(EQUAL), unordered), b.boolOr(is(LESS), unordered)];
      b.setFlags({ z, p: unordered, c, o: never, s: never, a: never });
    },
  });
export const COMPARISONS: readonly InstructionDef[] = [
  compare('fcom', [['D8 /2', 'm32']], 'F32', 0),
  compare('fcom', [['DC /2', 'm64']], 'F64', 0),
  compare('fcomp', [['D8 /3', 'm32']], 'F32', 1),
  compare('fcomp', [['DC /3', 'm64']], 'F64', 1),
  compare('ficom', [['DA /2', 'm32'], ['DE /2', 'm16']], 'Int', 0), // biome-ignore format: as in the manual
  compare('ficomp', [['DA /3', 'm32'], ['DE /3', 'm16']], 'Int', 1), // biome-ignore format: as in the manual
  compareStack('fcom', [['D8 /2', 'st0, sti'], ['DC /2', 'st0, sti']], 0, 0), // biome-ignore format: as in the manual
  compareStack('fcomp', [['D8 /3', 'st0, sti'], ['DC /3', 'st0, sti'], ['DE /2', 'st0, sti']], 0, 1), // biome-ignore format: as in the manual
  compareStack('fcompp', [['DE D9', '']], 0, 2),
  compareStack('fucom', [['DD /4', 'st0, sti']], 1, 0),
  compareStack('fucomp', [['DD /5', 'st0, sti']], 1, 1),
  compareStack('fucompp', [['DA E9', '']], 1, 2),
  compareFlags('fcomi', 'DB /6', 0, 0),
  compareFlags('fcomip', 'DF /6', 0, 1),
  compareFlags('fucomi', 'DB /5', 1, 0),
  compareFlags('fucomip', 'DF /5', 1, 1),
];
