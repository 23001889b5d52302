/**
 * How to get from a function's registers to its caller's, for every instruction: .eh_frame, as compilers write it for
 * exceptions, and .debug_frame. DWARF 5, "Call Frame Information"; System V ABI for x86-64, "Unwinding Through the
 * Stack". Tables are read when an address of theirs is first asked for; what is damaged is not there.
 */
import { bytesOf, readSectionTable } from '../sections.ts';
import { DwarfReader } from './reader.ts';

/** Where the caller's value of a register is. */
export type RegisterRule =
  | { readonly kind: 'same' }
  | { readonly kind: 'undefined' }
  /** In memory, so far from the CFA; or it is the CFA and so much. */
  | { readonly kind: 'at' | 'value'; readonly offset: number }
  | { readonly kind: 'register'; readonly register: number }
  /** In memory, at what the expression gives for the CFA; or that itself. */
  | { readonly kind: 'at expression' | 'value expression'; readonly code: Uint8Array };

/** The canonical frame address: RSP of the caller, once the call has returned. */
export type CfaRule =
  | { readonly kind: 'register'; readonly register: number; readonly offset: number }
  | { readonly kind: 'expression'; readonly code: Uint8Array };

export interface UnwindRow {
  readonly cfa: CfaRule;
  /** By DWARF's numbers of registers; those without a rule are as the ABI has them. */
  readonly rules: ReadonlyMap<number, RegisterRule>;
  /** In which of them the return address is. */
  readonly returnRegister: number;
  /** The frame is that of a signal: the "return address" is the instruction that was interrupted. */
  readonly isSignalFrame: boolean;
}

interface CommonEntry {
  readonly codeFactor: number;
  readonly dataFactor: number;
  readonly returnRegister: number;
  readonly pointerEncoding: number;
  readonly hasAugmentation: boolean;
  readonly isSignalFrame: boolean;
  readonly code: Uint8Array;
}

interface FrameEntry {
  readonly start: bigint;
  readonly end: bigint;
  readonly common: CommonEntry;
  readonly code: Uint8Array;
}

const ABSOLUTE = 0, OMITTED = 0xff, INDIRECT = 0x80, RELATIVE_TO_PC = 0x10; // biome-ignore format: one line
const MOST_ENTRIES = 1 << 20;

/** Of one file; for a position-independent one, addresses are relative to its base. */
export class UnwindTable {
  private readonly _bytes: Uint8Array;
  private _entries: readonly FrameEntry[] | undefined;

  constructor(bytes: Uint8Array) {
    this._bytes = bytes;
  }

  /** What holds before the instruction at the address; undefined where nothing is said. */
  rowAt(address: bigint): UnwindRow | undefined {
    const entry = this._find(address);
    return entry && runEntry(entry, address);
  }

  /** The function that the tables know there. */
  rangeAt(address: bigint): { readonly start: bigint; readonly end: bigint } | undefined {
    return this._find(address);
  }

  private _find(address: bigint): FrameEntry | undefined {
    this._entries ??= readEntries(this._bytes);
    let low = 0;
    let high = this._entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this._entries[middle].start <= address) low = middle + 1;
      else high = middle;
    }
    const entry = this._entries[low - 1];
    return entry !== undefined && address < entry.end ? entry : undefined;
  }
}

