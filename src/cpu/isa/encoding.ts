/**
 * Reads the encoding notation of the instruction records. Intel SDM Vol. 2A, "Interpreting the Instruction Reference Pages".
 * ```
 *   opcode column   [NP|66|F3|F2] [REX.W|W0] bytes [/r|/0../7] [mod=3] [ib|iw|iz|iv|...]    VEX.LZ.0F38.W0 F2 /r
 *     VEX.<LZ|128|256|LIG>[.66|.F3|.F2].<0F|0F38|0F3A>.<W0|W1|WIG>
 *     50+r            the low three opcode bits are a register      70+cc   the low four are a condition
 *     0F 01 D0        a byte after the opcode is the whole ModRM byte
 *     iz iv           immediate of 2 or 4 bytes, of 2, 4 or 8 bytes, by operand size
 *   operand column
 *     r8 r16 r32 r64 r     register in ModRM.reg, in the opcode (+r), or in ModRM.rm (/digit); no size: by operand size
 *     ry                   register in ModRM.reg, of 64 bits with REX.W, else 32
 *     vr                   register in VEX.vvvv, by operand size
 *     r/m8 ... r/m         register or memory in ModRM.rm
 *     m8 ... m4096 m       memory only; m0: only the offset is used
 *     rm64                 register in ModRM.rm              cr, dr   control, debug register in ModRM.reg
 *     rv/m16 ry/m16 r32/m8 in ModRM.rm: a register by operand size, as ry, or of 32 bits; or 16 or 8 bits of memory
 *     xmm rmx              vector register in ModRM.reg (in ModRM.rm with /digit); in ModRM.rm
 *     xmm/m32 ... xmm/m128 vector register or memory in ModRM.rm
 *     vx xmm4 XMM0         vector register in VEX.vvvv; in the upper half of an immediate byte of its own; implied
 *     ymm rmy ymm/m256 vy ymm4   the same of 256 bits
 *     vm32x vm32y vm64x vm64y    memory at several addresses: an XMM or YMM register of 32- or 64-bit indexes
 *     mm rmm mm/m32 mm/m64 the same with MMX registers
 *     st0 sti              x87 registers: the top of the stack; counted from there by ModRM.rm
 *     AL CL DX rAX 1       implied                         sreg, FS, GS   segment registers
 *     imm8 imm16 imm       unsigned; `imm` sign-extended to the operand size; simm8: 8 bits, sign-extended likewise
 *     rel8 rel32 moffs8 moffs
 *     [rSI] [rDI] [rBX]    implied memory, by operand size (RSI and RBX take a segment prefix, as does [ds:rDI]);
 *                          [rBX] moves 8 bits
 * ```
 */

import { invariant } from '../../base/invariant.ts';
import type { Width } from '../builder.ts';
import type { EncodingFlag, InstructionDef } from './define.ts';
import type { Access, Segment } from './operand.ts';

/** Opcode maps: one-byte, 0F, 0F 38, 0F 3A, and from VEX_SPACE on the VEX maps 0F, 0F 38, 0F 3A. */
export const SPACE_ONE = 0, SPACE_0F = 1, SPACE_0F38 = 2, SPACE_0F3A = 3, VEX_SPACE = 3, SPACES = 7; // biome-ignore format: one line

/** Mandatory prefix. `ANY` allows all; `NONE` allows none of 66, F3, F2. */
export const PREFIX_ANY = 0, PREFIX_NONE = 1, PREFIX_66 = 2, PREFIX_F3 = 3, PREFIX_F2 = 4; // biome-ignore format: one line

/** How the operand size follows from prefixes; 8 to 64: it is always that. */
export const SIZE_V = 0, SIZE_D64 = 1, SIZE_Y = 2, SIZE_Z = 3; // biome-ignore format: one line

/** Where an operand comes from. */
export const OPERAND = {
  reg: 0,
  rm: 1,
  embedded: 2,
  vvvv: 3,
  fixedReg: 4,
  imm: 5,
  simm8: 6,
  one: 7,
  rel: 8,
  moffs: 9,
  sreg: 10,
  segment: 11,
  implied: 12,
  control: 13,
  debug: 14,
  xmm: 15,
  xmmRm: 16,
  xmmVvvv: 17,
  xmmImm: 18,
  xmmFixed: 19,
  vsib: 20,
  mm: 21,
  mmRm: 22,
  st0: 23,
  sti: 24,
} as const;
export type OperandSource = (typeof OPERAND)[keyof typeof OPERAND];

/** In place of a register's width: 64 with REX.W, else 32. */
export const BY_REX_W = 1;

