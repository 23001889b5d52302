/** `--stats`: counters of the run, a line each. */
import type { Machine } from '../machine/machine.ts';
import type { RunResult } from '../machine/result.ts';

export function describeStats(machine: Machine, { instructions, processes }: RunResult, milliseconds: number): string {
  const number = (value: number): string => value.toLocaleString('en');
  const perSecond = milliseconds > 0 ? instructions / milliseconds / 1000 : 0;
  const lines: [string, string][] = [
    ['instructions', `${number(instructions)} (${perSecond.toFixed(1)} million a second)`],
    ['time', `${milliseconds.toFixed(1)} ms`],
    ['processes', number(processes.length)],
    ['frames handed out', number(machine.frames.allocations())],
    ['frames in use', number(machine.frames.inUse())],
    ...Object.entries(machine.cpu.counters).map(([name, value]): [string, string] => [name, number(value)]),
  ];
  return lines.map(([name, value]) => `pml4: ${name.padEnd(20)} ${value}\n`).join('');
}
