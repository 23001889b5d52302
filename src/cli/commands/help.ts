/** `pml4 help` and `pml4 --version`. */
import manifest from '../../../package.json' with { type: 'json' };
import { EXPLORE_OPTIONS } from '../explore/options.ts';
import { GDB_OPTIONS } from '../gdb-options.ts';
import { DEBUG_OPTIONS, EXPLAIN_OPTIONS, INFO_OPTIONS, RUN_OPTIONS, SERVE_OPTIONS } from '../options.ts';
import { describeOptions } from '../parse-options.ts';

/** Of each command: its line of the overview, and its options. */
const RUN = {
  usage: '  pml4 run [options] PROGRAM [ARGS...]       run it; exits with its status, 128+N if signal N killed it\n',
  options: `Options of run; words after PROGRAM are the program's own:
${describeOptions(RUN_OPTIONS)}`,
};
const DEBUG = {
  usage: '  pml4 debug [options] PROGRAM [ARGS...]     the debugger, forwards and backwards: terminal view or script\n',
  options: `Options of debug; without a terminal it reads commands from its input:\n${describeOptions(DEBUG_OPTIONS)}`,
};
const EXPLORE = {
  usage:
    '  pml4 explore [options] PROGRAM [ARGS...]   run it under many schedules; 1 when they do not all end the same way\n',
  options: `Options of explore, besides env, memory, max-instructions (default 1 thousand million), timeout, quantum and cpu of run:
${describeOptions(EXPLORE_OPTIONS)}`,
};
const DAP = {
  usage:
    '  pml4 dap                                   debug adapter on standard input and output: VS Code and others\n',
  options: 'The client says in its launch request what to run.\n',
};
const EXPLAIN = {
  usage: '  pml4 explain [options] PROGRAM [ARGS...]   run it, and tell what happened in its page tables\n',
  options: `Options of explain:\n${describeOptions(EXPLAIN_OPTIONS)}`,
};
const GDB = {
  usage: '  pml4 gdb [options] PROGRAM [ARGS...]       wait for a gdb (--port N) to debug it, forwards and backwards\n',
  options: `Options of gdb:\n${describeOptions(GDB_OPTIONS)}`,
};
const SERVE = {
  usage: '  pml4 serve [options] [PROGRAM [ARGS...]]   the browser view, served to this computer alone\n',
  options: `Options of serve; those of the machine are for PROGRAM:\n${describeOptions(SERVE_OPTIONS)}`,
};
const INFO = {
  usage: '  pml4 info [options] PROGRAM...             what is in the ELF file\n',
  options: `Options of info:\n${describeOptions(INFO_OPTIONS)}`,
};

export const HELP = `pml4 runs x86-64 Linux programs on a modeled machine and shows what happens in its page tables.

${RUN.usage}${DEBUG.usage}${GDB.usage}${DAP.usage}${EXPLORE.usage}${EXPLAIN.usage}${SERVE.usage}${INFO.usage}  pml4 help [COMMAND], pml4 --version

${RUN.options}
${DEBUG.options}
${GDB.options}
${EXPLORE.options}
${INFO.options}
pml4's own endings: 124 cut short by a limit, 125 bad option or a bug of ours, 126 not an x86-64 ELF executable,
127 no such file.
`;

const COMMANDS: Readonly<Record<string, typeof RUN>> = {
  run: RUN,
  debug: DEBUG,
  gdb: GDB,
  explore: EXPLORE,
  dap: DAP,
  explain: EXPLAIN,
  serve: SERVE,
  info: INFO,
};

/** All of it, or what concerns one command. */
export function help(command?: string): number {
  const one = command !== undefined && Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  process.stdout.write(one === undefined ? HELP : `${one.usage}\n${one.options}`);
  return 0;
}

export function version(): number {
  process.stdout.write(`pml4 ${manifest.version}\n`);
  return 0;
}
