/** One thread as plain data: its registers, the code around RIP, its stack, its memory. */

import { PAGE_SIZE, pageDown, u64 } from '../../base/ints.ts';
import { viewAreas } from '../../debug/inspect/areas.ts';
import { type CodeLine, disassembleAt, disassembleBefore } from '../../debug/inspect/disassembly.ts';
import { readMemory, readText } from '../../debug/inspect/memory.ts';
import { lineAt, type SymbolPlace, symbolAt } from '../../debug/inspect/modules.ts';
import { readRegisters } from '../../debug/inspect/registers.ts';
import { readStack } from '../../debug/inspect/stack.ts';
import { readVectors } from '../../debug/inspect/vectors.ts';
import { walkAddress } from '../../debug/inspect/walk.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { CodeLineModel, MemoryModel, MemoryPageModel, RegistersModel, StackWordModel } from '../protocol.ts';
import { startRoles } from './start-roles.ts';

const LINES_BEFORE = 60;
const LINES_AFTER = 140;
/** Text that a pointer leads to is quoted when it has at least so many letters. */
const LEAST_TEXT = 3;
const MOST_TEXT = 32;

export function viewRegisters(task: Task): RegistersModel | undefined {
  const registers = readRegisters(task);
  if (registers === undefined) return undefined;
  const areas = viewAreas(task);
  const { general, rip, rflags, fsBase, gsBase } = registers;
  return {
    general: Object.entries(general).map(([name, value]) => ({ name, value, note: noteOf(task, value, areas) })),
    rip,
    rflags,
    fsBase,
    gsBase,
    vectors: (readVectors(task) ?? []).map(({ number, bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      return { name: `xmm${number}`, low: view.getBigUint64(0, true), high: view.getBigUint64(8, true) };
    }),
  };
}

/** The instructions around an address, RIP if none is given. */
export function viewCode(task: Task, address: bigint): CodeLineModel[] {
  const lines = [...disassembleBefore(task, address, LINES_BEFORE), ...disassembleAt(task, address, LINES_AFTER)];
  return lines.map((line) => codeLine(task, line));
}

function codeLine(task: Task, { address, bytes, text, symbol, target }: CodeLine): CodeLineModel {
  const line = lineAt(task, address);
  return {
    address,
    bytes,
    text,
    label: symbol?.offset === 0 ? symbol.symbol.name : undefined,
    target: target?.symbol && nameOf(target.symbol),
    targetAddress: target?.address,
    file: line?.file.path,
    line: line?.line,
  };
}

export function viewStack(task: Task, count: number): StackWordModel[] {
  const areas = viewAreas(task);
  const roles = startRoles(task);
  return readStack(task, count).map(({ address, offset, value, symbol }) => ({
    address,
    offset,
    value,
    note: symbol === undefined ? noteOf(task, value, areas) : nameOf(symbol),
    role: roles.get(address),
  }));
}

/** Page by page, since some may be mapped and others not. */
export function viewMemory(task: Task, address: bigint, length: number): MemoryModel {
  const areas = viewAreas(task);
  const bytes = new Uint8Array(length);
  const pages: MemoryPageModel[] = [];
  for (let done = 0; done < length; ) {
    const at = u64(address + BigInt(done));
    const count = Math.min(PAGE_SIZE - Number(at & 0xfffn), length - done);
    const area = areas.find(({ start, end }) => start <= at && at < end);
    bytes.set(readMemory(task, at, count), done);
    pages.push({
      address: pageDown(at),
      pfn: walkAddress(task, at)?.pfn,
      area: area && `${area.rights} ${area.title}`,
    });
    done += count;
  }
  return { address, bytes, pages };
}

const nameOf = ({ symbol, offset }: SymbolPlace): string => `${symbol.name}${offset > 0 ? `+${offset}` : ''}`;

/** What a number means if it is an address: a name, text, or the area that it is in. */
function noteOf(task: Task, value: bigint, areas: ReturnType<typeof viewAreas>): string | undefined {
  const area = areas.find(({ start, end }) => start <= value && value < end);
  if (area === undefined) return undefined;
  const symbol = symbolAt(task, value);
  if (symbol !== undefined) return nameOf(symbol);
  const quoted = textAt(task, value);
  return quoted ?? area.title;
}

function textAt(task: Task, address: bigint): string | undefined {
  const bytes = readText(task, address, MOST_TEXT)?.bytes;
  if (bytes === undefined) return undefined;
  const isText = bytes.length >= LEAST_TEXT && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? JSON.stringify(String.fromCharCode(...bytes)) : undefined;
}
