/** Encodings of the instruction sets here that are not implemented, as records: they are #UD, and `info --isa` lists them. */
import { type Encoding, type InstructionDef, instruction } from './define.ts';

const missing = (reason: string, mnemonic: string, encodings: readonly Encoding[], access: string): InstructionDef =>
  instruction({ mnemonic, encodings, access, support: { missing: reason }, emit(b) { b.raise('UD'); } }); // biome-ignore format: one line

const DESCRIPTORS = 'asks for a segment descriptor; there are no descriptor tables';
const XSAVEC = 'CPUID does not report it; XSAVEC leaves out as much';
const SUPERVISOR = 'CPUID does not report it; it is for operating systems';
const FAR = 'loads a segment from memory; user mode under Linux has no use for it';

export const MISSING: readonly InstructionDef[] = [
  missing(DESCRIPTORS, 'lar', [['0F 02 /r', 'r, rv/m16']], 'rw r'),
  missing(DESCRIPTORS, 'lsl', [['0F 03 /r', 'r, rv/m16']], 'rw r'),
  missing(DESCRIPTORS, 'verr', [['0F 00 /4', 'rv/m16']], 'r'),
  missing(DESCRIPTORS, 'verw', [['0F 00 /5', 'rv/m16']], 'r'),
  missing(XSAVEC, 'xsaveopt', [['NP 0F AE /6', 'm4096']], 'w'),
  missing(XSAVEC, 'xsaveopt64', [['NP REX.W 0F AE /6', 'm4096']], 'w'),
  missing(SUPERVISOR, 'xsaves', [['NP 0F C7 /5', 'm4096']], 'w'),
  missing(SUPERVISOR, 'xsaves64', [['NP REX.W 0F C7 /5', 'm4096']], 'w'),
  missing(SUPERVISOR, 'xrstors', [['NP 0F C7 /3', 'm4096']], 'r'),
  missing(SUPERVISOR, 'xrstors64', [['NP REX.W 0F C7 /3', 'm4096']], 'r'),
  missing(FAR, 'lss', [['0F B2 /r', 'r, m']], 'w r'),
  missing(FAR, 'lfs', [['0F B4 /r', 'r, m']], 'w r'),
  missing(FAR, 'lgs', [['0F B5 /r', 'r, m']], 'w r'),
  missing(FAR, 'call far', [['FF /3', 'm']], 'r'),
  missing(FAR, 'jmp far', [['FF /5', 'm']], 'r'),
];
