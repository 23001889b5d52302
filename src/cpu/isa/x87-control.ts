/**
 * x87: control, status and tag words, and images of the whole state. Intel SDM Vol. 2, by instruction name; Vol. 1,
 * "Saving the x87 FPU's State". Those whose names begin with FN do not check for pending exceptions. The selectors of
 * the pointers are zero: processors no longer keep them.
 */
import type { Builder, Val } from '../builder.ts';
import { asMem } from './common.ts';
import { type Encoding, type Insn, type InstructionDef, instruction } from './define.ts';
import { asSt, pointers, raisePending, X87_FDP, X87_FIP, X87_HEAD } from './x87-common.ts';

const define = (
  mnemonic: string,
  encodings: readonly Encoding[],
  access: string,
  emit: (b: Builder, insn: Insn) => void,
): InstructionDef => instruction({ mnemonic, encodings, access, emit });

/** WAIT: #MF if an exception is pending. */
export const WAIT = define('wait', [['9B', '']], '', (b) => {
  raisePending(b);
});
/** FNOP checks, too; the others were of the 8087 and the 80287. */
export const NOTHING: readonly InstructionDef[] = [
  define('fnop', [['D9 D0', '']], '', (b, insn) => {
    raisePending(b);
    b.writeX87(X87_FIP, b.const(64, insn.rip));
  }),
  define('fneni', [['DB E0', '']], '', () => {}),
  define('fndisi', [['DB E1', '']], '', () => {}),
  define('fnsetpm', [['DB E4', '']], '', () => {}),
];

const word = (b: Builder, n: 0 | 1 | 2 | 3): Val =>
  b.trunc(64, 16, b.shrU(64, b.readX87(X87_HEAD), b.const(32, 16 * n)));

export const FLDCW = define('fldcw', [['D9 /5', 'm16']], 'r', (b, { ops: [src] }) => {
  raisePending(b);
  b.callRuntime('x87LoadControl', b.zext(16, 32, b.read(src)));
});
export const FNSTCW = define('fnstcw', [['D9 /7', 'm16']], 'w', (b, { ops: [dst] }) => b.write(dst, word(b, 0)));
export const FNSTSW = define(
  'fnstsw',
  [['DD /7', 'm16'], ['DF E0', 'AX']],
  'w',
  (b, { ops: [dst] }) => b.write(dst, word(b, 1)),
); // biome-ignore format: as in the manual
export const FNCLEX = define('fnclex', [['DB E2', '']], '', (b) => b.callRuntime('x87ClearExceptions'));
export const FNINIT = define('fninit', [['DB E3', '']], '', (b) => b.callRuntime('x87Initialize'));

const turn = (mnemonic: string, opcode: string, by: number): InstructionDef =>
  define(mnemonic, [[opcode, '']], '', (b, insn) => {
    raisePending(b);
    b.callRuntime('x87Turn', b.const(32, by), pointers(b, insn)[0]);
  });
export const FDECSTP = turn('fdecstp', 'D9 F6', 7);
export const FINCSTP = turn('fincstp', 'D9 F7', 1);
const free = (mnemonic: string, opcode: string, pops: 0 | 1): InstructionDef =>
  define(mnemonic, [[opcode, 'sti']], 'w', (b, insn) => {
    raisePending(b);
    b.callRuntime('x87Free', b.const(32, asSt(insn.ops[0]).reg), b.const(32, pops), pointers(b, insn)[0]);
  });
export const FFREE = free('ffree', 'DD /0', 0);
export const FFREEP = free('ffreep', 'DF /0', 1);

// ---- environments
/** Offsets of the environment's fields, of 16 and of 32 bits each. */
const FIELDS = { control: 0, status: 1, tags: 2, fip: 3, fcs: 4, fdp: 5, fds: 6 };
const ENVIRONMENT_FIELDS = 7;