export interface OperandSpec {
  readonly source: OperandSource;
  /** Bits; 0: the operand size. Of a register, if `memWidth` is another. */
  readonly width: Width | 0 | typeof BY_REX_W;
  /** As `width`, for a memory operand in ModRM.rm; -1: only the offset is used. */
  readonly memWidth: Width | 0 | 80 | 128 | 256 | 512 | 4096 | -1;
  /** Bytes of an immediate or relative offset; -1: iz, -2: iv. */
  readonly bytes: number;
  /** Number of an implied register; base register of implied memory. */
  readonly reg: number;
  readonly segment: Segment | undefined;
  /** Of a vector register, or of a vector of indexes: 256 bits, not 128. */
  readonly isYmm: boolean;
  readonly access: Access;
}

export interface EncodingSpec {
  readonly def: InstructionDef;
  readonly index: number;
  readonly space: number;
  readonly opcode: number;
  /** Consecutive opcodes: 1, 8 for +r, 16 for +cc. */
  readonly opcodes: 1 | 8 | 16;
  readonly prefix: number;
  /** REX.W or VEX.W as required; -1: either. */
  readonly w: -1 | 0 | 1;
  /** VEX.L as required; -1: either. */
  readonly vexL: -1 | 0 | 1;
  readonly hasModrm: boolean;
  /** 3: register form only; 0: memory only; -1: either. */
  readonly mod: -1 | 0 | 3;
  /** ModRM.reg and ModRM.rm as required; -1: any. */
  readonly reg: number;
  readonly rm: number;
  readonly needsNoRexB: boolean;
  readonly needsNo66: boolean;
  /** VEX.vvvv names a register. */
  readonly usesVvvv: boolean;
  /** A vector of indexes: the memory operand has a SIB byte. */
  readonly isVsib: boolean;
  readonly hasMoffs: boolean;
  /** Names a control or debug register: of 8 to 15 only CR8 exists. */
  readonly isControl: boolean;
  readonly size: number;
  /** Bytes of immediates by operand size 16, 32, 64. */
  readonly immediateBytes: readonly [number, number, number];
  readonly operands: readonly OperandSpec[];
  readonly lockable: boolean;
  readonly rep: 'none' | 'rep' | 'repe';
}

const SEGMENTS: Record<string, Segment> = { FS: 'fs', GS: 'gs' };
const FIXED: Record<string, readonly [reg: number, width: Width | 0]> = {
  AL: [0, 8], CL: [1, 8], DX: [2, 16], AX: [0, 16], EAX: [0, 32], rAX: [0, 0],
}; // biome-ignore format: a table
const IMPLIED: Record<string, readonly [base: number, width: 0 | 8, segment: Segment]> = {
  '[rSI]': [6, 0, 'ds'],
  '[rDI]': [7, 0, 'es'],
  '[ds:rDI]': [7, 0, 'ds'],
  '[rBX]': [3, 8, 'ds'],
};

const VECTOR_OPERANDS: Record<string, readonly [source: OperandSource, isYmm: boolean]> = {
  xmm: [OPERAND.xmm, false], rmx: [OPERAND.xmmRm, false], vx: [OPERAND.xmmVvvv, false], xmm4: [OPERAND.xmmImm, false],
  ymm: [OPERAND.xmm, true], rmy: [OPERAND.xmmRm, true], vy: [OPERAND.xmmVvvv, true], ymm4: [OPERAND.xmmImm, true],
  XMM0: [OPERAND.xmmFixed, false],
}; // biome-ignore format: a table

