/**
 * What iced-x86 says of an instruction: which registers and memory it uses, which flags, where its displacement and
 * immediate stand. The recorder goes by this and not by src/cpu/isa, which the vectors are to check.
 */
import * as iced from 'iced-x86';

export interface UsedMemory {
  readonly segment: 'fs' | 'gs' | undefined;
  /** Registers by number; width 8 for the AL of XLAT. */
  readonly base: { readonly number: number; readonly width: number } | undefined;
  readonly index: { readonly number: number; readonly width: number } | undefined;
  readonly scale: number;
  readonly displacement: bigint;
  readonly bytes: number;
}

export interface Field {
  readonly at: number;
  readonly bytes: number;
}

export interface Inspected {
  readonly valid: boolean;
  /** iced-x86's number for the encoding at this operand size. */
  readonly code: number;
  readonly length: number;
  readonly text: string;
  /** Lower case, without prefixes. */
  readonly mnemonic: string;
  /** Operand size in bits, of the first operand that has one. */
  readonly width: number;
  /** General registers used, by number, RSP and those implied included. */
  readonly registers: readonly number[];
  /** XMM or YMM registers used, by number. */
  readonly vectors: readonly number[];
  /** MMX registers used, by number. */
  readonly mmx: readonly number[];
  /** The feature that CPUID reports it by, as iced-x86 spells it: SSE4_1. */
  readonly feature: string;
  /** Uses XMM registers or MXCSR: SSE and everything after it. */
  readonly sse: boolean;
  /** Encoded with VEX and about vector registers: it changes their upper halves. */
  readonly avx: boolean;
  /** Uses x87 or MMX state. */
  readonly x87: boolean;
  /** Uses mask or other registers that vectors do not carry. */
  readonly otherState: boolean;
  readonly memory: readonly UsedMemory[];
  /** Of a gather: the vector register of indexes, their size in bits, and the register of the mask. */
  readonly gather: { readonly index: number; readonly bits: 32 | 64; readonly mask: number } | undefined;
  readonly displacement: Field | undefined;
  readonly ripRelative: boolean;
  readonly immediate: Field | undefined;
  readonly flow: 'next' | 'branch' | 'other';
  /** A string instruction with F2 or F3. */
  readonly repeated: boolean;
  readonly locked: boolean;
  /** Of the operands, left to right: a register's number, an immediate's value, or that it is memory. */
  readonly operands: readonly Operand[];
  /** As RFLAGS masks. */
  readonly flagsRead: number;
  readonly flagsModified: number;
}

export type Operand =
  | { readonly kind: 'register'; readonly number: number; readonly width: number; readonly high: boolean }
  | { readonly kind: 'immediate'; readonly value: bigint }
  | { readonly kind: 'memory' }
  | { readonly kind: 'other' };

const { Register, OpKind, RflagsBits, FlowControl } = iced;
const GENERAL = new Map<number, { number: number; width: number; high: boolean }>();
const NAMES = ['AX', 'CX', 'DX', 'BX', 'SP', 'BP', 'SI', 'DI'];
const byName = Register as unknown as Record<string, number>;
for (let number = 0; number < 16; number++) {
  const name = NAMES[number] ?? `R${number}`;
  const [wide, half, word] = number < 8 ? [`R${name}`, `E${name}`, name] : [name, `${name}D`, `${name}W`];
  const low = number < 4 ? `${name[0]}L` : `${name}L`;
  for (const [key, width] of [[wide, 64], [half, 32], [word, 16], [low, 8]] as const) GENERAL.set(byName[key], { number, width, high: false }); // biome-ignore format: one table
  if (number < 4) GENERAL.set(byName[`${name[0]}H`], { number, width: 8, high: true });
}
const QUIET = new Set(['None', 'RIP', 'EIP', 'ES', 'CS', 'SS', 'DS', 'FS', 'GS'].map((name) => byName[name]));

const FLAG_BITS: readonly (readonly [number, number])[] = [[RflagsBits.OF, 0x800], [RflagsBits.SF, 0x80], [RflagsBits.ZF, 0x40], [RflagsBits.AF, 0x10], [RflagsBits.PF, 4], [RflagsBits.CF, 1], [RflagsBits.DF, 0x400]]; // biome-ignore format: one table
const rflags = (from: number): number => FLAG_BITS.reduce((to, [bit, mask]) => (from & bit ? to | mask : to), 0);

const SSE_FEATURES = new Set<iced.CpuidFeature>([
  iced.CpuidFeature.SSE,
  iced.CpuidFeature.SSE2,
  iced.CpuidFeature.FXSR,
]);
const X87_FEATURES = new Set<iced.CpuidFeature>([
  iced.CpuidFeature.FPU,
  iced.CpuidFeature.FPU287,
  iced.CpuidFeature.FPU387,
  iced.CpuidFeature.MMX,
  iced.CpuidFeature.FXSR,
]);
/** Of the host perhaps, but not of what is modeled. */
const LEFT_OUT = new Set<iced.CpuidFeature>([
  iced.CpuidFeature.GFNI,
  iced.CpuidFeature.SSE4A,
  iced.CpuidFeature.AESKLE,
  iced.CpuidFeature.CYRIX_FPU,
]);
const VEX_FEATURES = new Set<iced.CpuidFeature>([
  iced.CpuidFeature.AVX,
  iced.CpuidFeature.AVX2,
  iced.CpuidFeature.FMA,
  iced.CpuidFeature.F16C,
  iced.CpuidFeature.AES,
  iced.CpuidFeature.PCLMULQDQ,
  iced.CpuidFeature.BMI1,
  iced.CpuidFeature.BMI2,
]);
const lower = (insn: iced.Instruction): string => iced.Mnemonic[insn.mnemonic].toLowerCase();
/** With x87, SSE and AVX. */
export const XSAVE_BYTES = 832;
const factory = new iced.InstructionInfoFactory();

