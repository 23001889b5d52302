/** String instructions, alone and repeated. Intel SDM Vol. 2, "REP/REPE/REPZ/REPNE/REPNZ" and by instruction name. */
import type { Bool, Builder } from '../builder.ts';
import { RAX, RDI, RSI } from '../state.ts';
import { asMem } from './common.ts';
import { type Encoding, type EncodingFlag, type Insn, instruction } from './define.ts';

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

/** One turn, or as many as the REP prefix says. */
function run(b: Builder, insn: Insn, turn: () => void, rest: Partial<Parameters<Builder['repeat']>[0]> = {}): void {
  if (insn.rep === undefined) turn();
  else b.repeat({ addressWidth: insn.addressWidth, turn, ...rest });
}

/** The end of REPE (ZF clear) or REPNE (ZF set). */
const untilZero = (b: Builder, { rep }: Insn) => ({
  until: (): Bool => (rep === 'repne' ? b.flag('z') : b.boolNot(b.flag('z'))),
});

/** MOVS: [RDI] := [RSI]. */
export const MOVS = instruction({
  mnemonic: 'movsb|movsw|movsd|movsq',
  encodings: encodings(0xa4, '[rDI], [rSI]', 'REP'),
  access: 'w r',
  emit(b, insn) {
    const { ops: [dst, src], width, addressWidth } = insn; // biome-ignore format: one line
    const { segment } = asMem(src);
    const turn = () => {
      b.write(dst, b.read(src));
      advance(b, insn, RSI);
      advance(b, insn, RDI);
    };
    const based = segment === 'fs' || segment === 'gs' ? { segmentBase: b.segmentBase(segment) } : {};
    run(b, insn, turn, addressWidth === 64 ? { bulk: { kind: 'movs', width, ...based } } : {});
  },
});

/** STOS: [RDI] := accumulator. */
export const STOS = instruction({
  mnemonic: 'stosb|stosw|stosd|stosq',
  encodings: encodings(0xaa, '[rDI]', 'REP'),
  access: 'w',
  emit(b, insn) {
    const { ops: [dst], width, addressWidth } = insn; // biome-ignore format: one line
    const turn = () => {
      b.write(dst, b.readReg(width, RAX));
      advance(b, insn, RDI);
    };
    run(b, insn, turn, addressWidth === 64 ? { bulk: { kind: 'stos', width } } : {});
  },
});

/** LODS: accumulator := [RSI]. */
export const LODS = instruction({
  mnemonic: 'lodsb|lodsw|lodsd|lodsq',
  encodings: encodings(0xac, '[rSI]', 'REP'),
  access: 'r',
  emit(b, insn) {
    run(b, insn, () => {
      b.writeReg(insn.width, RAX, b.read(insn.ops[0]));
      advance(b, insn, RSI);
    });
  },
});

/** SCAS: flags of accumulator - [RDI]. */
export const SCAS = instruction({
  mnemonic: 'scasb|scasw|scasd|scasq',
  encodings: encodings(0xae, '[rDI]', 'REPE/NE'),
  access: 'r',
  flags: { reads: 'oszapc', writes: 'oszapc' },
  emit(b, insn) {
    const turn = () => {
      b.flagsAfterSub(insn.width, b.readReg(insn.width, RAX), b.read(insn.ops[0]));
      advance(b, insn, RDI);
    };
    run(b, insn, turn, untilZero(b, insn));
  },
});

/** CMPS: flags of [RSI] - [RDI]. */
export const CMPS = instruction({
  mnemonic: 'cmpsb|cmpsw|cmpsd|cmpsq',
  encodings: encodings(0xa6, '[rSI], [rDI]', 'REPE/NE'),
  access: 'r r',
  flags: { reads: 'oszapc', writes: 'oszapc' },
  emit(b, insn) {
    const turn = () => {
      b.flagsAfterSub(insn.width, b.read(insn.ops[0]), b.read(insn.ops[1]));
      advance(b, insn, RSI);
      advance(b, insn, RDI);
    };
    run(b, insn, turn, untilZero(b, insn));
  },
});
