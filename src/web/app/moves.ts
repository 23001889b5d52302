/** What a user can make the machine do: one list for buttons, keys and the help on keys. */
import type { MachineStore } from './machine-store.ts';

export interface MoveAction {
  readonly id: string;
  readonly title: string;
  /** What it does, in a sentence, for the tooltip and the list of keys. */
  readonly help: string;
  /** KeyboardEvent.key values; with Shift where they are capitals. */
  readonly keys: readonly string[];
  readonly run: (machine: MachineStore) => unknown;
}

const action = (id: string, title: string, help: string, keys: readonly string[], run: MoveAction['run']): MoveAction => ({
  id,
  title,
  help,
  keys,
  run,
}); // biome-ignore format: one shape

export const MOVES = {
  start: action('start', 'Start', 'Go to the beginning of the run', ['Home'], (m) => m.move({ kind: 'start' })),
  runBack: action('runBack', 'Run back', 'Run backwards to the last breakpoint or the beginning', ['R'], (m) =>
    m.move({ kind: 'continue', direction: 'backward' }),
  ),
  eventBack: action(
    'eventBack',
    'Previous event',
    'Go back by one event: a call, a fault, a fork, an exit',
    ['E', 'ArrowUp'],
    (m) => m.runTo('any', 'backward'),
  ),
  stepBack: action('stepBack', 'Step back', 'Undo one instruction of the selected process', ['S', 'ArrowLeft'], (m) =>
    m.step('backward'),
  ),
  stop: action('stop', 'Stop', 'Stop the run', ['Escape'], (m) => m.stop()),
  step: action('step', 'Step', 'Execute one instruction of the selected process', ['s', 'ArrowRight'], (m) => m.step()),
  over: action('over', 'Step over', 'Execute one instruction, running through what it calls', ['n'], (m) =>
    m.move({ kind: 'over', direction: 'forward' }),
  ),
  out: action('out', 'Step out', 'Run until the function returns', ['o'], (m) =>
    m.move({ kind: 'out', direction: 'forward' }),
  ),
  event: action(
    'event',
    'Next event',
    'Go on by one event: a call, a fault, a fork, an exit',
    ['e', 'ArrowDown'],
    (m) => m.runTo('any'),
  ),
  run: action('run', 'Run', 'Run to the next breakpoint or the end', ['r'], (m) =>
    m.move({ kind: 'continue', direction: 'forward' }),
  ),
  end: action('end', 'End', 'Run to the end, past breakpoints', ['End'], (m) => m.move({ kind: 'end' })),
  fork: action('fork', 'fork', 'Run to the next fork', ['f'], (m) => m.runTo('fork')),
  fault: action('fault', 'Page fault', 'Run to the next page fault', ['p'], (m) => m.runTo('fault')),
  cow: action('cow', 'Copy-on-write break', 'Run to the next copy-on-write break', ['c'], (m) =>
    m.runTo('copy-on-write'),
  ),
  store: action(
    'store',
    'Store to the selected page',
    'Run to the next write to the selected frame, by whomever',
    ['w'],
    (m) => m.runTo('store'),
  ),
  syscall: action('syscall', 'System call', 'Run to the next system call', ['y'], (m) => m.runTo('syscall')),
  write: action('write', 'write', 'Run to the next write(2) and its like', ['O'], (m) => m.runTo('write')),
  signal: action('signal', 'Signal', 'Run to the next signal', ['g'], (m) => m.runTo('signal')),
  exit: action('exit', 'exit', 'Run to the next exit', ['x'], (m) => m.runTo('exit')),
} as const;

export type MoveId = keyof typeof MOVES;
