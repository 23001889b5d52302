/** `pml4 help` and `pml4 --version`. */
import manifest from '../../../package.json' with { type: 'json' };
import { EXPLORE_OPTIONS } from '../explore/options.ts';
import { INFO_OPTIONS, RUN_OPTIONS } from '../options.ts';
import { describeOptions } from '../parse-options.ts';

export const HELP = `pml4 runs x86-64 Linux programs on a modeled machine and shows what happens in its page tables.

  pml4 run [options] PROGRAM [ARGS...]    run it; exits with its status, 128+N if signal N killed it
  pml4 explore [options] PROGRAM [ARGS...]   run it under many schedules; 1 when they do not all end the same way
  pml4 info [options] PROGRAM...          what is in the ELF file
  pml4 help, pml4 --version

Options of run; words after PROGRAM are the program's own:
${describeOptions(RUN_OPTIONS)}
Options of explore, besides env, memory, max-instructions (default 1 thousand million), timeout, quantum and cpu of run:
${describeOptions(EXPLORE_OPTIONS)}
Options of info:
${describeOptions(INFO_OPTIONS)}
pml4's own endings: 124 cut short by a limit, 125 bad option or a bug of ours, 126 not an x86-64 ELF executable,
127 no such file.
`;

export function help(): number {
  process.stdout.write(HELP);
  return 0;
}

export function version(): number {
  process.stdout.write(`pml4 ${manifest.version}\n`);
  return 0;
}
