/**
 * What the manual leaves undefined after an instruction, by operand values where it depends on them. Written from the
 * "Flags Affected" paragraphs of Intel SDM Vol. 2, not from src/cpu/isa, whose records it is there to check.
 */
const CF = 0x1, PF = 0x4, AF = 0x10, ZF = 0x40, SF = 0x80, OF = 0x800; // biome-ignore format: one line
const ALL = OF | SF | ZF | AF | PF | CF;

/** What the answer depends on. `count` is the shift count as it stands in the operand, before any masking. */
export interface Executed {
  /** Lower case, as the SDM writes it, without prefixes. */
  readonly mnemonic: string;
  /** Operand size in bits. */
  readonly width: number;
  readonly count: number;
}

const maskedCount = ({ width, count }: Executed): number => count & (width === 64 ? 0x3f : 0x1f);

const SHIFTS = new Set(['shl', 'sal', 'shr', 'sar']);
const ROTATES = new Set(['rol', 'ror', 'rcl', 'rcr']);
const DOUBLE_SHIFTS = new Set(['shld', 'shrd']);

/** Flags whatever the operands are. */
const FIXED: Readonly<Record<string, number>> = {
  and: AF,
  or: AF,
  xor: AF,
  test: AF,
  mul: SF | ZF | AF | PF,
  imul: SF | ZF | AF | PF,
  div: ALL,
  idiv: ALL,
  bt: OF | SF | AF | PF,
  bts: OF | SF | AF | PF,
  btr: OF | SF | AF | PF,
  btc: OF | SF | AF | PF,
  bsf: OF | SF | AF | PF | CF,
  bsr: OF | SF | AF | PF | CF,
  lzcnt: OF | SF | AF | PF,
  tzcnt: OF | SF | AF | PF,
  andn: AF | PF,
  blsi: AF | PF,
  blsmsk: AF | PF,
  blsr: AF | PF,
  bextr: SF | AF | PF,
  bzhi: AF | PF,
};

/** Flags left undefined by the instruction, if it retires. */
export function undefinedFlags(what: Executed): number {
  const { mnemonic, width } = what;
  const count = maskedCount(what);
  if (SHIFTS.has(mnemonic)) {
    if (count === 0) return 0;
    const carry = mnemonic !== 'sar' && count >= width ? CF : 0;
    return carry | AF | (count === 1 ? 0 : OF);
  }
  if (ROTATES.has(mnemonic)) return count <= 1 ? 0 : OF;
  if (DOUBLE_SHIFTS.has(mnemonic)) {
    if (count === 0) return 0;
    if (count > width) return ALL;
    return AF | (count === 1 ? 0 : OF);
  }
  return FIXED[mnemonic] ?? 0;
}

/** Whether a shift or rotate leaves every flag alone since its count is 0. */
export const keepsFlags = (what: Executed): boolean =>
  (SHIFTS.has(what.mnemonic) || ROTATES.has(what.mnemonic) || DOUBLE_SHIFTS.has(what.mnemonic)) &&
  maskedCount(what) === 0;

/** Whether the destination is undefined too: such instances are of no use as vectors. */
export const undefinedResult = (what: Executed): boolean =>
  (DOUBLE_SHIFTS.has(what.mnemonic) && maskedCount(what) > what.width) ||
  (what.mnemonic === 'bswap' && what.width === 16);
