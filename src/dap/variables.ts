/**
 * What can be looked at of a thread, as a tree of names and values: registers, flags, vectors, x87, the address space with
 * its areas, and walks through the page tables. Every value is read when it is asked for, from the machine as it stands.
 */

import type { Pfn } from '../base/ints.ts';
import { hex, PAGE_SIZE } from '../base/ints.ts';
import { REG_NAMES } from '../cpu/state.ts';
import type { AreaView } from '../debug/inspect/areas.ts';
import { viewAreas } from '../debug/inspect/areas.ts';
import type { StackFrame } from '../debug/inspect/backtrace.ts';
import { viewFrame } from '../debug/inspect/frames.ts';
import { symbolAt } from '../debug/inspect/modules.ts';
import { RFLAGS_BITS, readRegisters, SEGMENT_NAMES } from '../debug/inspect/registers.ts';
import { lanesOf, readMxcsr, readVectors, XMM_BYTES } from '../debug/inspect/vectors.ts';
import { walkAddress } from '../debug/inspect/walk.ts';
import { readX87 } from '../debug/inspect/x87.ts';
import type { Task } from '../kernel/task/task.ts';
import { describePteFlags, ptePfn } from '../mem/pte.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly type?: string | undefined;
  /** Where a client can look at memory. */
  readonly address?: bigint | undefined;
  readonly children?: (() => readonly Variable[]) | undefined;
}

export interface Scope {
  readonly name: string;
  readonly hint?: 'registers';
  readonly isExpensive: boolean;
  readonly variables: () => readonly Variable[];
}

/** `before`: the registers at the stop before, by name, so that changes can be told. */
export function scopesOf(task: Task, frame: StackFrame, before: ReadonlyMap<string, bigint> | undefined): Scope[] {
  if (frame.level > 0)
    return [
      { name: 'Registers', hint: 'registers', isExpensive: false, variables: () => callerVariables(task, frame) },
      { name: 'Address space', isExpensive: true, variables: () => areaVariables(task) },
    ];
  return [
    { name: 'Registers', hint: 'registers', isExpensive: false, variables: () => registerVariables(task, before) },
    { name: 'Flags', hint: 'registers', isExpensive: false, variables: () => flagVariables(task, before) },
    { name: 'Vector registers', hint: 'registers', isExpensive: true, variables: () => vectorVariables(task) },
    { name: 'x87', hint: 'registers', isExpensive: true, variables: () => x87Variables(task) },
    { name: 'Address space', isExpensive: true, variables: () => areaVariables(task) },
    { name: 'Page walks', isExpensive: true, variables: () => walkVariables(task) },
  ];
}

/** Those that are compared from stop to stop. */
export function registerValues(task: Task): Map<string, bigint> {
  const registers = readRegisters(task);
  if (registers === undefined) return new Map();
  const { general, rip, rflags, fsBase, gsBase } = registers;
  return new Map<string, bigint>([
    ...Object.entries(general),
    ['rip', rip],
    ['eflags', BigInt(rflags)],
    ['fs_base', fsBase],
    ['gs_base', gsBase],
  ]);
}

/** What a caller has in its registers, as far as it is known. */
function callerVariables(task: Task, { general, rip }: StackFrame): Variable[] {
  const values = [...REG_NAMES.map((name, i) => [name, general[i]] as const), ['rip', rip] as const];
  return values.map(([name, value]) =>
    value === undefined
      ? { name, value: 'not known', type: 'what was called may have changed it' }
      : { name, value: `${wide(value)}${symbolText(task, value)}`, type: '64 bits', address: value },
  );
}

function symbolText(task: Task, value: bigint): string {
  const place = value === 0n ? undefined : symbolAt(task, value);
  return place === undefined ? '' : ` <${place.symbol.name}+${place.offset}>`;
}

const wide = (value: bigint): string => hex(value, 16);

function registerVariables(task: Task, before: ReadonlyMap<string, bigint> | undefined): Variable[] {
  const registers = readRegisters(task);
  const values = [...registerValues(task)].map(([name, value]): Variable => {
    const old = before?.get(name);
    const was = old === undefined || old === value ? '' : `, was ${hex(old)}`;
    return { name, value: `${wide(value)}${symbolText(task, value)}`, type: `64 bits${was}`, address: value };
  });
  const segments = SEGMENT_NAMES.map(
    (name): Variable => ({ name, value: hex(registers?.segments[name] ?? 0, 4), type: '16 bits' }),
  );
  return registers === undefined ? [] : [...values, ...segments];
}

function flagVariables(task: Task, before: ReadonlyMap<string, bigint> | undefined): Variable[] {
  const rflags = readRegisters(task)?.rflags;
  if (rflags === undefined) return [];
  const old = before?.get('eflags');
  return RFLAGS_BITS.map(({ name, bit, meaning }) => {
    const now = (rflags >>> bit) & 1;
    const was = old === undefined ? now : Number((old >> BigInt(bit)) & 1n);
    return { name, value: String(now), type: `${meaning}${was === now ? '' : `, was ${was}`}` };
  });
}

