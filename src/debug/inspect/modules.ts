/**
 * The ELF files that a process has mapped: its program, the dynamic linker, shared libraries, each with what was added
 * to its addresses. Found by its areas, read from the files in the modeled kernel, so that it is right at any moment of
 * the run, also before the dynamic linker has made its list. Symbols are kept by file and contents.
 */
import { PROT_EXEC, PROT_WRITE } from '../../abi/mman.ts';
import { PAGE, PAGE_SIZE, pageDown, pageUp, U64_MAX, type Vaddr, vaddr, vaddrOf, vpnOf } from '../../base/ints.ts';
import type { LineBreak, SourceFile, SourceLine } from '../../elf/lines.ts';
import type { LoadSegment } from '../../elf/loads.ts';
import type { ElfSymbol } from '../../elf/symbols.ts';
import { PageCache } from '../../kernel/mm/page-cache.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import type { Task } from '../../kernel/task/task.ts';
import { isRegular } from '../../kernel/vfs/inode.ts';
import { type ElfFile, elfFile } from './elf-file.ts';

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

/** What is mapped now, the program first, then by address. None for a task that has ended. */
export function modulesOf(task: Task): Module[] {
  if (!task.hasMemory()) return [];
  const modules: Module[] = [];
  for (const vma of task.mm.vmas) {
    const found = moduleOf(task, vma);
    if (found === undefined || modules.some(({ file, bias }) => file === found.file && bias === found.bias)) continue;
    modules.push(found);
  }
  return modules.sort((a, b) => Number(b.isProgram) - Number(a.isProgram));
}

/** The one that an address belongs to, its zeros at the end included. */
export function moduleAt(task: Task, address: bigint): Module | undefined {
  if (!task.hasMemory()) return undefined;
  const { vmas } = task.mm;
  let vma = vmas.find(vpnOf(address));
  // What follows the last page of the file is anonymous.
  while (vma !== undefined && vma.file === undefined) {
    const before = vmas.findPrevious(vma.start);
    vma = before?.end === vma.start ? before : undefined;
  }
  const module = vma && moduleOf(task, vma);
  return module !== undefined && module.start <= address && address < module.end ? module : undefined;
}

/** Undefined: it shows no ELF file, or one that somebody only reads through a mapping and that runs nowhere. */
function moduleOf({ mm, process }: Task, vma: Vma): Module | undefined {
  const { file, backing } = vma;
  const inode = file?.dentry?.inode;
  if (inode === undefined || !isRegular(inode) || !(backing instanceof PageCache)) return undefined;
  const elf = elfFile(inode, backing, mm.frames);
  const extent = extentOf(elf.loads);
  // Two segments may have a page of the file in common: rights, and where the first page of all is, tell which this is.
  const alike = elf.loads.filter((load) => isAlike(load, vma));
  const biases = [...biasesOf(alike, vma), ...biasesOf(elf.loads, vma)];
  const startsAt = (bias: bigint): boolean => {
    const first = mm.vmas.find(vpnOf(vaddr(extent.start + bias)));
    return (
      first?.backing === backing &&
      vaddrOf(first.start) - BigInt(first.offset) * PAGE === extent.start - extent.offset + bias
    );
  };
  const bias = biases.find(startsAt) ?? biases[0];
  if (bias === undefined) return undefined;
  const [start, end] = [vaddr(extent.start + bias), vaddr(extent.end + bias)];
  const isProgram = inode === process.exe?.inode;
  const runs = (part: Vma): boolean => part.backing === backing && isExecutable(part);
  if (!isProgram && ![...mm.vmas.within(vpnOf(start), vpnOf(end))].some(runs)) return undefined;
  return { path: file!.dentry!.path(), file: elf, bias, start, end, isProgram };
}

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

/** A function from its symbol on: as far as its size says, else to the next symbol, or the end of the section. */
export function functionAt(task: Task, address: bigint): { start: bigint; end: bigint; name: string } | undefined {
  const place = symbolAt(task, address);
  if (place === undefined) return undefined;
  const { symbol, module, address: start } = place;
  if (symbol.sizeBytes > 0) return { start, end: start + BigInt(symbol.sizeBytes), name: symbol.name };
  const next = module.file.symbols.all().find((other) => other.address > symbol.address);
  const end = next !== undefined && next.address < symbol.sectionEnd ? next.address : symbol.sectionEnd;
  return { start, end: end + module.bias, name: symbol.name };
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

const isExecutable = ({ prot }: Vma): boolean => (prot & PROT_EXEC) !== 0;

const isAlike = (load: LoadSegment, vma: Vma): boolean =>
  load.isExecutable === isExecutable(vma) && load.isWritable === ((vma.prot & PROT_WRITE) !== 0);

/** What may have been added to the addresses of the segment that the area shows; none if it shows none. */
const biasesOf = (loads: readonly LoadSegment[], vma: Vma): bigint[] =>
  loads
    .filter((load) => shows(load, vma))
    .map((load) => vaddrOf(vma.start) - BigInt(vma.offset) * PAGE - differenceOf(load));

const shows = ({ offset, fileBytes }: LoadSegment, vma: Vma): boolean =>
  vma.offset >= Math.floor(offset / PAGE_SIZE) && vma.offset * PAGE_SIZE < offset + Math.max(fileBytes, 1);

/** Between the place of a byte in the file and its address. */
const differenceOf = ({ address, offset }: LoadSegment): bigint => address - BigInt(offset);

/** From the first page to the last, and where the first one is in the file. */
function extentOf(loads: readonly LoadSegment[]): { start: bigint; end: bigint; offset: bigint } {
  let [start, end, offset] = [U64_MAX, 0n, 0n];
  for (const load of loads) {
    const last = pageUp(load.address + BigInt(load.memoryBytes));
    if (last > end) end = last;
    if (load.address < start) [start, offset] = [pageDown(load.address), pageDown(BigInt(load.offset))];
  }
  return { start, end, offset };
}
