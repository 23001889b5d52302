/**
 * Sources of code: files that the host has, by their path; code without one as the disassembly of its function, which the
 * client asks for by a number. Line 1 of a disassembly is the function's first instruction.
 */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex } from '../base/ints.ts';
import { describeInstruction } from '../debug/commands/text.ts';
import { type CodeLine, disassembleAt } from '../debug/inspect/disassembly.ts';
import { type SymbolPlace, symbolAt } from '../debug/inspect/modules.ts';
import type { Task } from '../kernel/task/task.ts';
import type { DapHost, LaunchOptions } from './host.ts';

/** Instructions of a function that are shown. */
const MOST_LINES = 4000;
/** Where no symbol says what belongs together. */
const LINES_WITHOUT_SYMBOL = 200;

interface Listing {
  /** Whose it is. */
  readonly program: string;
  readonly start: bigint;
  readonly name: string;
  readonly lines: readonly CodeLine[];
}

export class Sources {
  private readonly _host: DapHost;
  private readonly _launch: LaunchOptions;
  /** By path; each is looked for once. */
  private readonly _files = new Map<string, string | undefined>();
  /** A number stays with its function. */
  private readonly _listings = new Map<number, Listing>();

  constructor(host: DapHost, launch: LaunchOptions) {
    this._host = host;
    this._launch = launch;
  }

  /** A file that line tables name. `origin`: it is not here. */
  file(path: string): DebugProtocol.Source {
    const found = this._find(path);
    const name = path.replace(/^.*\//, '');
    return found === undefined ? { name, path, origin: 'not on this machine' } : { name, path: found };
  }

  has(path: string): boolean {
    return this._find(path) !== undefined;
  }

  private _find(path: string): string | undefined {
    if (!this._files.has(path)) this._files.set(path, this._host.findSource(path, this._launch));
    return this._files.get(path);
  }

  /** The listing of the function around an address, and the line there. */
  listing(task: Task, address: bigint): { source: DebugProtocol.Source; line: number } | undefined {
    const program = `${task.pid} ${task.process.exe?.path()}`;
    const symbol = symbolAt(task, address);
    const start = symbol?.address ?? address;
    for (const [reference, listing] of this._listings) {
      if (listing.program !== program || (symbol !== undefined && listing.start !== start)) continue;
      const line = lineOf(listing, address);
      if (line > 0) return { source: describe(reference, listing), line };
    }
    const name = symbol?.symbol.name ?? hex(start);
    const listing = { program, start, name, lines: functionAt(task, start, symbol) };
    const line = lineOf(listing, address);
    if (line === 0) return undefined;
    const reference = this._listings.size + 1;
    this._listings.set(reference, listing);
    return { source: describe(reference, listing), line };
  }

  content(reference: number): string | undefined {
    const listing = this._listings.get(reference);
    if (listing === undefined) return undefined;
    return listing.lines.map((line) => `${describeLine(line)}\n`).join('');
  }

  /** What a line of a listing is. */
  addressOf(reference: number, line: number): bigint | undefined {
    return this._listings.get(reference)?.lines[line - 1]?.address;
  }
}

/** 0: it is not there, or in the middle of an instruction. */
const lineOf = ({ lines }: Listing, address: bigint): number => lines.findIndex((line) => line.address === address) + 1;

const describe = (sourceReference: number, { name }: Listing): DebugProtocol.Source => ({
  name: `${name}.s`,
  sourceReference,
  origin: 'disassembly',
});

/** To where the symbol ends, or another begins. */
function functionAt(task: Task, start: bigint, symbol: SymbolPlace | undefined): CodeLine[] {
  const lines = disassembleAt(task, start, symbol === undefined ? LINES_WITHOUT_SYMBOL : MOST_LINES);
  const size = symbol?.symbol.sizeBytes ?? 0;
  const end = size > 0 ? lines.findIndex(({ address }) => address >= start + BigInt(size)) : -1;
  const next = lines.findIndex((line, i) => i > 0 && symbol !== undefined && line.symbol?.address !== start);
  const most = end >= 0 ? end : size > 0 || next < 0 ? lines.length : next;
  return lines.slice(0, most);
}

/** `0x401000 <_start+0>  b8 09 00 00 00        mov eax, 9`. */
function describeLine(line: CodeLine): string {
  const place = line.symbol === undefined ? '' : ` <+${line.symbol.offset}>`;
  return `${`${hex(line.address)}${place}`.padEnd(24)}  ${bytesText(line.bytes).padEnd(30)}  ${describeInstruction(line)}`;
}

export const bytesText = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
