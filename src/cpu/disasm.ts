/**
 * Insn -> text in Intel syntax as NASM writes it: `mov rax, [rbx+rcx*8+0x10]`. Names and operands come from the records
 * in isa/. Sizes and prefixes are written where the operands do not imply them. Prefixes without effect (segment
 * prefixes outside of a memory operand, REP where nothing repeats, hints of branches) are not shown.
 */
import type { Width } from './builder.ts';
import { allEncodings, encodingOf } from './decode.ts';
import type { Insn, InstructionDef } from './isa/define.ts';
import { type EncodingSpec, OPERAND, SIZE_D64, SIZE_V, SIZE_Z } from './isa/encoding.ts';
import type { ImmOperand, MemOperand, Operand } from './isa/operand.ts';
import { RAX, REG_NAMES } from './state.ts';

const CONDITIONS = [
  'o', 'no', 'b', 'ae', 'e', 'ne', 'be', 'a', 's', 'ns', 'p', 'np', 'l', 'ge', 'le', 'g',
] as const; // biome-ignore format: by code
const BYTE_NAMES = ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil'];
const HIGH_NAMES = ['ah', 'ch', 'dh', 'bh'];
const SIZE_NAMES: Partial<Record<MemOperand['width'], string>> = {
  8: 'byte', 16: 'word', 32: 'dword', 64: 'qword', 80: 'tword', 128: 'oword', 256: 'yword', 512: 'zword',
}; // biome-ignore format: a table

/** Name of a general register of a width of 8 to 64 bits. */
export function registerName(register: number, width: Width, high = false): string {
  if (high) return HIGH_NAMES[register];
  const full = REG_NAMES[register];
  if (width === 64) return full;
  if (register >= 8) return full + (width === 32 ? 'd' : width === 16 ? 'w' : 'b');
  if (width === 8) return BYTE_NAMES[register];
  return width === 32 ? `e${full.slice(1)}` : full.slice(1);
}

/** 0 to 9 in decimal, else hexadecimal. */
const number = (x: bigint): string => (x < 10n ? String(x) : `0x${x.toString(16)}`);

/** The name without its prefixes: `jne`, `movsb`, `cdqe`. */
export function mnemonicOf(insn: Insn): string {
  const { mnemonic } = insn.def;
  if (mnemonic.includes('{cc}')) return mnemonic.replace('{cc}', CONDITIONS[insn.cc]);
  if (mnemonic.includes('/')) return mnemonic.split('/')[insn.addressWidth === 32 ? 0 : 1];
  if (!mnemonic.includes('|')) return mnemonic;
  const names = mnemonic.split('|');
  return names[Math.log2(insn.width) - (names.length === 4 ? 3 : 4)];
}

export function disassemble(insn: Insn): string {
  const spec = encodingOf(insn);
  const texts: string[] = [];
  for (const [i, operand] of insn.ops.entries()) {
    if (spec.operands[i].source === OPERAND.implied) continue;
    // Beside another x87 register the top of the stack goes without saying, but not which of them is changed.
    if (spec.operands[i].source === OPERAND.st0) continue;
    if (spec.operands[i + 1]?.source === OPERAND.st0 && !insn.def.mnemonic.endsWith('p')) {
      texts.push(`to ${describe(operand, false)}`);
      continue;
    }
    texts.push(describe(operand, operand.kind === 'mem' && !impliesSize(spec, i)));
  }
  // The counter of LOOP, when it is not RCX.
  if (insn.addressWidth === 32 && insn.def.mnemonic.startsWith('loop')) texts.push('ecx');
  const name = prefixes(insn, spec) + mnemonicOf(insn);
  return texts.length === 0 ? name : `${name} ${texts.join(', ')}`;
}

function prefixes(insn: Insn, spec: EncodingSpec): string {
  let text = '';
  const { ops, width } = insn;
  const named = insn.def.mnemonic.includes('|');
  for (const [i, operand] of ops.entries()) {
    if (operand.kind !== 'mem') continue;
    const { source, memWidth } = spec.operands[i];
    const implied = source === OPERAND.implied;
    if ((implied || source === OPERAND.moffs) && operand.addressWidth === 32 && text === '') text = 'a32 ';
    if (implied && (operand.segment === 'fs' || operand.segment === 'gs')) text += `${operand.segment} `;
    if (memWidth === 16 && spec.size === SIZE_V && ops.every(({ kind }) => kind !== 'reg'))
      text += width === 16 ? 'o16 ' : width === 64 ? 'o64 ' : '';
  }
  if (insn.rep !== undefined) text += spec.rep === 'repe' && insn.rep === 'rep' ? 'repe ' : `${insn.rep} `;
  if (insn.lock) text += 'lock ';
  // An operand size that neither an operand nor the name shows.
  if (isImage(spec) && width === 16) text += 'o16 ';
  if (spec.size === SIZE_D64 && width === 16 && !named && ops.every(({ kind }) => kind !== 'reg' && kind !== 'mem'))
    text += 'o16 ';
  return text;
}

