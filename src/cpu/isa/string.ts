/** String instructions, alone and repeated. Intel SDM Vol. 2, "REP/REPE/REPZ/REPNE/REPNZ" and by instruction name. */
import type { Builder, Val } from '../builder.ts';
import { RAX, RCX, RDI, RSI } from '../state.ts';
import { asMem, linear } from './common.ts';
import { type Encoding, type EncodingFlag, type Insn, instruction } from './define.ts';
import type { Operand } from './operand.ts';

type Bulk = NonNullable<Parameters<Builder['repeat']>[0]['bulk']>;

const encodings = (opcode: number, operands: string, rep: EncodingFlag): Encoding[] => [
  [opcode.toString(16).toUpperCase(), operands, 'W8', rep],
  [(opcode + 1).toString(16).toUpperCase(), operands, rep],
];

/** Moves an index register on, or back when DF is set. */
function advance(b: Builder, { addressWidth, width }: Insn, register: number): void {
  const bytes = width / 8;
  const step = b.select(addressWidth, b.directionFlag(), b.const(addressWidth, -bytes), b.const(addressWidth, bytes));
  b.writeReg(addressWidth, register, b.add(addressWidth, b.readReg(addressWidth, register), step));
}

/**
 * One turn, or as many as the REP prefix says. With a 32-bit address size the counter's upper half is cleared even if
 * there is no turn, and so are those of `indexes`.
 */
function run(b: Builder, insn: Insn, indexes: readonly number[], turn: () => void, bulk?: Bulk): void {
  const { addressWidth } = insn;
  if (insn.rep === undefined) return turn();
  if (addressWidth === 32) clearUpperHalves(b, [RCX, ...indexes]);
  b.repeat({ addressWidth, turn, ...(bulk && addressWidth === 64 ? { bulk } : {}) });
}

/** Takes effect before what follows it, for it is done in an arm of its own. */
function clearUpperHalves(b: Builder, registers: readonly number[]): void {
  b.if(b.const(8, 1), () => {
    for (const register of registers) b.writeReg(32, register, b.readReg(32, register));
  });
}

/**
 * Comparisons, alone or repeated until ZF is clear (REPE) or set (REPNE). A fault in a later turn leaves the flags as
 * they were before the first, so they are set at the end, from the last elements.
 */
function runComparison(
  b: Builder,
  insn: Insn,
  registers: readonly number[],
  read: (back: boolean) => [Val, Val],
): void {
  const { width, addressWidth, rep } = insn;
  const turn = (): [Val, Val] => {
    const values = read(false);
    for (const register of registers) advance(b, insn, register);
    return values;
  };
  if (rep === undefined) {
    b.flagsAfterSub(width, ...turn());
    return;
  }
  if (addressWidth === 32) clearUpperHalves(b, [RCX]);
  const any = b.ne(addressWidth, b.readReg(addressWidth, RCX), b.const(addressWidth, 0));
  b.repeat({
    addressWidth,
    turn,
    until() {
      const [x, y] = read(true);
      return rep === 'repne' ? b.eq(width, x, y) : b.ne(width, x, y);
    },
  });
  b.if(any, () => b.flagsAfterSub(width, ...read(true)));
}

/** MOVS: [RDI] := [RSI]. */
export const MOVS = instruction({
  mnemonic: 'movsb|movsw|movsd|movsq',
  encodings: encodings(0xa4, '[rDI], [rSI]', 'REP'),
  access: 'w r',
  emit(b, insn) {
    const [dst, src] = insn.ops;
    const turn = () => {
      b.write(dst, b.read(src));
      advance(b, insn, RSI);
      advance(b, insn, RDI);
    };
    const { segment } = asMem(src);
    const based = segment === 'fs' || segment === 'gs' ? { segmentBase: b.segmentBase(segment) } : {};
    run(b, insn, [RSI, RDI], turn, { kind: 'movs', width: insn.width, ...based });
  },
});

/** STOS: [RDI] := accumulator. */
export const STOS = instruction({
  mnemonic: 'stosb|stosw|stosd|stosq',
  encodings: encodings(0xaa, '[rDI]', 'REP'),
  access: 'w',
  emit(b, insn) {
    const turn = () => {
      b.write(insn.ops[0], b.readReg(insn.width, RAX));
      advance(b, insn, RDI);
    };
    run(b, insn, [RDI], turn, { kind: 'stos', width: insn.width });
  },
});

/** LODS: accumulator := [RSI]. */
export const LODS = instruction({
  mnemonic: 'lodsb|lodsw|lodsd|lodsq',
  encodings: encodings(0xac, '[rSI]', 'REP'),
  access: 'r',
  emit(b, insn) {
    run(b, insn, [], () => {
      b.writeReg(insn.width, RAX, b.read(insn.ops[0]));
      advance(b, insn, RSI);
    });
  },
});

/** An implied operand at its register's place, or where it was before the register moved on. */
function readAt(b: Builder, insn: Insn, operand: Operand, back: boolean): Val {
  if (!back) return b.read(operand);
  const bytes = insn.width / 8;
  const memory = asMem(operand);
  const step = b.select(64, b.directionFlag(), b.const(64, bytes), b.const(64, -bytes));
  return b.load(insn.width, linear(b, memory, b.add(64, b.offset(memory), step)));
}

/** SCAS: flags of accumulator - [RDI]. */
export const SCAS = instruction({
  mnemonic: 'scasb|scasw|scasd|scasq',
  encodings: encodings(0xae, '[rDI]', 'REPE/NE'),
  access: 'r',
  flags: { reads: 'oszapc', writes: 'oszapc' },
  emit(b, insn) {
    runComparison(b, insn, [RDI], (back) => [b.readReg(insn.width, RAX), readAt(b, insn, insn.ops[0], back)]);
  },
});

/** CMPS: flags of [RSI] - [RDI]. [RDI] is read first. */
export const CMPS = instruction({
  mnemonic: 'cmpsb|cmpsw|cmpsd|cmpsq',
  encodings: encodings(0xa6, '[rSI], [rDI]', 'REPE/NE'),
  access: 'r r',
  flags: { reads: 'oszapc', writes: 'oszapc' },
  emit(b, insn) {
    runComparison(b, insn, [RSI, RDI], (back) => {
      const y = readAt(b, insn, insn.ops[1], back);
      return [readAt(b, insn, insn.ops[0], back), y];
    });
  },
});
