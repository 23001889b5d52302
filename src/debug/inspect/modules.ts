/**
 * The ELF files that a process has mapped: its program, the dynamic linker, shared libraries, each with what was added
 * to its addresses. Found by its areas, read from the files in the modeled kernel, so that it is right at any moment of
 * the run, also before the dynamic linker has made its list. Symbols are kept by file and contents.
 */
import { PROT_EXEC } from '../../abi/mman.ts';
import { PAGE, PAGE_SIZE, pageDown, pageUp, type Vaddr, vaddr, vaddrOf } from '../../base/ints.ts';
import { UnwindTable } from '../../elf/dwarf/unwind-table.ts';
import type { ElfSource } from '../../elf/image.ts';
import { type LineBreak, Lines, type SourceFile, type SourceLine } from '../../elf/lines.ts';
import { type LoadSegment, readLoads } from '../../elf/loads.ts';
import { type ElfSymbol, Symbols } from '../../elf/symbols.ts';
import { PageCache } from '../../kernel/mm/page-cache.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import { versionOf } from '../../kernel/task/program.ts';
import type { Task } from '../../kernel/task/task.ts';
import { isRegular, type RegularFile } from '../../kernel/vfs/inode.ts';
import type { Frames } from '../../mem/frames.ts';

/** An ELF file as it is now; the same object as long as its contents are the same. */
export class ElfFile {
  readonly source: ElfSource;
  readonly loads: readonly LoadSegment[];
  private _symbols: Symbols | undefined;
  private _lines: Lines | undefined;
  private _unwindTable: UnwindTable | undefined;

  constructor(source: ElfSource) {
    this.source = source;
    this.loads = readLoads(source);
  }

  get symbols(): Symbols {
    return (this._symbols ??= new Symbols(this.bytes()));
  }

  get lines(): Lines {
    return (this._lines ??= new Lines(this.bytes()));
  }

  get unwindTable(): UnwindTable {
    return (this._unwindTable ??= new UnwindTable(this.bytes()));
  }

  /** All of it, in a copy. */
  bytes(): Uint8Array {
    return this.source.read(0, this.source.sizeBytes);
  }
}

export interface Module {
  readonly path: string;
  readonly file: ElfFile;
  /** What was added to the addresses in the file. */
  readonly bias: bigint;
  /** Where it lies, to the page; half-open. */
  readonly start: Vaddr;
  readonly end: Vaddr;
  /** The program itself, and no library. */
  readonly isProgram: boolean;
}

export interface SymbolPlace {
  readonly module: Module;
  readonly symbol: ElfSymbol;
  /** Where the symbol is in this process. */
  readonly address: Vaddr;
  /** How far into it the address in question is. */
  readonly offset: number;
}

const FILES = new WeakMap<RegularFile, { readonly version: string; readonly elf: ElfFile }>();

/** What is mapped now, the program first, then by address. None for a task that has ended. */
export function modulesOf(task: Task): Module[] {
  if (!task.hasMemory()) return [];
  const { mm, process } = task;
  const program = process.exe?.inode;
  const modules: (Module & { inode: RegularFile; runs: boolean })[] = [];
  for (const vma of mm.vmas) {
    const inode = vma.file?.dentry?.inode;
    if (inode === undefined || !isRegular(inode) || !(vma.backing instanceof PageCache)) continue;
    const known = modules.find((module) => module.inode === inode && explains(module, vma));
    if (known !== undefined) {
      known.runs ||= isExecutable(vma);
      continue;
    }
    const file = elfFile(inode, vma.backing, mm.frames);
    const bias = biasOf(file.loads, vma);
    if (bias === undefined) continue;
    const { start, end } = extentOf(file.loads);
    modules.push({
      path: vma.file!.dentry!.path(),
      file,
      bias,
      start: vaddr(start + bias),
      end: vaddr(end + bias),
      isProgram: inode === program,
      inode,
      runs: isExecutable(vma),
    });
  }
  // A file that somebody only reads through a mapping runs nowhere.
  return modules
    .filter(({ isProgram, runs }) => isProgram || runs)
    .sort((a, b) => Number(b.isProgram) - Number(a.isProgram));
}

export const moduleAt = (task: Task, address: bigint): Module | undefined =>
  modulesOf(task).find(({ start, end }) => start <= address && address < end);

/** The symbol that an address of the process belongs to. */
export function symbolAt(task: Task, address: bigint): SymbolPlace | undefined {
  const module = moduleAt(task, address);
  const found = module?.file.symbols.findAt(address - module.bias);
  return found && placeIn(module!, found.symbol, found.offset);
}

/** Where a name is; the program's own goes before those of libraries. */
export function findSymbol(task: Task, name: string): SymbolPlace | undefined {
  for (const module of modulesOf(task)) {
    const symbol = module.file.symbols.find(name);
    if (symbol !== undefined) return placeIn(module, symbol, 0);
  }
  return undefined;
}

export interface LinePlace extends SourceLine {
  readonly module: Module;
}