function describe(operand: Operand, withSize: boolean): string {
  switch (operand.kind) {
    case 'reg':
      return registerName(operand.reg, operand.width, operand.high);
    case 'xmm':
      return `${operand.isYmm ? 'y' : 'x'}mm${operand.reg}`;
    case 'mm':
      return `mm${operand.reg}`;
    case 'st':
      return `st${operand.reg}`;
    case 'imm':
      return immediate(operand);
    case 'rel':
      return number(operand.target);
    case 'seg':
      return operand.segment;
    case 'control':
      return operand.name + operand.reg;
    case 'mem':
      return memory(operand, withSize ? `${SIZE_NAMES[operand.width]} ` : '');
  }
}

const immediate = ({ value }: ImmOperand): string => number(value);

/** Whether a memory operand's size follows from a register beside it (a vector register could stand in its place), or from the name. */
const impliesSize = (spec: EncodingSpec, i: number): boolean =>
  !isNarrowing(spec) &&
  (spec.operands[i].memWidth === -1 ||
    isImage(spec) ||
    spec.operands[i].source === OPERAND.xmmRm ||
    spec.operands[i].source === OPERAND.vsib ||
    spec.operands[i].source === OPERAND.mmRm ||
    hasRegisterOfSize(spec, spec.operands[i].memWidth) ||
    (hasOneSize(spec.def) && spec.operands[i].memWidth !== 80));

/** Of the x87 state, in two sizes. */
const isImage = ({ size, operands: [first] }: EncodingSpec): boolean =>
  size === SIZE_Z && first?.source === OPERAND.rm && first.memWidth === 0;

/** VCVTPD2PS and its like: an XMM register from 128 or 256 bits. */
const isNarrowing = ({ def, operands }: EncodingSpec): boolean =>
  operands.length === 2 &&
  operands[0].source === OPERAND.xmm &&
  !operands[0].isYmm &&
  def.encodings.some(([, column]) => column === 'xmm, ymm/m256');

const hasRegisterOfSize = ({ operands }: EncodingSpec, size: number): boolean =>
  operands.some(
    ({ source, width, reg, isYmm }) =>
      source === OPERAND.sreg ||
      (source === OPERAND.xmm && size === (isYmm ? 256 : 128)) ||
      (width === size &&
        (source === OPERAND.reg || source === OPERAND.vvvv || (source === OPERAND.fixedReg && reg === RAX))),
  );

const oneSize = new Map<InstructionDef, boolean>();
/** Whether only one size of memory can be meant where no register tells. */
function hasOneSize(def: InstructionDef): boolean {
  let known = oneSize.get(def);
  if (known === undefined) {
    const specs = allEncodings().filter((spec) => spec.def.mnemonic === def.mnemonic);
    const sizes = specs.flatMap((spec) =>
      spec.operands
        .filter(({ source, memWidth }) => source === OPERAND.rm && !hasRegisterOfSize(spec, memWidth))
        .map(({ memWidth }) => memWidth),
    );
    known = new Set(sizes).size === 1 && sizes[0] > 0;
    oneSize.set(def, known);
  }
  return known;
}

function memory(operand: MemOperand, size: string): string {
  const { base, index, scale, vectorIndex, disp, segment, addressWidth } = operand;
  const parts: string[] = [];
  if (base !== undefined) parts.push(registerName(base, addressWidth));
  if (index !== undefined)
    parts.push(registerName(index, addressWidth) + (scale === 1 && base !== undefined ? '' : `*${scale}`));
  if (vectorIndex) parts.push(`${vectorIndex.isYmm ? 'y' : 'x'}mm${vectorIndex.reg}${scale === 1 && base !== undefined ? '' : `*${scale}`}`); // biome-ignore format: one line
  let text = parts.join('+');
  let form = '';
  if (parts.length === 0) {
    text = number(BigInt.asUintN(addressWidth, disp));
    if (operand.dispBytes === 8) form = 'qword ';
    if (operand.ripRelative) form = addressWidth === 32 ? 'dword rel ' : 'rel ';
  } else if (disp !== 0n) text += disp < 0n ? `-${number(-disp)}` : `+${number(disp)}`;
  return `${size}[${form}${segment === 'fs' || segment === 'gs' ? `${segment}:` : ''}${text}]`;
}
