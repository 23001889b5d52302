/** Why everything stopped, as a packet's body. GDB manual, "Stop Reply Packets". */
import type { Ending } from '../abi/wait.ts';
import type { Task } from '../kernel/task/task.ts';
import { hexOfString } from './bytes.ts';
import { FRAME_REGISTERS, REGISTERS, readRegister } from './registers.ts';
import { gdbSignal } from './signals.ts';
import { threadIdText } from './thread-id.ts';

export interface StopEvent {
  readonly task: Task;
  /** As Linux counts; 0 for none. */
  readonly signal: number;
  /** Such as `swbreak:` or `fork:p65.65`. */
  readonly reason?: string | undefined;
}

const hex2 = (byte: number): string => byte.toString(16).padStart(2, '0');

/** A thread has stopped; what gdb looks at first comes along. */
export function stopText({ task, signal, reason }: StopEvent): string {
  const registers = FRAME_REGISTERS.map((number) => {
    const value = readRegister(task, REGISTERS[number]);
    return value === undefined ? '' : `${hex2(number)}:${value};`;
  });
  const thread = `thread:${threadIdText(task.pid, task.tid)};core:0;`;
  return `T${hex2(gdbSignal(signal))}${reason === undefined ? '' : `${reason};`}${registers.join('')}${thread}`;
}

/** A process has ended. */
export const endText = (pid: number, ending: Ending): string =>
  ending.kind === 'exited'
    ? `W${hex2(ending.status & 0xff)};process:${pid.toString(16)}`
    : `X${hex2(gdbSignal(ending.signal))};process:${pid.toString(16)}`;

/** No thread that is attached to is left to run, or there is no program at all. */
export const NOTHING_RUNS = 'N';
export const NO_PROGRAM = 'W00';

/** Parts of a reason. */
export const REASON = {
  breakpoint: 'swbreak:',
  hardwareBreakpoint: 'hwbreak:',
  watch: (kind: 'write' | 'read' | 'access', address: bigint): string =>
    `${{ write: 'watch', read: 'rwatch', access: 'awatch' }[kind]}:${address.toString(16)}`,
  fork: (kind: 'fork' | 'vfork', child: Task): string => `${kind}:${threadIdText(child.pid, child.tid)}`,
  vforkDone: 'vforkdone:',
  exec: (path: string): string => `exec:${hexOfString(path)}`,
  callEntry: (number: number): string => `syscall_entry:${number.toString(16)}`,
  callReturn: (number: number): string => `syscall_return:${number.toString(16)}`,
  threadCreated: 'create:',
  historyBegin: 'replaylog:begin',
  historyEnd: 'replaylog:end',
} as const;
