/**
 * Bytes -> Insn. Tables are built from the records in isa/ when an opcode is first met: for each opcode map and opcode,
 * and each value of ModRM.reg, the encodings that may match, the ones with a mandatory prefix first.
 * Intel SDM Vol. 2A, "Instruction Format", 64-bit mode on an Intel processor (66 does nothing to near branches).
 * Left out: EVEX, XOP, and every instruction without a record, all of which are 'invalid'.
 */
import type { Width } from './builder.ts';
import type { DecodeFailure, Insn, InstructionDef } from './isa/define.ts';
import {
  BY_REX_W, type EncodingSpec, OPERAND, type OperandSpec, PREFIX_66, PREFIX_ANY, PREFIX_F2, PREFIX_F3, parseEncoding,
  SIZE_D64, SIZE_V, SIZE_Y, SIZE_Z, SPACE_0F, SPACE_0F3A, SPACE_0F38, SPACE_ONE, SPACES, VEX_SPACE,
} from './isa/encoding.ts'; // biome-ignore format: a long list
import { type CpuLevel, featureOf, levelOf } from './isa/features.ts';
import { allRecords, recordsOf } from './isa/index.ts';
import { ENCODINGS_AT, FAMILY_SHIFT, RECORD_SHIFT } from './isa/opcodes.prebuilt.ts';
import type {
  Access,
  ImmOperand,
  MemOperand,
  MmOperand,
  Operand,
  RegOperand,
  Segment,
  StOperand,
  XmmOperand,
} from './isa/operand.ts';

/** One opcode's encodings. */
interface Entry {
  readonly hasModrm: boolean;
  /** By ModRM.reg; without ModRM all eight are the same list. */
  readonly byReg: readonly (readonly EncodingSpec[])[];
}

/** Numbers of the encodings by opcode map and opcode, as text until they are met. */
const PLACES = ENCODINGS_AT.split(' ');
const TABLE: (Entry | null | undefined)[] = new Array(SPACES * 256).fill(undefined);
const specs = new Map<InstructionDef, (EncodingSpec | undefined)[]>();

function specOf(def: InstructionDef, index: number): EncodingSpec {
  let list = specs.get(def);
  if (list === undefined) specs.set(def, (list = []));
  return (list[index] ??= parseEncoding(def, index));
}

function entryAt(place: number): Entry | null {
  const known = TABLE[place];
  return known === undefined ? (TABLE[place] = makeEntry(place)) : known;
}

function makeEntry(place: number): Entry | null {
  if (PLACES[place] === '') return null;
  const list = PLACES[place].split(',').map((text) => {
    const encoding = Number(text);
    const record = (encoding >> RECORD_SHIFT) & ((1 << (FAMILY_SHIFT - RECORD_SHIFT)) - 1);
    return specOf(recordsOf(encoding >> FAMILY_SHIFT)[record], encoding & ((1 << RECORD_SHIFT) - 1));
  });
  // F3 and F2 outrank 66; what fixes more of the encoding outranks what fixes less.
  const rank = ({ prefix, rm, mod, w, needsNoRexB }: EncodingSpec) =>
    (prefix >= PREFIX_F3 ? 32 : prefix !== PREFIX_ANY ? 16 : 0) +
    (rm >= 0 ? 8 : 0) + (mod >= 0 ? 4 : 0) + (w >= 0 ? 2 : 0) + (needsNoRexB ? 1 : 0); // biome-ignore format: a sum
  const sorted = list.toSorted((x, y) => rank(y) - rank(x));
  const byReg = Array.from({ length: 8 }, (_, reg) => sorted.filter((spec) => matchesReg(spec, reg)));
  return { hasModrm: list.some((spec) => spec.hasModrm), byReg };
}

