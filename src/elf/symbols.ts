/**
 * Names for addresses and addresses for names, from .symtab (or .dynsym, in a stripped file): elf(5). Read when first
 * asked for. A symbol table is advice: one that is damaged counts as empty, and the program still runs.
 */
import { type Vaddr, vaddr } from '../base/ints.ts';

const SHT_SYMTAB = 2, SHT_DYNSYM = 11; // biome-ignore format: one line
const STT_SECTION = 3, STT_FILE = 4, STT_TLS = 6, SHN_UNDEF = 0, SHN_ABS = 0xfff1; // biome-ignore format: one line
const SYMBOL_BYTES = 24;
const SECTION_BYTES = 64;

export interface ElfSymbol {
  readonly name: string;
  readonly address: Vaddr;
  /** 0 when the assembler said nothing: the symbol then reaches to the next one. */
  readonly sizeBytes: number;
  readonly isFunction: boolean;
}

/** Symbols of one file. For a position-independent one, addresses are relative to its base. */
export class Symbols {
  private readonly _bytes: Uint8Array;
  private _sorted: ElfSymbol[] | undefined;
  private _byName: Map<string, ElfSymbol> | undefined;

  constructor(bytes: Uint8Array) {
    this._bytes = bytes;
  }

  /** By address, then as in the file. */
  all(): readonly ElfSymbol[] {
    return (this._sorted ??= readSymbols(this._bytes));
  }

  find(name: string): ElfSymbol | undefined {
    this._byName ??= new Map(this.all().map((symbol) => [symbol.name, symbol]));
    return this._byName.get(name);
  }

  /** The symbol that an address belongs to, and how far into it the address is. */
  findAt(address: bigint): { symbol: ElfSymbol; offset: number } | undefined {
    const symbols = this.all();
    let low = 0;
    let high = symbols.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (symbols[middle].address <= address) low = middle + 1;
      else high = middle;
    }
    const symbol = symbols[low - 1];
    if (symbol === undefined) return undefined;
    const offset = Number(address - symbol.address);
    return symbol.sizeBytes > 0 && offset >= symbol.sizeBytes ? undefined : { symbol, offset };
  }
}

function readSymbols(bytes: Uint8Array): ElfSymbol[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections = readSections(view);
  const table = sections.find((s) => s.type === SHT_SYMTAB) ?? sections.find((s) => s.type === SHT_DYNSYM);
  const strings = table && sections[table.link];
  if (table === undefined || strings === undefined) return [];
  const text = bytes.subarray(strings.offset, strings.offset + strings.size);
  const symbols: ElfSymbol[] = [];
  for (let at = table.offset; at + SYMBOL_BYTES <= table.offset + table.size; at += SYMBOL_BYTES) {
    const type = bytes[at + 4] & 15;
    const section = view.getUint16(at + 6, true);
    const name = stringAt(text, view.getUint32(at, true));
    const isPlace = type !== STT_SECTION && type !== STT_FILE && type !== STT_TLS;
    if (!isPlace || section === SHN_UNDEF || section === SHN_ABS || name === '') continue;
    const address = vaddr(view.getBigUint64(at + 8, true));
    symbols.push({ name, address, sizeBytes: Number(view.getBigUint64(at + 16, true)), isFunction: type === 2 });
  }
  return symbols.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** Sections whose bytes lie inside the file; the others read as empty, so that indices stay right. */
function readSections(view: DataView): Section[] {
  if (view.byteLength < 64) return [];
  const start = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  if (view.getUint16(58, true) !== SECTION_BYTES || start + count * SECTION_BYTES > view.byteLength) return [];
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * SECTION_BYTES;
    const type = view.getUint32(at + 4, true);
    const offset = Number(view.getBigUint64(at + 24, true));
    const size = Number(view.getBigUint64(at + 32, true));
    const inside = offset + size <= view.byteLength;
    return { type, offset: inside ? offset : 0, size: inside ? size : 0, link: view.getUint32(at + 40, true) };
  });
}

function stringAt(text: Uint8Array, start: number): string {
  const end = text.indexOf(0, start);
  return end < 0 ? '' : String.fromCharCode(...text.subarray(start, Math.min(end, start + 4096)));
}