function vectorVariables(task: Task): Variable[] {
  const vectors = readVectors(task);
  const mxcsr = readMxcsr(task);
  if (vectors === undefined || mxcsr === undefined) return [];
  const list = (bytes: Uint8Array, type: Parameters<typeof lanesOf>[1]): string => lanesOf(bytes, type).join(', ');
  const all = vectors.map(({ number, bytes }): Variable => {
    const low = bytes.subarray(0, XMM_BYTES);
    return {
      name: `ymm${number}`,
      value: wide128(bytes.subarray(XMM_BYTES)) + wide128(low).slice(2),
      type: '256 bits',
      children: () => [
        { name: `xmm${number}`, value: wide128(low), type: '128 bits' },
        { name: 'float', value: list(bytes, 'f32'), type: '8 numbers of 32 bits' },
        { name: 'double', value: list(bytes, 'f64'), type: '4 numbers of 64 bits' },
        { name: 'int8', value: list(bytes, 'i8') },
        { name: 'int16', value: list(bytes, 'i16') },
        { name: 'int32', value: list(bytes, 'i32') },
        { name: 'int64', value: list(bytes, 'i64') },
      ],
    };
  });
  return [
    ...all,
    { name: 'mxcsr', value: hex(mxcsr.value, 8), type: `${mxcsr.names.join(' ')}, rounds ${mxcsr.rounding}` },
  ];
}

const wide128 = (bytes: Uint8Array): string => hex(lanesOf(bytes, 'u128')[0] as bigint, 32);

function x87Variables(task: Task): Variable[] {
  const state = readX87(task);
  if (state === undefined) return [];
  const stack = state.stack.map(
    ({ index, tag, value, bytes }): Variable => ({
      name: `st${index}`,
      value: tag === 'empty' ? 'empty' : String(value),
      type: [...bytes].reverse().map((byte) => byte.toString(16).padStart(2, '0')).join(''), // biome-ignore format: one line
    }),
  );
  return [
    ...stack,
    { name: 'control', value: hex(state.control, 4), type: `${state.precision}, rounds ${state.rounding}` },
    { name: 'status', value: hex(state.status, 4), type: [...state.exceptions, ...state.conditions].join(' ') },
    { name: 'tags', value: hex(state.tagWord, 4) },
  ];
}

// ---- address space
function areaVariables(task: Task): Variable[] {
  if (!task.hasMemory()) return [];
  return [
    { name: 'CR3', value: hex(task.mm.cr3, 8), type: 'physical address of the PML4' },
    ...viewAreas(task).map(
      (area): Variable => ({
        name: `${hex(area.start)}-${hex(area.end)}`,
        value: `${area.rights} ${area.name || area.backing}`,
        type: area.backing,
        address: area.start,
        children: () => areaDetails(task, area),
      }),
    ),
  ];
}

/** Pages of an area that are listed one by one. */
const MOST_PAGES = 256;

function areaDetails(task: Task, area: AreaView): Variable[] {
  const pages: Variable[] = [];
  let more = 0;
  for (const { vpn, entry } of task.mm.pageTable.entries(area.vma.start, area.vma.end)) {
    if (pages.length >= MOST_PAGES) {
      more++;
      continue;
    }
    const address = BigInt(vpn) * BigInt(PAGE_SIZE);
    pages.push({
      name: hex(address),
      value: `frame ${hex(ptePfn(entry) * PAGE_SIZE, 8)}  ${describePteFlags(entry)}`,
      address,
      children: () => walkSteps(task, address),
    });
  }
  const facts: Variable[] = [
    { name: 'bytes', value: String(area.sizeBytes) },
    { name: 'backing', value: area.backing },
    { name: 'pages in use', value: String(pages.length + more) },
  ];
  if (more > 0) pages.push({ name: '...', value: `${more} more pages` });
  return [...facts, ...pages];
}

// ---- walks
const POINTERS = ['rip', 'rsp', 'rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15']; // biome-ignore format: one line

/** Of what RIP, RSP and registers that hold mapped addresses point to. */
function walkVariables(task: Task): Variable[] {
  const values = registerValues(task);
  return POINTERS.flatMap((name) => {
    const address = values.get(name);
    const walk = address === undefined ? undefined : walkAddress(task, address);
    if (address === undefined || walk?.vma === undefined) return [];
    const end = walk.pfn === undefined ? 'no frame' : `frame ${hex(walk.pfn * PAGE_SIZE, 8)}`;
    return [{ name: `${name} = ${hex(address)}`, value: end, address, children: () => walkSteps(task, address) }];
  });
}

function walkSteps(task: Task, address: bigint): Variable[] {
  const walk = walkAddress(task, address);
  if (walk === undefined) return [];
  const steps = walk.steps.map(
    ({ level, index, entry }): Variable => ({
      name: `${level}[${index}]`,
      value: entry === 0n ? 'nothing' : `${hex(ptePfn(entry) * PAGE_SIZE, 8)}  ${describePteFlags(entry)}`,
      type: hex(entry, 16),
    }),
  );
  return walk.pfn === undefined ? steps : [...steps, frameVariable(task, walk.pfn)];
}

function frameVariable(task: Task, pfn: Pfn): Variable {
  const frame = viewFrame(task.kernel, pfn);
  const mappings = frame?.mappings ?? [];
  return {
    name: 'frame',
    value: `${hex(pfn * PAGE_SIZE, 8)}, ${mappings.length} mapping${mappings.length === 1 ? '' : 's'}`,
    children: () =>
      mappings.map(({ processes, address, entry }) => ({
        name: `pid ${processes.map(({ pid }) => pid).join(', ')}`,
        value: `${hex(address)}  ${describePteFlags(entry)}`,
      })),
  };
}