/** Not every ModRM.reg names a segment register, CS cannot be loaded, and there are only CR0, CR2, CR3, CR4 and CR8. */
function matchesReg({ reg, operands }: EncodingSpec, value: number): boolean {
  if (reg >= 0 && reg !== value) return false;
  return operands.every(({ source, access }) => {
    if (source === OPERAND.sreg) return value < 6 && !(access === 'w' && value === 1);
    return source !== OPERAND.control || value === 0 || (value >= 2 && value <= 4);
  });
}

/** Every encoding of every record, in the order of isa/index.ts. */
export const allEncodings = (): readonly EncodingSpec[] =>
  allRecords().flatMap((def) => def.encodings.map((_, index) => specOf(def, index)));

const levels = new Map<EncodingSpec, CpuLevel>();
function levelOfSpec(spec: EncodingSpec): CpuLevel {
  let level = levels.get(spec);
  if (level === undefined) levels.set(spec, (level = levelOf(featureOf(spec.def, spec.index))));
  return level;
}

/** The encoding that an instruction was decoded from. */
export const encodingOf = (insn: Insn): EncodingSpec => specOf(insn.def, insn.encoding);

// ---- operands that can be made beforehand ----------------------------------------------------------------------------

const WIDTHS: readonly Width[] = [8, 16, 32, 64];
const ACCESSES: readonly Access[] = ['r', 'w', 'rw', 'none'];
const indexOfWidth = (width: number): number => (width === 8 ? 0 : width === 16 ? 1 : width === 32 ? 2 : 3);
const HIGH = 16;
/** [access][width][register number; 16 to 19 AH, CH, DH, BH], made when first needed. */
const REGISTERS: RegOperand[] = [];
function registerOperand(access: Access, width: number, n: number): RegOperand {
  const ofAccess = access === 'r' ? 0 : access === 'w' ? 1 : access === 'rw' ? 2 : 3;
  const index = indexOfWidth(width);
  return (REGISTERS[(ofAccess * 4 + index) * 20 + n] ??= {
    kind: 'reg',
    width: WIDTHS[index],
    reg: n & 15,
    high: n >= HIGH,
    access,
  });
}

/** By access, size and number, made when first needed. */
const XMM_REGISTERS: XmmOperand[] = [];
const xmmOperand = ({ access, isYmm }: OperandSpec, reg: number): XmmOperand =>
  (XMM_REGISTERS[ACCESSES.indexOf(access) * 32 + (isYmm ? 16 : 0) + reg] ??= { kind: 'xmm', reg, isYmm, access });

const MM_REGISTERS: MmOperand[] = [];
const mmOperand = (access: Access, reg: number): MmOperand =>
  (MM_REGISTERS[ACCESSES.indexOf(access) * 8 + reg] ??= { kind: 'mm', reg, access });
const ST_REGISTERS: StOperand[] = [];
const stOperand = (access: Access, reg: number): StOperand =>
  (ST_REGISTERS[ACCESSES.indexOf(access) * 8 + reg] ??= { kind: 'st', reg, access });

/** By width and byte, sign-extended, made when first needed. */
const SIGNED_BYTES: ImmOperand[] = [];
function signedByte(width: Width, byte: number): ImmOperand {
  return (SIGNED_BYTES[width * 256 + byte] ??= {
    kind: 'imm',
    value: BigInt.asUintN(width, BigInt.asIntN(8, BigInt(byte))),
    width,
    bytes: 1,
  });
}
const BYTES: ImmOperand[] = [];
const unsignedByte = (byte: number): ImmOperand =>
  (BYTES[byte] ??= { kind: 'imm', value: BigInt(byte), width: 8, bytes: 1 });
const ONE: ImmOperand = { kind: 'imm', value: 1n, width: 8, bytes: 0 };
/** -128 to 127, at its index + 128. */
const SMALL: readonly bigint[] = Array.from({ length: 256 }, (_, i) => BigInt(i - 128));
const SEGMENTS: readonly Segment[] = ['es', 'cs', 'ss', 'ds', 'fs', 'gs'];
const NO_OPERANDS: readonly Operand[] = [];