function readEntries(file: Uint8Array): FrameEntry[] {
  const sections = readSectionTable(file);
  const found = ['.eh_frame', '.debug_frame'].flatMap((name) => {
    const section = sections.find((header) => header.name === name);
    return section === undefined ? [] : readSection(bytesOf(file, section), section.address, name === '.eh_frame');
  });
  return found.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

/** The two sections differ in how an entry refers to what it has in common with others. */
function readSection(bytes: Uint8Array, address: bigint, isEhFrame: boolean): FrameEntry[] {
  const entries: FrameEntry[] = [];
  const commons = new Map<number, CommonEntry | undefined>();
  const commonAt = (at: number): CommonEntry | undefined => {
    if (!commons.has(at)) commons.set(at, readCommon(bytes, at, isEhFrame));
    return commons.get(at);
  };
  for (let at = 0; at < bytes.length && entries.length < MOST_ENTRIES; ) {
    const start = new DwarfReader(bytes, at);
    const { length, offsetBytes } = start.unitLength();
    const end = start.at + length;
    if (start.isDamaged || length === 0 || end > bytes.length) break;
    const reader = new DwarfReader(bytes, start.at, end);
    const idAt = reader.at;
    const id = reader.number(isEhFrame ? 4 : offsetBytes);
    const isCommon = isEhFrame ? id === 0 : id >= 0xffff_ffff;
    const common = isCommon ? undefined : commonAt(isEhFrame ? idAt - id : id);
    const entry = common && readFrame(reader, common, address, end);
    if (entry !== undefined) entries.push(entry);
    at = end;
  }
  return entries;
}

function readCommon(bytes: Uint8Array, at: number, isEhFrame: boolean): CommonEntry | undefined {
  const start = new DwarfReader(bytes, at);
  const { length, offsetBytes } = start.unitLength();
  const reader = new DwarfReader(bytes, start.at, start.at + length);
  const id = reader.number(isEhFrame ? 4 : offsetBytes);
  if (isEhFrame ? id !== 0 : id < 0xffff_ffff) return undefined;
  const version = reader.u8();
  const augmentation = reader.text();
  if (version === 4) reader.skip(2); // sizes of addresses and of segment selectors
  const codeFactor = reader.uleb();
  const dataFactor = reader.sleb();
  const returnRegister = version === 1 ? reader.u8() : reader.uleb();
  let pointerEncoding = ABSOLUTE;
  let codeAt = reader.at;
  const hasAugmentation = augmentation.startsWith('z');
  if (hasAugmentation) {
    const size = reader.uleb();
    codeAt = reader.at + size;
    for (const letter of augmentation.slice(1)) {
      if (letter === 'R') pointerEncoding = reader.u8();
      else if (letter === 'L') reader.skip(1);
      else if (letter === 'P') readPointer(reader, reader.u8(), 0n);
      else if (letter !== 'S' && letter !== 'B') break;
    }
  } else if (augmentation !== '') return undefined;
  if (reader.isDamaged || start.isDamaged) return undefined;
  const isSignalFrame = hasAugmentation && augmentation.includes('S');
  const code = bytes.subarray(codeAt, start.at + length);
  return { codeFactor, dataFactor, returnRegister, pointerEncoding, hasAugmentation, isSignalFrame, code };
}

function readFrame(reader: DwarfReader, common: CommonEntry, address: bigint, end: number): FrameEntry | undefined {
  const start = readPointer(reader, common.pointerEncoding, address);
  const length = readPointer(reader, common.pointerEncoding & 0xf, address);
  if (common.hasAugmentation) reader.skip(reader.uleb());
  if (reader.isDamaged || start === undefined || length === undefined || length <= 0n) return undefined;
  return { start, end: start + length, common, code: reader.bytes.subarray(reader.at, end) };
}

/** A pointer of one of the encodings that DW_EH_PE_ names; undefined for one that needs the run-time's memory. */
function readPointer(reader: DwarfReader, encoding: number, sectionAddress: bigint): bigint | undefined {
  if (encoding === OMITTED) return undefined;
  const place = sectionAddress + BigInt(reader.at);
  const value = POINTERS[encoding & 0xf]?.(reader);
  const base = encoding & 0x70;
  if (value === undefined || encoding & INDIRECT || (base !== 0 && base !== RELATIVE_TO_PC)) return undefined;
  return BigInt.asUintN(64, base === RELATIVE_TO_PC ? place + value : value);
}

const POINTERS: Readonly<Record<number, (reader: DwarfReader) => bigint>> = {
  0: (reader) => reader.u64(),
  1: (reader) => BigInt(reader.uleb()),
  2: (reader) => BigInt(reader.u16()),
  3: (reader) => BigInt(reader.u32()),
  4: (reader) => reader.u64(),
  9: (reader) => BigInt(reader.sleb()),
  10: (reader) => BigInt.asIntN(16, BigInt(reader.u16())),
  11: (reader) => BigInt.asIntN(32, BigInt(reader.u32())),
  12: (reader) => reader.u64(),
};

interface Rules {
  cfa: CfaRule | undefined;
  registers: Map<number, RegisterRule>;
}

/** Runs the common entry's instructions, then the function's up to the address. */
function runEntry({ start, common, code }: FrameEntry, address: bigint): UnwindRow | undefined {
  const rules: Rules = { cfa: undefined, registers: new Map() };
  if (!runCode(common.code, common, rules, 0n, undefined, rules.registers)) return undefined;
  const initial = new Map(rules.registers);
  if (!runCode(code, common, rules, start, address, initial) || rules.cfa === undefined) return undefined;
  const { returnRegister, isSignalFrame } = common;
  return { cfa: rules.cfa, rules: rules.registers, returnRegister, isSignalFrame };
}

/** DW_CFA_: the first three have an operand in their low six bits. */
const ADVANCE = 1, OFFSET = 2, RESTORE = 3; // biome-ignore format: one line
const NOP = 0x00, SET_LOC = 0x01, ADVANCE1 = 0x02, ADVANCE2 = 0x03, ADVANCE4 = 0x04, OFFSET_EXTENDED = 0x05,
  RESTORE_EXTENDED = 0x06, UNDEFINED = 0x07, SAME_VALUE = 0x08, REGISTER = 0x09, REMEMBER = 0x0a, RECALL = 0x0b,
  DEF_CFA = 0x0c, DEF_CFA_REGISTER = 0x0d, DEF_CFA_OFFSET = 0x0e, DEF_CFA_EXPRESSION = 0x0f, EXPRESSION = 0x10,
  OFFSET_EXTENDED_SF = 0x11, DEF_CFA_SF = 0x12, DEF_CFA_OFFSET_SF = 0x13, VAL_OFFSET = 0x14, VAL_OFFSET_SF = 0x15,
  VAL_EXPRESSION = 0x16, GNU_ARGS_SIZE = 0x2e; // biome-ignore format: a list

/** False if it meets what it does not know. */
function runCode(
  code: Uint8Array,
  { codeFactor, dataFactor }: CommonEntry,
  rules: Rules,
  start: bigint,
  until: bigint | undefined,
  initial: ReadonlyMap<number, RegisterRule>,
): boolean {
  const reader = new DwarfReader(code);
  const remembered: Rules[] = [];
  let at = start;
  const set = (register: number, rule: RegisterRule): void => void rules.registers.set(register, rule);
  const restore = (register: number): void => {
    const rule = initial.get(register);
    if (rule === undefined) rules.registers.delete(register);
    else rules.registers.set(register, rule);
  };
  const block = (): Uint8Array => {
    const length = reader.uleb();
    const from = reader.at;
    reader.skip(length);
    return reader.bytes.subarray(from, reader.at);
  };
  const cfaRegister = (): { register: number; offset: number } | undefined =>
    rules.cfa?.kind === 'register' ? rules.cfa : undefined;
  while (!reader.isDone) {
    const opcode = reader.u8();
    const low = opcode & 0x3f;
    let advance = 0;
    if (opcode >> 6 === ADVANCE) advance = low;
    else if (opcode >> 6 === OFFSET) set(low, { kind: 'at', offset: reader.uleb() * dataFactor });
    else if (opcode >> 6 === RESTORE) restore(low);
    else if (opcode === ADVANCE1) advance = reader.u8();
    else if (opcode === ADVANCE2) advance = reader.u16();
    else if (opcode === ADVANCE4) advance = reader.u32();
    else if (opcode === SET_LOC) at = reader.u64();
    else if (opcode === OFFSET_EXTENDED) set(reader.uleb(), { kind: 'at', offset: reader.uleb() * dataFactor });
    else if (opcode === OFFSET_EXTENDED_SF) set(reader.uleb(), { kind: 'at', offset: reader.sleb() * dataFactor });
    else if (opcode === VAL_OFFSET) set(reader.uleb(), { kind: 'value', offset: reader.uleb() * dataFactor });
    else if (opcode === VAL_OFFSET_SF) set(reader.uleb(), { kind: 'value', offset: reader.sleb() * dataFactor });
    else if (opcode === RESTORE_EXTENDED) restore(reader.uleb());
    else if (opcode === UNDEFINED) set(reader.uleb(), { kind: 'undefined' });
    else if (opcode === SAME_VALUE) set(reader.uleb(), { kind: 'same' });
    else if (opcode === REGISTER) set(reader.uleb(), { kind: 'register', register: reader.uleb() });
    else if (opcode === EXPRESSION) set(reader.uleb(), { kind: 'at expression', code: block() });
    else if (opcode === VAL_EXPRESSION) set(reader.uleb(), { kind: 'value expression', code: block() });
    else if (opcode === REMEMBER) remembered.push({ cfa: rules.cfa, registers: new Map(rules.registers) });
    else if (opcode === RECALL) {
      const was = remembered.pop();
      if (was === undefined) return false;
      Object.assign(rules, was);
    } else if (opcode === DEF_CFA) rules.cfa = { kind: 'register', register: reader.uleb(), offset: reader.uleb() };
    else if (opcode === DEF_CFA_SF)
      rules.cfa = { kind: 'register', register: reader.uleb(), offset: reader.sleb() * dataFactor };
    else if (opcode === DEF_CFA_EXPRESSION) rules.cfa = { kind: 'expression', code: block() };
    else if (opcode === DEF_CFA_REGISTER || opcode === DEF_CFA_OFFSET || opcode === DEF_CFA_OFFSET_SF) {
      const known = cfaRegister();
      if (known === undefined) return false;
      if (opcode === DEF_CFA_REGISTER) rules.cfa = { kind: 'register', register: reader.uleb(), offset: known.offset };
      else {
        const offset = opcode === DEF_CFA_OFFSET ? reader.uleb() : reader.sleb() * dataFactor;
        rules.cfa = { kind: 'register', register: known.register, offset };
      }
    } else if (opcode === GNU_ARGS_SIZE) reader.uleb();
    else if (opcode !== NOP) return false;
    at += BigInt(advance * codeFactor);
    if (until !== undefined && at > until) return true;
  }
  return !reader.isDamaged;
}
