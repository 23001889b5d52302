/** Random machine code for one encoding of an instruction: operands, operand size, address forms, prefixes. */
import type { InstructionDef } from '../../src/cpu/isa/define.ts';
import {
  type EncodingSpec,
  OPERAND,
  PREFIX_66,
  PREFIX_ANY,
  PREFIX_F2,
  PREFIX_F3,
  parseEncoding,
  SIZE_D64,
  SIZE_V,
  SIZE_Z,
  SPACE_0F,
  SPACE_0F3A,
  SPACE_0F38,
  SPACE_ONE,
  VEX_SPACE,
} from '../../src/cpu/isa/encoding.ts';

/** A number from 0 up to 1, as Math.random. */
export type Rng = () => number;

/** The same numbers for the same seed. */
export function rngOf(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e37_79b9) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x85eb_ca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** Bytes of a random instance of `def.encodings[index]`, valid unless it names a reserved register. */
export function sampleEncoding(def: InstructionDef, index: number, rng: Rng): Uint8Array {
  const spec = parseEncoding(def, index);
  const below = (n: number) => Math.floor(rng() * n);
  const chance = (p: number) => rng() < p;
  const bytes: number[] = [];
  const vex = spec.space > VEX_SPACE;

  const memory = spec.hasModrm && spec.mod !== 3 && (spec.mod === 0 || chance(0.6));
  const w = spec.w >= 0 ? spec.w : below(2);
  const bits = { r: below(2), x: below(2), b: spec.needsNoRexB ? 0 : below(2) };
  const usesRex = !vex && (spec.w === 1 || chance(0.5));
  const legacy: number[] = [];
  if (chance(0.1)) legacy.push(0x67);
  if (chance(0.15)) legacy.push([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65][below(6)]);
  let operandSize = false;
  if (!vex) {
    operandSize =
      spec.prefix === PREFIX_66 || (spec.prefix === PREFIX_ANY || spec.prefix >= PREFIX_F3 ? chance(0.25) : false);
    if (operandSize) legacy.push(0x66);
    if (spec.prefix >= PREFIX_F3) legacy.push(spec.prefix === PREFIX_F3 ? 0xf3 : 0xf2);
    else if (spec.rep !== 'none' && chance(0.6)) legacy.push(chance(0.5) ? 0xf3 : 0xf2);
    if (spec.lockable && memory && chance(0.2)) legacy.push(0xf0);
  }
  bytes.push(...legacy.toSorted(() => rng() - 0.5));

  const wide = vex || usesRex ? w === 1 : false;
  if (vex) pushVex(bytes, spec, w, bits, below(16), chance(0.5), below(2));
  else {
    if (usesRex) bytes.push(0x40 | (w << 3) | (bits.r << 2) | (bits.x << 1) | bits.b);
    if (spec.space !== SPACE_ONE) bytes.push(0x0f);
    if (spec.space === SPACE_0F38) bytes.push(0x38);
    if (spec.space === SPACE_0F3A) bytes.push(0x3a);
  }
  bytes.push(spec.opcode + below(spec.opcodes));
  if (spec.hasModrm) pushModrm(bytes, spec, memory, below);
  const width =
    spec.size === SIZE_V || spec.size === SIZE_Z
      ? wide && spec.size === SIZE_V ? 64 : operandSize ? 16 : 32
      : spec.size === SIZE_D64 && operandSize && !wide ? 16 : 64; // biome-ignore format: a decision
  const address32 = legacy.includes(0x67);
  const immediates =
    spec.immediateBytes[width === 16 ? 0 : width === 32 ? 1 : 2] + (spec.hasMoffs ? (address32 ? 4 : 8) : 0);
  for (let i = 0; i < immediates; i++) bytes.push(chance(0.2) ? 0 : chance(0.2) ? 0xff : below(256));
  return Uint8Array.from(bytes);
}

function pushModrm(bytes: number[], spec: EncodingSpec, memory: boolean, below: (n: number) => number): void {
  const segment = spec.operands.some(({ source }) => source === OPERAND.sreg);
  const reg = spec.reg >= 0 ? spec.reg : below(segment ? 6 : 8);
  const rm = spec.rm >= 0 ? spec.rm : memory && spec.isVsib ? 4 : below(8);
  const mod = memory ? below(3) : 3;
  bytes.push((mod << 6) | (reg << 3) | rm);
  if (!memory) return;
  let base = rm;
  if (rm === 4) {
    const sib = below(256);
    base = sib & 7;
    bytes.push(sib);
  }
  const displacement = mod === 1 ? 1 : mod === 2 || base === 5 ? 4 : 0;
  for (let i = 0; i < displacement; i++) bytes.push(below(4) === 0 ? 0 : below(256));
}

function pushVex(
  bytes: number[],
  spec: EncodingSpec,
  w: number,
  { r, x, b }: { r: number; x: number; b: number },
  register: number,
  short: boolean,
  anyL: number,
): void {
  const map = spec.space - VEX_SPACE;
  const vvvv = spec.usesVvvv ? register : 0;
  const l = spec.vexL >= 0 ? spec.vexL : anyL;
  const pp = spec.prefix === PREFIX_66 ? 1 : spec.prefix === PREFIX_F3 ? 2 : spec.prefix === PREFIX_F2 ? 3 : 0;
  const last = ((~vvvv & 15) << 3) | (l << 2) | pp;
  if (short && map === SPACE_0F && w === 0 && x === 0 && b === 0) bytes.push(0xc5, ((1 - r) << 7) | last);
  else bytes.push(0xc4, ((1 - r) << 7) | ((1 - x) << 6) | ((1 - b) << 5) | map, (w << 7) | last);
}
