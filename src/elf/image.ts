/**
 * An executable file, read and checked: elf(5), and what fs/binfmt_elf.c accepts. `elfinfo` reads the headers; nothing
 * it says is used before it has been checked here, and nothing is mapped.
 *
 * elfinfo is entered at its parser and not at its index: the index imports `fs`, and reads every symbol at once (1.5 s
 * for a C library). The parser reads through an object that we hand it; that object shows a header without a section
 * table. Its only interface is asynchronous, therefore `parseElf` is. Symbols are ours (symbols.ts).
 */
import { type OpenOptions, readElf } from 'elfinfo/dist/src/parser.js';
import { hex, PAGE_SIZE, type Vaddr, vaddr } from '../base/ints.ts';

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
/** As Linux: the program headers fit in 64 KiB. */
const MAX_PROGRAM_HEADERS = Math.floor(65536 / PROGRAM_HEADER_BYTES);
const MIN_ADDRESS = 0x1_0000n;
const USER_END = 0x7fff_ffff_f000n;
const MAX_INTERPRETER_BYTES = 4096;

const ET_EXEC = 2, ET_DYN = 3, EM_X86_64 = 62; // biome-ignore format: one line
const PT_LOAD = 1, PT_INTERP = 3, PT_PHDR = 6, PT_GNU_STACK = 0x6474_e551; // biome-ignore format: one line
const PF_X = 1, PF_W = 2, PF_R = 4; // biome-ignore format: one line