function operandSpec(token: string, access: Access, opcode: string): OperandSpec {
  const spec = (source: OperandSource, width: OperandSpec['width'] = 0, rest: Partial<OperandSpec> = {}): OperandSpec => ({
    source, width, memWidth: width === BY_REX_W ? 0 : width, bytes: 0, reg: 0, segment: undefined, isYmm: false, access, ...rest,
  }); // biome-ignore format: one object
  if (token in FIXED) return spec(OPERAND.fixedReg, FIXED[token][1], { reg: FIXED[token][0] });
  if (token in SEGMENTS) return spec(OPERAND.segment, 16, { segment: SEGMENTS[token] });
  if (token in IMPLIED) {
    const [reg, width, segment] = IMPLIED[token];
    return spec(OPERAND.implied, width, { reg, segment });
  }
  if (token === '1') return spec(OPERAND.one, 8);
  if (token === 'sreg') return spec(OPERAND.sreg, 16);
  if (token === 'cr') return spec(OPERAND.control, 64);
  if (token === 'dr') return spec(OPERAND.debug, 64);
  if (token === 'rm64') return spec(OPERAND.rm, 64);
  if (token === 'ry') return spec(OPERAND.reg, BY_REX_W);
  if (token === 'vr') return spec(OPERAND.vvvv);
  if (token === 'simm8') return spec(OPERAND.simm8, 0, { bytes: 1 });
  const vector = VECTOR_OPERANDS[token];
  if (vector) {
    const [source, isYmm] = vector;
    const isRm = source === OPERAND.xmm && /\/\d/.test(opcode);
    return spec(isRm ? OPERAND.xmmRm : source, 64, { isYmm, bytes: source === OPERAND.xmmImm ? 1 : 0 });
  }
  if (/^[xy]mm\/m/.test(token)) {
    const memWidth = Number(token.slice(5)) as OperandSpec['memWidth'];
    return spec(OPERAND.xmmRm, 64, { memWidth, isYmm: token.startsWith('y') });
  }
  if (token.startsWith('vm'))
    return spec(OPERAND.vsib, token.startsWith('vm32') ? 32 : 64, { isYmm: token.endsWith('y') });
  if (token === 'mm') return spec(/\/\d/.test(opcode) ? OPERAND.mmRm : OPERAND.mm, 64);
  if (token === 'rmm') return spec(OPERAND.mmRm, 64);
  if (token.startsWith('mm/m'))
    return spec(OPERAND.mmRm, 64, { memWidth: Number(token.slice(4)) as OperandSpec['memWidth'] });
  if (token === 'st0') return spec(OPERAND.st0, 64);
  if (token === 'sti') return spec(OPERAND.sti, 64);
  const [, register, memory] = /^r(y|32)\/m(\d+)$/.exec(token) ?? [];
  if (memory)
    return spec(OPERAND.rm, register === 'y' ? BY_REX_W : 32, { memWidth: Number(memory) as OperandSpec['memWidth'] });
  if (token === 'rv/m16') return spec(OPERAND.rm, 0, { memWidth: 16 });
  const sized = /^(r\/m|rel|moffs|imm|r|m)(\d*)$/.exec(token);
  invariant(sized, `operand ${token}`);
  const [, kind, digits] = sized;
  const width = Number(digits) as Width | 0;
  switch (kind) {
    case 'r/m':
      return spec(OPERAND.rm, width);
    case 'm':
      return spec(OPERAND.rm, Math.min(width, 64) as Width, { memWidth: digits === '0' ? -1 : width });
    case 'rel':
      return spec(OPERAND.rel, 0, { bytes: width / 8 });
    case 'moffs':
      return spec(OPERAND.moffs, width);
    case 'imm':
      return spec(OPERAND.imm, width, { bytes: width ? width / 8 : opcode.includes('iv') ? -2 : -1 });
    default:
      if (opcode.includes('+r')) return spec(OPERAND.embedded, width);
      return spec(/\/\d/.test(opcode) ? OPERAND.rm : OPERAND.reg, width);
  }
}

const PREFIX_NAMES: Record<string, number> = { NP: PREFIX_NONE, '66': PREFIX_66, F3: PREFIX_F3, F2: PREFIX_F2 };
const MAPS: Record<string, number> = { '0F': SPACE_0F, '0F38': SPACE_0F38, '0F3A': SPACE_0F3A };

/** What the opcode column says up to the opcode itself. */
interface Opening {
  readonly space: number;
  readonly opcode: number;
  readonly opcodes: 1 | 8 | 16;
  readonly prefix: number;
  readonly w: -1 | 0 | 1;
  readonly vexL: -1 | 0 | 1;
  readonly isVex: boolean;
  readonly rest: readonly string[];
}

/** Cheap: it is all that is needed of every encoding when the program starts. */
export function parseOpening(opcode: string): Opening {
  const tokens = opcode.split(' ');
  let space = SPACE_ONE;
  let prefix: number = PREFIX_ANY;
  let w: -1 | 0 | 1 = -1;
  let vexL: -1 | 0 | 1 = -1;
  let at = 0;
  const isVex = tokens[0].startsWith('VEX.');
  if (isVex) {
    prefix = PREFIX_NONE;
    for (const part of tokens[at++].split('.').slice(1)) {
      if (part in MAPS) space = VEX_SPACE + MAPS[part];
      else if (part in PREFIX_NAMES) prefix = PREFIX_NAMES[part];
      else if (part === 'LZ' || part === '128') vexL = 0;
      else if (part === '256') vexL = 1;
      else if (part === 'LIG' || part === 'WIG') continue;
      else if (part === 'W0' || part === 'W1') w = part === 'W1' ? 1 : 0;
      else invariant(false, `VEX field ${part}`);
    }
  } else {
    for (; at < tokens.length - 1; at++) {
      const token = tokens[at];
      if (token in PREFIX_NAMES) prefix = PREFIX_NAMES[token];
      else if (token === 'REX.W') w = 1;
      else if (token === 'W0') w = 0;
      else break;
    }
    if (tokens[at] === '0F' && at + 1 < tokens.length) {
      const map = tokens[++at];
      space = map === '38' ? SPACE_0F38 : map === '3A' ? SPACE_0F3A : SPACE_0F;
      if (space !== SPACE_0F) at++;
    }
  }
  const [byte, run] = tokens[at++].split('+');
  const opcodes = run === 'r' ? 8 : run === 'cc' ? 16 : 1;
  return { space, opcode: Number.parseInt(byte, 16), opcodes, prefix, w, vexL, isVex, rest: tokens.slice(at) };
}

