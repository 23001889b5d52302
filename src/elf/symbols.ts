/**
 * Names for addresses and addresses for names, from .symtab (or .dynsym, in a stripped file): elf(5). Read when first
 * asked for. A symbol table is advice: one that is damaged counts as empty, and the program still runs.
 */
import { type Vaddr, vaddr } from '../base/ints.ts';
import { rawBytesOf, readSectionTable, stringAt } from './sections.ts';

const SHT_SYMTAB = 2, SHT_DYNSYM = 11; // biome-ignore format: one line
const STT_SECTION = 3, STT_FILE = 4, STT_TLS = 6, SHN_UNDEF = 0, SHN_ABS = 0xfff1; // biome-ignore format: one line
const SYMBOL_BYTES = 24;
const MOST_NAME_BYTES = 4096;

export interface ElfSymbol {
  readonly name: string;
  readonly address: Vaddr;
  /** 0 when the assembler said nothing: the symbol then reaches to the next one. */
  readonly sizeBytes: number;
  readonly isFunction: boolean;
  /** Behind the section that it is in: as far as one without a size reaches. */
  readonly sectionEnd: Vaddr;
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
    const isInside = symbol.sizeBytes > 0 ? offset < symbol.sizeBytes : address < symbol.sectionEnd;
    return isInside ? { symbol, offset } : undefined;
  }
}

function readSymbols(bytes: Uint8Array): ElfSymbol[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections = readSectionTable(bytes);
  const table = sections.find((s) => s.type === SHT_SYMTAB) ?? sections.find((s) => s.type === SHT_DYNSYM);
  const strings = table && sections[table.link];
  if (table === undefined || strings === undefined) return [];
  const text = rawBytesOf(bytes, strings);
  const symbols: ElfSymbol[] = [];
  const end = table.offset + rawBytesOf(bytes, table).length;
  for (let at = table.offset; at + SYMBOL_BYTES <= end; at += SYMBOL_BYTES) {
    const type = bytes[at + 4] & 15;
    const section = view.getUint16(at + 6, true);
    const name = stringAt(text, view.getUint32(at, true), MOST_NAME_BYTES);
    const isPlace = type !== STT_SECTION && type !== STT_FILE && type !== STT_TLS;
    if (!isPlace || section === SHN_UNDEF || section === SHN_ABS || name === '') continue;
    const address = vaddr(view.getBigUint64(at + 8, true));
    const sizeBytes = Number(view.getBigUint64(at + 16, true));
    const header = sections[section];
    const sectionEnd = vaddr(header === undefined ? 0n : header.address + BigInt(header.sizeBytes));
    symbols.push({ name, address, sizeBytes, isFunction: type === 2, sectionEnd });
  }
  return symbols.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}