export interface ElfSegment {
  /** Place in the program header table. */
  readonly index: number;
  readonly address: Vaddr;
  readonly offset: number;
  readonly fileBytes: number;
  /** At least `fileBytes`; what is beyond them starts as zeros. */
  readonly memoryBytes: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** One row of the program header table, loadable or not, for `pml4 info`. */
export interface ElfProgramHeader {
  readonly type: number;
  readonly typeName: string;
  readonly flags: string;
  readonly address: bigint;
  readonly offset: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly align: number;
}

/** The bytes of a file, wherever they are. */
export interface ElfSource {
  readonly sizeBytes: number;
  /** Fewer than `length` only at the end. */
  read(offset: number, length: number): Uint8Array;
}

export interface ElfImage {
  /** The whole file: made anew at each call when the image was read from a source. */
  readonly bytes: Uint8Array;
  /** `pie`: position-independent, its addresses are relative to a base that the loader chooses. */
  readonly type: 'executable' | 'pie';
  readonly entry: Vaddr;
  /** PT_LOAD, by address; not empty, on pages of their own, inside user space (for a `pie`, relative to its base). */
  readonly segments: readonly ElfSegment[];
  readonly programHeaders: readonly ElfProgramHeader[];
  /** Where the program header table will be in memory, for AT_PHDR; undefined when no segment holds it. */
  readonly programHeaderAddress: Vaddr | undefined;
  /** PT_INTERP: the dynamic linker that the program asks for. */
  readonly interpreter: string | undefined;
  readonly executableStack: boolean;
}

/** Why a file cannot be run: one line. */
export class ElfError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** The image of an x86-64 Linux executable, or what is wrong with it. The bytes must not change afterwards. */
export async function parseElf(file: Uint8Array | ElfSource): Promise<ElfImage | ElfError> {
  const source: ElfSource = file instanceof Uint8Array ? sourceOf(file) : file;
  const wrong = checkHeader(source.read(0, HEADER_BYTES + 1), source.sizeBytes);
  if (wrong !== undefined) return new ElfError(wrong);
  const { success, errors, elf } = await readElf(headersOnly(source), NO_SYMBOL_DATA);
  if (!success || elf === undefined) return new ElfError(`bad ELF header: ${errors[0] ?? 'not readable'}`);

  const headers: ElfProgramHeader[] = elf.segments.map((s) => ({
    type: s.type,
    typeName: s.typeDescription,
    flags: `${s.flags & PF_R ? 'r' : '-'}${s.flags & PF_W ? 'w' : '-'}${s.flags & PF_X ? 'x' : '-'}`,
    address: BigInt(s.vaddr),
    offset: Number(s.offset),
    fileBytes: Number(s.filesz),
    memoryBytes: Number(s.memsz),
    align: Number(s.align),
  }));
  const type = Number(elf.type) === ET_EXEC ? 'executable' : 'pie';
  const segments = checkSegments(headers, source.sizeBytes, type);
  if (segments instanceof ElfError) return segments;
  const entry = BigInt(elf.entryPoint);
  const entered = segments.find((s) => entry >= s.address && entry < s.address + BigInt(s.memoryBytes));
  if (!entered?.execute) return new ElfError(`the entry point ${hex(entry)} is not in an executable segment`);
  const interpreter = readInterpreter(headers, source);
  if (interpreter instanceof ElfError) return interpreter;
  const stack = headers.find((h) => h.type === PT_GNU_STACK);
  return {
    get bytes() {
      return source.read(0, source.sizeBytes);
    },
    type,
    entry: vaddr(entry),
    segments,
    programHeaders: headers,
    programHeaderAddress: findProgramHeaders(headers, segments, Number(elf.programHeaderOffset)),
    interpreter,
    executableStack: stack?.flags.endsWith('x') ?? false,
  };
}

const sourceOf = (bytes: Uint8Array): ElfSource => ({
  sizeBytes: bytes.length,
  read: (offset, length) => (offset === 0 && length === bytes.length ? bytes : bytes.subarray(offset, offset + length)),
});

const NO_SYMBOL_DATA: OpenOptions = { readSymbolData: false };

/** What must hold before elfinfo may look at the file. */
function checkHeader(bytes: Uint8Array, sizeBytes: number): string | undefined {
  if (bytes.length < 4 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46)
    return 'not an ELF file';
  if (bytes.length < HEADER_BYTES + 1) return `truncated: ${sizeBytes} bytes do not hold an ELF header and a program`;
  if (bytes[4] !== 2)
    return bytes[4] === 1 ? 'a 32-bit ELF file; only 64-bit ones can be run' : `unknown ELF class ${bytes[4]}`;
  if (bytes[5] !== 1)
    return bytes[5] === 2 ? 'a big-endian ELF file; x86-64 is little-endian' : `unknown byte order ${bytes[5]}`;
  if (bytes[6] !== 1) return `unknown ELF version ${bytes[6]}`;
  const view = viewOf(bytes);
  const type = view.getUint16(16, true);
  const machine = view.getUint16(18, true);
  if (machine !== EM_X86_64) return `made for another machine (e_machine ${machine}), not for x86-64`;
  if (type !== ET_EXEC && type !== ET_DYN) {
    const names: Record<number, string> = { 1: 'an object file that has not been linked', 4: 'a core dump' };
    return `${names[type] ?? `an ELF file of type ${type}`}, not an executable`;
  }
  const offset = view.getBigUint64(32, true);
  const entryBytes = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (count === 0) return 'no program headers: nothing to load';
  if (entryBytes !== PROGRAM_HEADER_BYTES)
    return `program headers of ${entryBytes} bytes; they have ${PROGRAM_HEADER_BYTES}`;
  if (count > MAX_PROGRAM_HEADERS) return `too many program headers (${count})`;
  if (offset + BigInt(count * entryBytes) > BigInt(sizeBytes))
    return 'truncated: the program headers end past the end of the file';
  return undefined;
}

type Reader = Parameters<typeof readElf>[0];

/** The file as elfinfo may see it: e_shoff, e_shentsize, e_shnum and e_shstrndx read as 0. */
function headersOnly(source: ElfSource): Reader {
  // A copy: slice() of a Node Buffer would be a view of the caller's bytes.
  const header = new Uint8Array(source.read(0, HEADER_BYTES));
  header.fill(0, 40, 48);
  header.fill(0, 58, 64);
  let position = 0;
  const read = (length: number, at = position): Uint8Array => {
    position = at + length;
    return at < HEADER_BYTES ? header.subarray(at, at + length) : source.read(at, length);
  };
  return {
    open: async () => {},
    close: async () => {},
    size: () => source.sizeBytes,
    read: async (length, at) => read(length, at),
    view: async (length, at) => viewOf(read(length, at)),
  };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function checkSegments(
  headers: readonly ElfProgramHeader[],
  fileBytes: number,
  type: ElfImage['type'],
): ElfSegment[] | ElfError {
  const segments: ElfSegment[] = [];
  for (const [index, h] of headers.entries()) {
    if (h.type !== PT_LOAD) continue;
    const bad = (what: string) => new ElfError(`segment ${index} ${what}`);
    const end = h.address + BigInt(h.memoryBytes);
    if (h.offset + h.fileBytes > fileBytes)
      return bad(`ends past the end of the file (${h.offset + h.fileBytes} > ${fileBytes} bytes)`);
    if (h.fileBytes > h.memoryBytes)
      return bad(`has more bytes in the file (${h.fileBytes}) than in memory (${h.memoryBytes})`);
    if (h.align > 1 && !isPowerOfTwo(h.align)) return bad(`has an alignment of ${h.align}, not a power of two`);
    if (Number(h.address % BigInt(PAGE_SIZE)) !== h.offset % PAGE_SIZE)
      return bad(`is unaligned: address ${hex(h.address)} and file offset ${hex(h.offset)} differ within the page`);
    if (end > USER_END) return bad(`is too large: it ends at ${hex(end)}, past the end of user space`);
    if (h.memoryBytes === 0) continue;
    if (type === 'executable' && h.address < MIN_ADDRESS)
      return bad(`is at ${hex(h.address)}, below the lowest address that can be mapped`);
    const previous = segments.at(-1);
    if (previous !== undefined && pageDown(h.address) < pageUp(previous.address + BigInt(previous.memoryBytes)))
      return bad(`overlaps segment ${previous.index} or comes before it`);
    segments.push({
      index,
      address: vaddr(h.address),
      offset: h.offset,
      fileBytes: h.fileBytes,
      memoryBytes: h.memoryBytes,
      read: h.flags[0] === 'r',
      write: h.flags[1] === 'w',
      execute: h.flags[2] === 'x',
    });
  }
  return segments.length > 0 ? segments : new ElfError('no loadable segment');
}

const pageDown = (address: bigint): bigint => address & ~BigInt(PAGE_SIZE - 1);
const pageUp = (address: bigint): bigint => pageDown(address + BigInt(PAGE_SIZE - 1));
const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n));

function readInterpreter(headers: readonly ElfProgramHeader[], source: ElfSource): string | undefined | ElfError {
  const header = headers.find((h) => h.type === PT_INTERP);
  if (header === undefined) return undefined;
  const { offset, fileBytes } = header;
  if (fileBytes < 2 || fileBytes > MAX_INTERPRETER_BYTES || offset + fileBytes > source.sizeBytes)
    return new ElfError('the name of the interpreter is not readable');
  const name = source.read(offset, fileBytes);
  if (name.at(-1) !== 0) return new ElfError('the name of the interpreter is not readable');
  const text = String.fromCharCode(...name.subarray(0, name.indexOf(0)));
  return /^[ -~]+$/.test(text) ? text : new ElfError('the name of the interpreter is not readable');
}

function findProgramHeaders(
  headers: readonly ElfProgramHeader[],
  segments: readonly ElfSegment[],
  offset: number,
): Vaddr | undefined {
  const own = headers.find((h) => h.type === PT_PHDR);
  if (own !== undefined) return vaddr(own.address);
  const holder = segments.find((s) => offset >= s.offset && offset < s.offset + s.fileBytes);
  return holder && vaddr(holder.address + BigInt(offset - holder.offset));
}