export function parseEncoding(def: InstructionDef, index: number): EncodingSpec {
  const [opcode, column, ...flags] = def.encodings[index];
  const { isVex, rest, ...opening } = parseOpening(opcode);
  let mod: -1 | 0 | 3 = -1;
  let reg = -1;
  let rm = -1;
  let hasModrm = false;
  for (const token of rest) {
    if (token === '/r') hasModrm = true;
    else if (/^\/[0-7]$/.test(token)) [hasModrm, reg] = [true, Number(token[1])];
    else if (token === 'mod=3') mod = 3;
    else if (/^[0-9A-F]{2}$/.test(token)) {
      const whole = Number.parseInt(token, 16);
      [hasModrm, mod, reg, rm] = [true, 3, (whole >> 3) & 7, whole & 7];
    } else invariant(/^i[bwzv]|c[bd]$/.test(token), `opcode column ${opcode}`);
  }

  const accesses = def.access.split(' ') as Access[];
  const operands = column === '' ? [] : column.split(', ').map((token, i) => operandSpec(token, accesses[i], opcode));
  for (const [i, token] of (column === '' ? [] : column.split(', ')).entries()) {
    invariant(operands[i].access !== undefined, `${def.mnemonic}: access of operand ${i + 1}`);
    const { source } = operands[i];
    if (source === OPERAND.vsib) mod = 0;
    if (source === OPERAND.sti) mod = 3;
    if (source !== OPERAND.rm && source !== OPERAND.xmmRm && source !== OPERAND.mmRm) continue;
    if (/^m\d*$/.test(token)) mod = 0;
    else if (/^(?:rm?\d*|rm[xy]|rmm|[xy]?mm)$/.test(token)) mod = 3;
  }
  const bytesAt = (width: number) =>
    operands.reduce(
      (sum, { bytes }) => sum + (bytes >= 0 ? bytes : bytes === -1 ? Math.min(width / 8, 4) : width / 8),
      0,
    );
  const has = (flag: EncodingFlag) => flags.includes(flag);
  return {
    def, index, ...opening, hasModrm, mod, reg, rm, needsNoRexB: has('REX.B=0'), needsNo66: has('NO66'),
    usesVvvv: operands.some(({ source }) => source === OPERAND.vvvv || source === OPERAND.xmmVvvv),
    isVsib: operands.some(({ source }) => source === OPERAND.vsib), hasMoffs: operands.some(({ source }) => source === OPERAND.moffs),
    isControl: operands.some(({ source }) => source === OPERAND.control || source === OPERAND.debug),
    size: has('D64') ? SIZE_D64 : has('F64') ? 64 : has('W8') ? 8 : isVex ? (operands.some(({ width }) => width === 0 || width === BY_REX_W) ? SIZE_Y : 64) : has('NO16') ? SIZE_Y : has('NO64') ? SIZE_Z : sizeOf(operands),
    immediateBytes: [bytesAt(16), bytesAt(32), bytesAt(64)],
    operands, lockable: has('LOCK'), rep: has('REP') ? 'rep' : has('REPE/NE') ? 'repe' : 'none',
  }; // biome-ignore format: one object
}

/** The size of the first operand that has one, if the others do not follow the prefixes; vector registers have none. */
function sizeOf(operands: readonly OperandSpec[]): number {
  const isXmm = ({ source }: OperandSpec) => source >= OPERAND.xmm;
  if (operands.some(isXmm)) return operands.some(({ width }) => width === BY_REX_W) ? SIZE_Y : widthBeside(operands);
  const sized = operands.filter(
    ({ source, width }) => source !== OPERAND.imm && source !== OPERAND.one && width !== BY_REX_W,
  );
  if (sized.length === 0 || sized.some(({ width }) => width === 0)) return SIZE_V;
  return sized[0].width as Width;
}

/** Of the general register or memory operand that goes with a vector register, if there is one. */
const widthBeside = (operands: readonly OperandSpec[]): number =>
  operands.find(({ source }) => source === OPERAND.rm || source === OPERAND.reg)?.width ?? 64;
