/** Requests for memory, code, modules and sources. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { describeInstruction } from '../../debug/commands/text.ts';
import { type CodeLine, disassembleAt, disassembleBefore } from '../../debug/inspect/disassembly.ts';
import { readMemory } from '../../debug/inspect/memory.ts';
import { lineAt, modulesOf, sourceFilesOf } from '../../debug/inspect/modules.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Adapter } from '../adapter.ts';
import { bytesText } from '../sources.ts';
import { standing } from './define.ts';

const MOST_MEMORY_BYTES = 1 << 24;
const MOST_INSTRUCTIONS = 20_000;

function taskOf(adapter: Adapter): Task {
  const { task } = adapter.open.session.engine;
  if (task === undefined) throw new UsageError('no process is left at this moment');
  return task;
}

/** As many bytes as can be read from there on; and how many that cannot be come first where the first cannot. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** Exactly so many: where there is no code, a line that says so stands in its place. */
function instructionsAround(
  task: Task,
  address: bigint,
  offset: number,
  count: number,
): (CodeLine | { address: bigint })[] {
  const before = offset < 0 ? disassembleBefore(task, address, -offset) : [];
  const missing = offset < 0 ? -offset - before.length : 0;
  const lowest = before[0]?.address ?? address;
  const fill = Array.from({ length: missing }, (_, i) => ({
    address: BigInt.asUintN(64, lowest - BigInt(missing - i)),
  }));
  const wanted = count + Math.max(0, offset);
  const after = offset + count > 0 ? disassembleAt(task, address, wanted) : [];
  const all: (CodeLine | { address: bigint })[] = [...fill, ...before, ...(offset > 0 ? after.slice(offset) : after)];
  const last = all.at(-1);
  let next = last === undefined ? address : last.address + ('bytes' in last ? BigInt(last.bytes.length) : 1n);
  while (all.length < count) all.push({ address: next++ });
  return all.slice(0, count);
}

function describe(
  adapter: Adapter,
  task: Task,
  line: CodeLine | { address: bigint },
): DebugProtocol.DisassembledInstruction {
  if (!('bytes' in line))
    return { address: hex(line.address, 16), instruction: '(nothing is mapped here)', presentationHint: 'invalid' };
  const source = lineAt(task, line.address);
  const { sources } = adapter.open;
  return {
    address: hex(line.address, 16),
    instructionBytes: bytesText(line.bytes),
    instruction: describeInstruction(line),
    ...(line.symbol?.offset === 0 && { symbol: line.symbol.symbol.name }),
    ...(source !== undefined && { location: sources.file(source.file.path), line: adapter.line(source.line) }),
    ...(line.kind === 'bad' && { presentationHint: 'invalid' as const }),
  };
}

export const CODE_REQUESTS = [
  standing('readMemory', (adapter, given) => {
    const task = taskOf(adapter);
    const address = BigInt.asUintN(64, given.getAddress('memoryReference') + BigInt(given.findNumber('offset') ?? 0));
    const count = given.getNumber('count');
    if (count < 0 || count > MOST_MEMORY_BYTES) throw new UsageError(`count must be from 0 to ${MOST_MEMORY_BYTES}`);
    const bytes = readMemory(task, address, count);
    return {
      address: hex(address),
      data: base64(bytes),
      ...(bytes.length < count && { unreadableBytes: count - bytes.length }),
    };
  }),

  standing('disassemble', (adapter, given) => {
    const task = taskOf(adapter);
    const address = BigInt.asUintN(64, given.getAddress('memoryReference') + BigInt(given.findNumber('offset') ?? 0));
    const count = given.getNumber('instructionCount');
    const offset = given.findNumber('instructionOffset') ?? 0;
    if (count < 0 || count > MOST_INSTRUCTIONS || Math.abs(offset) > MOST_INSTRUCTIONS)
      throw new UsageError(`instructionCount and instructionOffset must be at most ${MOST_INSTRUCTIONS}`);
    return {
      instructions: instructionsAround(task, address, offset, count).map((line) => describe(adapter, task, line)),
    };
  }),

  standing('modules', (adapter, given) => {
    const modules = modulesOf(taskOf(adapter));
    const start = given.findNumber('startModule') ?? 0;
    const shown = modules.slice(start, start + (given.findNumber('moduleCount') || modules.length));
    return {
      modules: shown.map(({ path, file, start: from, end }) => ({
        id: path,
        name: path.replace(/^.*\//, ''),
        path,
        symbolStatus: file.symbols.all().length > 0 ? `${file.symbols.all().length} symbols` : 'no symbols',
        addressRange: `${hex(from)}-${hex(end)}`,
      })),
      totalModules: modules.length,
    };
  }),

  standing('loadedSources', (adapter) => ({
    sources: sourceFilesOf(taskOf(adapter)).map(({ path }) => adapter.open.sources.file(path)),
  })),

  standing('source', (adapter, given) => {
    const reference = given.findObject('source')?.findNumber('sourceReference') ?? given.getNumber('sourceReference');
    const content = adapter.open.sources.content(reference);
    if (content === undefined) throw new UsageError('there is no such source');
    return { content, mimeType: 'text/x-asm' };
  }),
];