// ---- prefixes --------------------------------------------------------------------------------------------------------

const P_REX = 1, P_OPERAND = 2, P_ADDRESS = 3, P_REP = 4, P_REPNE = 5, P_LOCK = 6, P_SEGMENT = 7; // biome-ignore format: one line
/** P_* of a byte, 0 if it is no prefix; P_SEGMENT + number of the segment. */
const PREFIXES = new Uint8Array(256);
PREFIXES.fill(P_REX, 0x40, 0x50);
for (const [byte, kind] of [
  [0x66, P_OPERAND], [0x67, P_ADDRESS], [0xf3, P_REP], [0xf2, P_REPNE], [0xf0, P_LOCK],
  [0x26, P_SEGMENT], [0x2e, P_SEGMENT + 1], [0x36, P_SEGMENT + 2], [0x3e, P_SEGMENT + 3],
  [0x64, P_SEGMENT + 4], [0x65, P_SEGMENT + 5],
]) PREFIXES[byte] = kind; // biome-ignore format: a table

// ---- the instruction being decoded -----------------------------------------------------------------------------------

let code: Uint8Array = new Uint8Array(0);
/** Next byte to read. */
let pos = 0;
/** First byte past the input, or past the 15th byte. */
let limit = 0;
let rex = 0;
let vvvv = 0;
let modrm = 0;
let width = 32 as Width;
let addressWidth: 32 | 64 = 64;
let segment: Segment | undefined;
let next = 0n;
let base = -1;
let index = -1;
let scale: 1 | 2 | 4 | 8 = 1;
let disp = 0;
let dispBytes: 0 | 1 | 4 = 0;
let ripRelative = false;