function operandOf(insn: iced.Instruction, index: number): Operand {
  const kind = insn.opKind(index);
  if (kind === OpKind.Register) {
    const register = GENERAL.get(insn.opRegister(index));
    return register ? { kind: 'register', ...register } : { kind: 'other' };
  }
  if (kind >= OpKind.Immediate8 && kind <= OpKind.Immediate32to64)
    return { kind: 'immediate', value: BigInt.asUintN(64, insn.immediate(index)) };
  if (kind >= OpKind.MemorySegSI && kind <= OpKind.Memory) return { kind: 'memory' };
  return { kind: 'other' };
}

const vectorNumber = (register: number): number =>
  register >= Register.YMM0 ? register - Register.YMM0 : register - Register.XMM0;
const gatherOf = (insn: iced.Instruction): Inspected['gather'] => ({
  index: vectorNumber(insn.memoryIndex),
  bits: insn.isVsib64 ? 64 : 32,
  mask: vectorNumber(insn.opRegister(2)),
});

function widthOf(insn: iced.Instruction, operands: readonly Operand[]): number {
  const first = operands[0];
  if (first?.kind === 'register') return first.width;
  return 8 * iced.MemorySizeExt.size(insn.memorySize) || 64;
}

/** The instruction at the start of the bytes. */
export function inspect(code: Uint8Array, rip: bigint): Inspected {
  const decoder = new iced.Decoder(64, code, iced.DecoderOptions.None);
  decoder.ip = rip;
  const insn = decoder.decode();
  const offsets = decoder.getConstantOffsets(insn);
  const info = factory.info(insn);
  const used = info.usedRegisters() as iced.UsedRegister[];
  const memory = (info.usedMemory() as iced.UsedMemory[]).map((one): UsedMemory => {
    const segment = one.segment === Register.FS ? 'fs' : one.segment === Register.GS ? 'gs' : undefined;
    const [base, index] = [GENERAL.get(one.base), GENERAL.get(one.index)];
    const named = iced.MemorySizeExt.size(one.memorySize) || iced.MemorySizeExt.size(insn.memorySize);
    const bytes = named || (insn.memorySize === iced.MemorySize.Xsave || insn.memorySize === iced.MemorySize.Xsave64 ? XSAVE_BYTES : 0); // biome-ignore format: one line
    return { segment, base, index, scale: one.scale, displacement: one.displacement, bytes };
  });
  const registers = new Set<number>();
  const vectors = new Set<number>();
  const mmx = new Set<number>();
  let usesStack = false;
  let otherState = false;
  for (const { register } of used) {
    const general = GENERAL.get(register);
    if (general) registers.add(general.number);
    else if (register >= Register.XMM0 && register <= Register.XMM15) vectors.add(register - Register.XMM0);
    else if (register >= Register.YMM0 && register <= Register.YMM15) vectors.add(register - Register.YMM0);
    // What VEX.128 makes zero counts up to there.
    else if (register >= Register.ZMM0 && register <= Register.ZMM15) vectors.add(register - Register.ZMM0);
    else if (register >= Register.MM0 && register <= Register.MM7) mmx.add(register - Register.MM0);
    else if (register >= Register.ST0 && register <= Register.ST7) usesStack = true;
    else if (!QUIET.has(register)) otherState = true;
  }
  const operands = Array.from({ length: insn.opCount }, (_, index) => operandOf(insn, index));
  const field = (has: boolean, at: number, bytes: number) => (has ? { at, bytes } : undefined);
  const flow = insn.flowControl;
  const features = [...insn.cpuidFeatures()] as iced.CpuidFeature[];
  const isVex = insn.encoding === iced.EncodingKind.VEX;
  const saves = features.includes(iced.CpuidFeature.XSAVE) && memory.length > 0;
  const avx = isVex && (vectors.size > 0 || features.includes(iced.CpuidFeature.AVX));
  const sse =
    saves || vectors.size > 0 || avx || (features.length > 0 && features.every((one) => SSE_FEATURES.has(one)));
  const x87 =
    saves || usesStack || mmx.size > 0 || features.some((one) => X87_FEATURES.has(one)) || /^cvtpi2p/.test(lower(insn));
  const result: Inspected = {
    valid: !insn.isInvalid,
    code: insn.code,
    length: insn.length,
    text: insn.toString(),
    mnemonic: lower(insn),
    width: widthOf(insn, operands),
    registers: [...registers],
    vectors: [...vectors],
    mmx: [...mmx],
    feature: iced.CpuidFeature[features[0]] ?? '',
    sse,
    avx,
    x87,
    otherState: otherState || features.some((one) => LEFT_OUT.has(one) || (isVex && !VEX_FEATURES.has(one))),
    memory,
    gather: insn.isVsib ? gatherOf(insn) : undefined,
    displacement: field(offsets.hasDisplacement, offsets.displacementOffset, offsets.displacementSize),
    ripRelative: insn.isIpRelMemoryOperand,
    immediate: field(offsets.hasImmediate, offsets.immediateOffset, offsets.immediateSize),
    flow: flow === FlowControl.Next ? 'next' : flow === FlowControl.ConditionalBranch ? 'branch' : 'other',
    repeated: insn.isStringInstruction && (insn.hasRepPrefix || insn.hasRepnePrefix),
    locked: insn.hasLockPrefix,
    operands,
    flagsRead: rflags(insn.rflagsRead),
    flagsModified: rflags(insn.rflagsModified),
  };
  for (const one of [...used, offsets, info, insn, decoder]) one.free();
  return result;
}