/** 14 or 28 bytes by the operand size: 16 bits of the pointers, or 32 with the opcode in the upper half of the selector's field. */
function storeEnvironment(b: Builder, { ops: [dst], width }: Insn, more: number): (offset: number) => Val {
  const address = b.address(asMem(dst));
  const bytes = width / 8;
  const at = (offset: number) => (offset === 0 ? address : b.add(64, address, b.const(64, offset)));
  // Processors look at both ends first.
  b.probe(address, bytes);
  b.probe(at(ENVIRONMENT_FIELDS * bytes + more - 1), 1);
  const low = (value: Val) => b.and(64, value, b.const(64, width === 16 ? 0xffff : 0xffff_ffff));
  const padding = width === 16 ? 0n : 0xffff_0000n;
  const wide = (n: 0 | 1) => b.zext(16, 64, word(b, n));
  const tags = b.zext(32, 64, b.callRuntime('x87FullTags'));
  const opcode = b.shl(64, b.and(64, b.zext(16, 64, word(b, 3)), b.const(64, 0x7ff)), b.const(32, 16));
  const values = [
    b.or(64, wide(0), b.const(64, padding)), b.or(64, wide(1), b.const(64, padding)), b.or(64, tags, b.const(64, padding)),
    low(b.readX87(X87_FIP)), width === 16 ? b.const(64, 0) : opcode, low(b.readX87(X87_FDP)), b.const(64, padding),
  ]; // biome-ignore format: in order
  for (const [i, value] of values.entries())
    b.store(width as 16 | 32, at(i * bytes), b.trunc(64, width as 16 | 32, value));
  return at;
}
/** As numbers of width 64. */
function loadEnvironment(b: Builder, { ops: [src], width }: Insn, more: number): Record<keyof typeof FIELDS, Val> {
  const address = b.address(asMem(src));
  b.load(width, address);
  b.load(8, b.add(64, address, b.const(64, (ENVIRONMENT_FIELDS * width) / 8 + more - 1)));
  const field = (i: number) => b.zext(width, 64, b.load(width, b.add(64, address, b.const(64, (i * width) / 8))));
  return Object.fromEntries(Object.entries(FIELDS).map(([name, i]) => [name, field(i)])) as ReturnType<
    typeof loadEnvironment
  >;
}
function setEnvironment(b: Builder, width: number, fields: ReturnType<typeof loadEnvironment>): void {
  const { control, status, tags, fip, fcs, fdp } = fields;
  const [c, s, t] = [control, status, tags].map((value) => b.and(32, b.trunc(64, 32, value), b.const(32, 0xffff)));
  b.callRuntime('x87LoadEnvironment', c, s, t);
  b.writeX87(X87_FIP, fip);
  b.writeX87(X87_FDP, fdp);
  const opcode = width === 16 ? b.const(64, 0) : b.and(64, b.shrU(64, fcs, b.const(32, 16)), b.const(64, 0x7ff));
  const head = b.and(64, b.readX87(X87_HEAD), b.const(64, (1n << 48n) - 1n));
  b.writeX87(X87_HEAD, b.or(64, head, b.shl(64, opcode, b.const(32, 48))));
}

/** FNSTENV masks all exceptions afterwards. */
export const FNSTENV = define('fnstenv', [['D9 /6', 'm', 'NO64']], 'w', (b, insn) => {
  storeEnvironment(b, insn, 0);
  b.callRuntime('x87MaskAll');
});
export const FLDENV = define('fldenv', [['D9 /4', 'm', 'NO64']], 'r', (b, insn) => {
  raisePending(b);
  setEnvironment(b, insn.width, loadEnvironment(b, insn, 0));
});

/** Ten bytes of each register, beginning with ST0. */
const REGISTERS = [0, 1, 2, 3, 4, 5, 6, 7];
/** FNSAVE: as FNSTENV, then the registers; initializes afterwards. */
export const FNSAVE = define('fnsave', [['DD /6', 'm', 'NO64']], 'w', (b, insn) => {
  const at = storeEnvironment(b, insn, 80);
  const start = (ENVIRONMENT_FIELDS * insn.width) / 8;
  for (const i of REGISTERS) {
    b.store(64, at(start + 10 * i), b.callRuntime('x87Significand', b.const(32, i)));
    b.store(16, at(start + 10 * i + 8), b.trunc(32, 16, b.callRuntime('x87SignExponent', b.const(32, i))));
  }
  b.callRuntime('x87Initialize');
});
export const FRSTOR = define('frstor', [['DD /4', 'm', 'NO64']], 'r', (b, insn) => {
  raisePending(b);
  const address = b.address(asMem(insn.ops[0]));
  const fields = loadEnvironment(b, insn, 80);
  const start = (ENVIRONMENT_FIELDS * insn.width) / 8;
  const values = REGISTERS.map((i) => {
    const at = (offset: number) => b.add(64, address, b.const(64, start + 10 * i + offset));
    return [b.load(64, at(0)), b.zext(16, 32, b.load(16, at(8)))];
  });
  setEnvironment(b, insn.width, fields);
  for (const i of REGISTERS) b.callRuntime('x87WriteRegister', b.const(32, i), values[i][0], values[i][1]);
});