/** The instruction at bytes[at], which do not go on beyond `end`; `rip` is its address. What is above the level is invalid. */
export function decode(
  bytes: Uint8Array,
  at: number,
  end: number,
  rip: bigint,
  level: CpuLevel = 3,
): Insn | DecodeFailure {
  code = bytes;
  pos = at;
  limit = end - at > 15 ? at + 15 : end;
  rex = 0;
  addressWidth = 64;
  segment = undefined;
  let operandSize = false;
  let lock = false;
  let rep = 0;
  let byte = 0;
  for (;;) {
    if (pos >= limit) return tooShort(at, end);
    byte = bytes[pos++];
    const kind = PREFIXES[byte];
    if (kind === 0) break;
    if (kind === P_REX) {
      rex = byte;
      continue;
    }
    rex = 0; // REX counts only right before the opcode
    if (kind === P_OPERAND) operandSize = true;
    else if (kind === P_ADDRESS) addressWidth = 32;
    else if (kind === P_LOCK) lock = true;
    else if (kind < P_SEGMENT) rep = kind === P_REP ? PREFIX_F3 : PREFIX_F2;
    else if (kind >= P_SEGMENT + 4 || (segment !== 'fs' && segment !== 'gs')) segment = SEGMENTS[kind - P_SEGMENT];
  }

  let space: number = SPACE_ONE;
  let vexL = 0;
  vvvv = 0;
  if (byte === 0x0f) {
    if (pos >= limit) return tooShort(at, end);
    byte = bytes[pos++];
    space = SPACE_0F;
    if (byte === 0x38 || byte === 0x3a) {
      space = byte === 0x38 ? SPACE_0F38 : SPACE_0F3A;
      if (pos >= limit) return tooShort(at, end);
      byte = bytes[pos++];
    }
  } else if (byte === 0xc4 || byte === 0xc5) {
    if (rex !== 0 || operandSize || rep !== 0 || lock) return 'invalid';
    const long = byte === 0xc4;
    if (pos + (long ? 3 : 2) > limit) return tooShort(at, end);
    const first = ~bytes[pos++];
    let last = bytes[pos - 1];
    space = VEX_SPACE + SPACE_0F;
    rex = (first >> 5) & 4;
    if (long) {
      last = bytes[pos++];
      rex |= ((first >> 5) & 3) | ((last >> 4) & 8);
      const map = ~first & 31;
      if (map < 1 || map > 3) return 'invalid';
      space = VEX_SPACE + map;
    }
    vvvv = (~last >> 3) & 15;
    vexL = (last >> 2) & 1;
    operandSize = (last & 3) === 1;
    rep = (last & 3) === 2 ? PREFIX_F3 : (last & 3) === 3 ? PREFIX_F2 : 0;
    byte = bytes[pos++];
  }

  const entry = entryAt(space * 256 + byte);
  if (entry === null) return 'invalid';
  if (entry.hasModrm) {
    if (pos >= limit) return tooShort(at, end);
    modrm = bytes[pos++];
  }
  const candidates = entry.byReg[(modrm >> 3) & 7];
  const wide = (rex & 8) !== 0;
  let spec: EncodingSpec | undefined;
  for (let i = 0; i < candidates.length; i++) {
    const one = candidates[i];
    const prefix = one.prefix;
    if (prefix !== PREFIX_ANY) {
      if (prefix >= PREFIX_F3 ? rep !== prefix : rep !== 0 || operandSize !== (prefix === PREFIX_66)) continue;
    }
    if (one.mod >= 0 && (one.mod === 3) !== modrm >= 0xc0) continue;
    if (one.rm >= 0 && one.rm !== (modrm & 7)) continue;
    if (one.w >= 0 && (one.w === 1) !== wide) continue;
    if (one.vexL >= 0 && one.vexL !== vexL) continue;
    if (one.needsNoRexB && (rex & 1) !== 0) continue;
    if (one.needsNo66 && operandSize) continue;
    if (vvvv !== 0 && !one.usesVvvv) continue;
    if (one.isVsib && (modrm & 7) !== 4) continue;
    if (level < 3 && levelOfSpec(one) > level) continue;
    spec = one;
    break;
  }
  if (spec === undefined) return 'invalid';
  if (spec.isControl && (rex & 4) !== 0 && !isCr8(spec)) return 'invalid';
  if (lock && !(spec.lockable && modrm < 0xc0)) return 'invalid';

  const size = spec.size;
  if (size >= 8) width = size as Width;
  else if (size === SIZE_Z) width = operandSize && !wide ? 16 : 32;
  else if (wide) width = 64;
  else if (size === SIZE_V) width = operandSize ? 16 : 32;
  else if (size === SIZE_D64) width = operandSize ? 16 : 64;
  else if (size === SIZE_Y) width = 32;

  if (spec.hasModrm && modrm < 0xc0 && spec.mod !== 3 && !readMemory(spec.isVsib)) return tooShort(at, end);
  if (spec.isVsib && !areDistinct(index, vvvv, ((modrm >> 3) & 7) | ((rex & 4) << 1))) return 'invalid';
  const immediates = spec.immediateBytes[width === 16 ? 0 : width === 64 ? 2 : 1];
  const moffs = spec.hasMoffs ? addressWidth / 8 : 0;
  const length = pos - at + immediates + moffs;
  if (at + length > limit) return tooShort(at, end);
  next = BigInt.asUintN(64, rip + SMALL[128 + length]);

  const operands = spec.operands;
  let ops = NO_OPERANDS;
  if (operands.length === 1) ops = [makeOperand(operands[0], byte)];
  else if (operands.length === 2) ops = [makeOperand(operands[0], byte), makeOperand(operands[1], byte)];
  else if (operands.length !== 0) ops = operands.map((operand) => makeOperand(operand, byte));
  return {
    def: spec.def,
    encoding: spec.index,
    rip,
    length,
    next,
    width,
    addressWidth,
    ops,
    cc: byte & 15,
    opcode: byte,
    modrm,
    lock,
    rep: rep === 0 || spec.rep === 'none' ? undefined : rep === PREFIX_F3 ? 'rep' : 'repne',
  };
}