/** The source line that an address of the process comes from; its range is in the process, too. */
export function lineAt(task: Task, address: bigint): LinePlace | undefined {
  const module = moduleAt(task, address);
  const found = module?.file.lines.findAt(address - module.bias);
  return found && { ...found, start: found.start + module!.bias, end: found.end + module!.bias, module: module! };
}

/** What a step by line does not leave. */
export function stepRangeAt(task: Task, address: bigint): { start: bigint; end: bigint } | undefined {
  const module = moduleAt(task, address);
  const found = module?.file.lines.stepRange(address - module.bias);
  return found && { start: found.start + module!.bias, end: found.end + module!.bias };
}

/** Where `break FILE:LINE` stops, in the first module that has such a file; `file` is its path or the end of it. */
export function breakAtLine(task: Task, file: string, line: number): LineBreak | undefined {
  for (const module of modulesOf(task)) {
    const { lines } = module.file;
    const found = lines.findFiles(file).flatMap((source) => lines.breakAt(source, line) ?? []);
    if (found.length === 0) continue;
    const actual = Math.min(...found.map((place) => place.line));
    const places = found.filter((place) => place.line === actual);
    const addresses = places.flatMap((place) => place.addresses.map((address) => address + module.bias));
    return { ...places[0], addresses };
  }
  return undefined;
}

/** Where `break FUNCTION` stops: behind the prologue. */
export function breakAtSymbol({ module, symbol, address }: SymbolPlace): bigint {
  if (!symbol.isFunction && module.file.lines.findAt(symbol.address) === undefined) return address;
  return module.file.lines.breakAtFunction(symbol.address, symbol.sizeBytes) + module.bias;
}

/** Source files of everything that is mapped, each once. */
export function sourceFilesOf(task: Task): SourceFile[] {
  const files = modulesOf(task).flatMap(({ file }) => file.lines.files());
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

const placeIn = (module: Module, symbol: ElfSymbol, offset: number): SymbolPlace => ({
  module,
  symbol,
  address: vaddr(symbol.address + module.bias),
  offset,
});

function elfFile(inode: RegularFile, cache: PageCache, frames: Frames): ElfFile {
  const version = versionOf(inode);
  const known = FILES.get(inode);
  if (known?.version === version) return known.elf;
  const elf = new ElfFile(sourceOf(cache, frames));
  FILES.set(inode, { version, elf });
  return elf;
}

/** The file's bytes as a read(2) would give them, without the frames and the times that it would change. */
function sourceOf(cache: PageCache, frames: Frames): ElfSource {
  return {
    get sizeBytes() {
      return cache.sizeBytes;
    },
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, cache.sizeBytes - offset)));
      for (let done = 0; done < bytes.length; ) {
        const inPage = (offset + done) % PAGE_SIZE;
        const index = (offset + done - inPage) / PAGE_SIZE;
        const count = Math.min(PAGE_SIZE - inPage, bytes.length - done);
        bytes.set(pageOf(cache, frames, index).subarray(inPage, inPage + count), done);
        done += count;
      }
      return bytes;
    },
  };
}

function pageOf(cache: PageCache, frames: Frames, index: number): Uint8Array {
  const pfn = cache.findPage(index);
  if (pfn !== undefined) return frames.bytes(pfn);
  const page = new Uint8Array(PAGE_SIZE);
  cache.fill(index, page);
  return page;
}

const isExecutable = ({ prot }: Vma): boolean => (prot & PROT_EXEC) !== 0;

/** What was added to the addresses of the segment that the area shows; undefined if it shows none. */
function biasOf(loads: readonly LoadSegment[], vma: Vma): bigint | undefined {
  const candidates = loads.filter((load) => shows(load, vma));
  // Two segments may have a page of the file in common.
  const load = candidates.find((load) => load.isExecutable === isExecutable(vma)) ?? candidates[0];
  return load && vaddrOf(vma.start) - BigInt(vma.offset) * PAGE - differenceOf(load);
}

const shows = ({ offset, fileBytes }: LoadSegment, vma: Vma): boolean =>
  vma.offset >= Math.floor(offset / PAGE_SIZE) && vma.offset * PAGE_SIZE < offset + Math.max(fileBytes, 1);

/** Between the place of a byte in the file and its address. */
const differenceOf = ({ address, offset }: LoadSegment): bigint => address - BigInt(offset);

/** Whether the area is another part of the same mapping of the file. */
const explains = ({ file, bias, start, end }: Module, vma: Vma): boolean =>
  start <= vaddrOf(vma.start) &&
  vaddrOf(vma.end) <= end &&
  file.loads.some(
    (load) => shows(load, vma) && vaddrOf(vma.start) - BigInt(vma.offset) * PAGE - differenceOf(load) === bias,
  );

function extentOf(loads: readonly LoadSegment[]): { start: bigint; end: bigint } {
  const starts = loads.map(({ address }) => pageDown(address));
  const ends = loads.map(({ address, memoryBytes }) => pageUp(address + BigInt(memoryBytes)));
  return {
    start: starts.reduce((a, b) => (b < a ? b : a)),
    end: ends.reduce((a, b) => (b > a ? b : a)),
  };
}
