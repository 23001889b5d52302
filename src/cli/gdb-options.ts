/** Options of `pml4 gdb`. Those of the machine are `run`'s. */
import { DEBUGGED_MACHINE, flag, number, port } from './options.ts';
import type { OptionTable, OptionValues } from './parse-options.ts';

export const GDB_OPTIONS = {
  port: number('N', 'listen on this TCP port of 127.0.0.1 (0: any that is free)', port),
  once: flag('end when the first client has gone (default: wait for the next)'),
  'output-to-gdb': flag('show what the program prints in gdb (default: on our own output)'),
  ...DEBUGGED_MACHINE,
} as const satisfies OptionTable;

export type GdbOptionValues = OptionValues<typeof GDB_OPTIONS>;