const areDistinct = (x: number, y: number, z: number): boolean => x !== y && y !== z && x !== z;

/** Of the control and debug registers 8 to 15. */
const isCr8 = ({ operands }: EncodingSpec): boolean =>
  (modrm & 0x38) === 0 && operands.some(({ source }) => source === OPERAND.control);

const tooShort = (at: number, end: number): DecodeFailure => (end - at > 15 ? 'long' : 'truncated');

/** ModRM, SIB and displacement. False when the bytes end. Intel SDM Vol. 2A, "Addressing-Mode Encoding of ModR/M and SIB Bytes". */
function readMemory(isVsib: boolean): boolean {
  const mod = modrm >> 6;
  const rm = modrm & 7;
  index = -1;
  scale = 1;
  ripRelative = false;
  let low = rm;
  if (rm === 4) {
    if (pos >= limit) return false;
    const sib = code[pos++];
    index = ((sib >> 3) & 7) | ((rex & 2) << 2);
    if (index === 4 && !isVsib) index = -1;
    scale = (1 << (sib >> 6)) as 1 | 2 | 4 | 8;
    low = sib & 7;
  }
  base = low | ((rex & 1) << 3);
  dispBytes = mod === 1 ? 1 : mod === 2 ? 4 : 0;
  if (mod === 0 && low === 5) {
    base = -1;
    dispBytes = 4;
    ripRelative = rm !== 4;
  }
  if (pos + dispBytes > limit) return false;
  disp = dispBytes === 0 ? 0 : dispBytes === 1 ? (code[pos] << 24) >> 24 : readInt32();
  pos += dispBytes;
  return true;
}

/** The four bytes at `pos`, which stays. */
const readInt32 = (): number => code[pos] | (code[pos + 1] << 8) | (code[pos + 2] << 16) | (code[pos + 3] << 24);

function makeOperand(spec: OperandSpec, opcode: number): Operand {
  const named = spec.width;
  const bits = named === 0 ? width : named === BY_REX_W ? ((rex & 8) === 0 ? 32 : 64) : named;
  switch (spec.source) {
    case OPERAND.reg:
      return makeRegister(spec, bits, ((modrm >> 3) & 7) | ((rex & 4) << 1));
    case OPERAND.rm:
      return modrm >= 0xc0 ? makeRegister(spec, bits, (modrm & 7) | ((rex & 1) << 3)) : makeMemory(spec);
    case OPERAND.xmm:
      return xmmOperand(spec, ((modrm >> 3) & 7) | ((rex & 4) << 1));
    case OPERAND.xmmRm:
      return modrm >= 0xc0 ? xmmOperand(spec, (modrm & 7) | ((rex & 1) << 3)) : makeMemory(spec);
    case OPERAND.xmmVvvv:
      return xmmOperand(spec, vvvv);
    case OPERAND.xmmImm:
      return xmmOperand(spec, code[pos++] >> 4);
    case OPERAND.xmmFixed:
      return xmmOperand(spec, 0);
    case OPERAND.vsib:
      return makeMemory(spec);
    case OPERAND.mm:
      return mmOperand(spec.access, (modrm >> 3) & 7);
    case OPERAND.mmRm:
      return modrm >= 0xc0 ? mmOperand(spec.access, modrm & 7) : makeMemory(spec);
    case OPERAND.st0:
      return stOperand(spec.access, 0);
    case OPERAND.sti:
      return stOperand(spec.access, modrm & 7);
    case OPERAND.embedded:
      return makeRegister(spec, bits, (opcode & 7) | ((rex & 1) << 3));
    case OPERAND.vvvv:
      return registerOperand(spec.access, bits, vvvv);
    case OPERAND.fixedReg:
      return registerOperand(spec.access, bits, spec.reg);
    case OPERAND.imm:
      return makeImmediate(spec, bits);
    case OPERAND.simm8:
      return signedByte(width, code[pos++]);
    case OPERAND.one:
      return ONE;
    case OPERAND.rel: {
      const offset = spec.bytes === 1 ? (code[pos] << 24) >> 24 : readInt32();
      pos += spec.bytes;
      return { kind: 'rel', target: BigInt.asUintN(64, next + BigInt(offset)), bytes: spec.bytes as 1 | 4 };
    }
    case OPERAND.moffs: {
      let value = 0n;
      for (let i = addressWidth / 8 - 1; i >= 0; i--) value = (value << 8n) | BigInt(code[pos + i]);
      pos += addressWidth / 8;
      base = index = -1;
      scale = 1;
      ripRelative = false;
      return memoryOperand(bits, value, addressWidth === 64 ? 8 : 4, segment, spec.access);
    }
    case OPERAND.sreg:
      return { kind: 'seg', segment: SEGMENTS[(modrm >> 3) & 7], access: spec.access };
    case OPERAND.control:
      return { kind: 'control', name: 'cr', reg: ((modrm >> 3) & 7) | ((rex & 4) << 1) };
    case OPERAND.debug:
      return { kind: 'control', name: 'dr', reg: (modrm >> 3) & 7 };
    case OPERAND.segment:
      return { kind: 'seg', segment: spec.segment!, access: spec.access };
    case OPERAND.implied:
      base = spec.reg;
      index = -1;
      scale = 1;
      ripRelative = false;
      return memoryOperand(bits, 0n, 0, spec.segment === 'ds' ? segment : undefined, spec.access);
  }
}

