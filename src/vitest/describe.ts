/** What a failing matcher tells of the run. */
import type { RunResult } from '../machine/result.ts';

const LAST_CALLS = 5;
const SHOWN_CHARACTERS = 400;

/** `exited with 1`, `was killed by SIGSEGV`, `was stopped after 1,000 instructions (maxInstructions)`. */
export function describeOutcome({ outcome, status, signal, instructions }: RunResult): string {
  switch (outcome) {
    case 'exited':
      return `exited with ${status}`;
    case 'killed':
      return `was killed by ${signal}`;
    case 'limit':
      return `was stopped after ${instructions.toLocaleString('en')} instructions (maxInstructions)`;
    case 'timeout':
      return 'was stopped when its time was up (timeout)';
    case 'deadlock':
      return 'never ended: every process that was left waited for ever';
  }
}

/** The end of the run: the last calls, what was printed, pml4's own remarks. */
export function describeRun({ syscalls, stdout, stderr, diagnostics, processes }: RunResult): string {
  const several = processes.length > 1;
  const calls = syscalls.slice(-LAST_CALLS).map(({ pid, text }) => `  ${several ? `[pid ${pid}] ` : ''}${text}`);
  return [
    calls.length > 0 ? `Its last system calls:\n${calls.join('\n')}` : 'It made no system call.',
    ...(stdout === '' ? [] : [`Standard output: ${showText(stdout)}`]),
    ...(stderr === '' ? [] : [`Standard error: ${showText(stderr)}`]),
    ...diagnostics.map((message) => `pml4: ${message}`),
  ].join('\n');
}

export function showText(text: string | RegExp): string {
  if (typeof text !== 'string') return String(text);
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  return JSON.stringify(shown);
}

/** strace(1) puts results in a column; what is compared has one space there. */
export const normalSpaces = (text: string): string => text.replace(/\) += /, ') = ');
