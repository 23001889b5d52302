/**
 * The registers of any task: in the CPU while it is the loaded one, else in its context. Flags that the CPU has not
 * computed yet are computed from what they follow from; nothing is stored. Intel SDM Vol. 1, "Basic Program Execution
 * Registers".
 */
import { readRflags } from '../../cpu/context-image.ts';
import { selectorOf } from '../../cpu/isa/segment.ts';
import { CpuState, REG_NAMES, type RegName } from '../../cpu/state.ts';
import type { Task } from '../../kernel/task/task.ts';

export const SEGMENT_NAMES = ['cs', 'ss', 'ds', 'es', 'fs', 'gs'] as const;
export type SegmentName = (typeof SEGMENT_NAMES)[number];

/** Bits of RFLAGS, lowest first: as gdb shows them, which leaves out IOPL. Those of the system never are set here. */
export const RFLAGS_BITS = [
  { name: 'CF', bit: 0, meaning: 'carry' },
  { name: 'PF', bit: 2, meaning: 'parity' },
  { name: 'AF', bit: 4, meaning: 'auxiliary carry' },
  { name: 'ZF', bit: 6, meaning: 'zero' },
  { name: 'SF', bit: 7, meaning: 'sign' },
  { name: 'TF', bit: 8, meaning: 'trap' },
  { name: 'IF', bit: 9, meaning: 'interrupts enabled' },
  { name: 'DF', bit: 10, meaning: 'direction' },
  { name: 'OF', bit: 11, meaning: 'overflow' },
  { name: 'NT', bit: 14, meaning: 'nested task' },
  { name: 'RF', bit: 16, meaning: 'resume' },
  { name: 'VM', bit: 17, meaning: 'virtual-8086 mode' },
  { name: 'AC', bit: 18, meaning: 'alignment check' },
  { name: 'VIF', bit: 19, meaning: 'virtual interrupts enabled' },
  { name: 'VIP', bit: 20, meaning: 'virtual interrupt pending' },
  { name: 'ID', bit: 21, meaning: 'CPUID can be used' },
] as const;
export type FlagName = (typeof RFLAGS_BITS)[number]['name'];

export interface Registers {
  /** The sixteen, in order of their encoding. */
  readonly general: Readonly<Record<RegName, bigint>>;
  readonly rip: bigint;
  readonly rflags: number;
  readonly segments: Readonly<Record<SegmentName, number>>;
  readonly fsBase: bigint;
  readonly gsBase: bigint;
}

/** Where a task's registers are now: what is set there is what it goes on with. Undefined: it has ended, and has none. */
export function stateOf(task: Task): CpuState | undefined {
  if (!task.isAlive()) return undefined;
  const { kernel } = task;
  return kernel.current === task ? kernel.cpu.state : CpuState.of(task.context);
}

/** Undefined for a task that has ended. */
export function readRegisters(task: Task): Registers | undefined {
  const state = stateOf(task);
  if (state === undefined) return undefined;
  const general = Object.fromEntries(REG_NAMES.map((name, i) => [name, state.reg(i)]));
  const segments = Object.fromEntries(SEGMENT_NAMES.map((name) => [name, selectorOf(name)]));
  return {
    general: general as Registers['general'],
    rip: state.rip,
    rflags: readRflags(state),
    segments: segments as Registers['segments'],
    fsBase: state.fsBase,
    gsBase: state.gsBase,
  };
}

/** The flags that are set, lowest first: `['PF', 'ZF', 'IF']`. */
export const namesOfFlags = (rflags: number): FlagName[] =>
  RFLAGS_BITS.filter(({ bit }) => rflags & (1 << bit)).map(({ name }) => name);