function makeRegister(spec: OperandSpec, bits: Width, n: number): RegOperand {
  return registerOperand(spec.access, bits, bits === 8 && rex === 0 && n >= 4 ? n + (HIGH - 4) : n);
}

function makeMemory(spec: OperandSpec): MemOperand {
  let displacement = disp >= -128 && disp <= 127 ? SMALL[disp + 128] : BigInt(disp);
  if (ripRelative) displacement = BigInt.asUintN(addressWidth, next + displacement);
  const bits = spec.memWidth === 0 ? width : spec.memWidth === -1 ? 0 : spec.memWidth;
  const named = spec.memWidth === -1 ? undefined : segment;
  if (spec.source !== OPERAND.vsib) return memoryOperand(bits, displacement, dispBytes, named, spec.access);
  const vectorIndex = { reg: index, isYmm: spec.isYmm };
  return { ...memoryOperand(bits, displacement, dispBytes, named, spec.access), index: undefined, vectorIndex };
}

const memoryOperand = (
  bits: MemOperand['width'],
  displacement: bigint,
  bytes: 0 | 1 | 4 | 8,
  named: Segment | undefined,
  access: Access,
): MemOperand => ({
  kind: 'mem',
  width: bits,
  base: base < 0 ? undefined : base,
  index: index < 0 ? undefined : index,
  scale,
  vectorIndex: undefined,
  disp: displacement,
  ripRelative,
  dispBytes: bytes,
  addressWidth,
  segment: named,
  access,
});

function makeImmediate(spec: OperandSpec, bits: Width): ImmOperand {
  const bytes = spec.bytes >= 0 ? spec.bytes : spec.bytes === -1 ? Math.min(width / 8, 4) : width / 8;
  if (bytes === 1) return unsignedByte(code[pos++]);
  const signed = bytes === 2 ? code[pos] | (code[pos + 1] << 8) : readInt32();
  let value = BigInt.asUintN(bits, BigInt(signed));
  if (bytes === 8) {
    const low = BigInt(signed >>> 0);
    pos += 4;
    value = (BigInt(readInt32() >>> 0) << 32n) | low;
    pos -= 4;
  }
  pos += bytes;
  return { kind: 'imm', value, width: bits, bytes: bytes as 2 | 4 | 8 };
}
