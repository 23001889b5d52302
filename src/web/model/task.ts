/** One thread as plain data: its registers, the code around RIP, its stack, its memory. */

import { viewAreas } from '../../debug/inspect/areas.ts';
import { type CodeLine, disassembleAt, disassembleBefore } from '../../debug/inspect/disassembly.ts';
import { readMemory, readText } from '../../debug/inspect/memory.ts';
import { lineAt, type SymbolPlace, symbolAt } from '../../debug/inspect/modules.ts';
import { readRegisters } from '../../debug/inspect/registers.ts';
import { readStack } from '../../debug/inspect/stack.ts';
import { readVectors } from '../../debug/inspect/vectors.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { CodeLineModel, RegistersModel, StackWordModel } from '../protocol.ts';

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
    file: line?.file.path,
    line: line?.line,
  };
}

export function viewStack(task: Task, count: number): StackWordModel[] {
  const areas = viewAreas(task);
  return readStack(task, count).map(({ address, offset, value, symbol }) => ({
    address,
    offset,
    value,
    note: symbol === undefined ? noteOf(task, value, areas) : nameOf(symbol),
  }));
}

export const viewMemory = (task: Task, address: bigint, length: number): { address: bigint; bytes: Uint8Array } => ({
  address,
  bytes: readMemory(task, address, length),
});

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
