/**
 * Names for addresses and addresses for names, from .symtab (or .dynsym, in a stripped file): elf(5). Read when first
 * asked for. A symbol table is advice: one that is damaged counts as empty, and the program still runs.
 */
import { type Vaddr, vaddr } from '../base/ints.ts';
import { rawBytesOf, readSectionTable, stringAt } from './sections.ts';

const SHT_SYMTAB = 2, SHT_DYNSYM = 11; // biome-ignore format: one line
const STT_SECTION = 3, STT_FILE = 4, STT_TLS = 6, SHN_UNDEF = 0, SHN_ABS = 0xfff1; // biome-ignore format: one line
const STB_LOCAL = 0;
const SYMBOL_BYTES = 24;
const MOST_NAME_BYTES = 4096;

export interface ElfSymbol {
  readonly name: string;
  readonly address: Vaddr;
  /** 0 when the assembler said nothing: the symbol then reaches to the next one. */
  readonly sizeBytes: number;
  readonly isFunction: boolean;
  /** Other files cannot refer to it: there may be more of its name. */
  readonly isLocal: boolean;
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

  /** By address, then by name. */
  all(): readonly ElfSymbol[] {
    return (this._sorted ??= readSymbols(this._bytes));
  }

  /** The one that other files see goes before those that they do not. */
  find(name: string): ElfSymbol | undefined {
    if (this._byName === undefined) {
      this._byName = new Map();
      for (const symbol of this.all())
        if (this._byName.get(symbol.name)?.isLocal !== false) this._byName.set(symbol.name, symbol);
    }
    return this._byName.get(name);
  }

  /**
   * The symbol that an address belongs to, and how far into it the address is. As gdb has it: one with a size that holds the
   * address, else the nearest without a size in the same section; of several at one place the last by name.
   */
  findAt(address: bigint): { symbol: ElfSymbol; offset: number } | undefined {
    const symbols = this.all();
    let low = 0;
    let high = symbols.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (symbols[middle].address <= address) low = middle + 1;
      else high = middle;
    }
    const found = nearest(symbols, low - 1, address);
    return found && { symbol: found, offset: Number(address - found.address) };
  }
}

function nearest(symbols: readonly ElfSymbol[], last: number, address: bigint): ElfSymbol | undefined {
  const holds = (symbol: ElfSymbol | undefined): boolean =>
    symbol !== undefined && address < symbol.address + BigInt(symbol.sizeBytes);
  let unsized: ElfSymbol | undefined;
  for (let i = last; i >= 0; i--) {
    const symbol = symbols[i];
    if (address >= symbol.sectionEnd) continue;
    if (symbol.sizeBytes > 0) {
      if (holds(symbol)) return symbol;
      // One that begins earlier may reach over it.
      if (!holds(symbols[i - 1])) return unsized;
    } else if (unsized === undefined) unsized = symbol;
    else return unsized;
  }
  return unsized;
}

function readSymbols(bytes: Uint8Array): ElfSymbol[] {
  const sections = readSectionTable(bytes);
  const table = sections.find((s) => s.type === SHT_SYMTAB) ?? sections.find((s) => s.type === SHT_DYNSYM);
  const strings = table && sections[table.link];
  if (table === undefined || strings === undefined) return [];
  const text = rawBytesOf(bytes, strings);
  const symbols: ElfSymbol[] = [];
  const rows = rawBytesOf(bytes, table);
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let at = 0; at + SYMBOL_BYTES <= rows.length; at += SYMBOL_BYTES) {
    const type = rows[at + 4] & 15;
    const isLocal = rows[at + 4] >> 4 === STB_LOCAL;
    const section = view.getUint16(at + 6, true);
    const name = stringAt(text, view.getUint32(at, true), MOST_NAME_BYTES);
    const isPlace = type !== STT_SECTION && type !== STT_FILE && type !== STT_TLS;
    if (!isPlace || section === SHN_UNDEF || section === SHN_ABS || name === '') continue;
    const address = vaddr(view.getBigUint64(at + 8, true));
    const sizeBytes = Number(view.getBigUint64(at + 16, true));
    const header = sections[section];
    const sectionEnd = vaddr(header === undefined ? 0n : header.address + BigInt(header.sizeBytes));
    symbols.push({ name, address, sizeBytes, isFunction: type === 2, isLocal, sectionEnd });
  }
  const order = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
  return symbols.sort((a, b) => order(a.address, b.address) || order(a.name, b.name));
}
