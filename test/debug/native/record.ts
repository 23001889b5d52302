/**
 * `node test/debug/native/record.ts`: asks a real gdb every line of expressions.txt about the program `state` where it
 * stops at `here`, and writes what it answers beside it, to expressions.golden. Assembles `state.asm` and `echo.asm` first.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DIR = import.meta.dirname;
const MARK = '@@@';

/** The programs beside this file, with line tables. */
export function build(name: string): void {
  run('nasm', ['-f', 'elf64', '-g', '-F', 'dwarf', `${name}.asm`, '-o', `${name}.o`]);
  run('ld', [`${name}.o`, '-o', name]);
  run('rm', [`${name}.o`]);
}

/** What gdb prints for each of some commands, given to it on standard input after `first`. */
export function askGdb(program: string, first: readonly string[], commands: readonly string[]): string[] {
  const quote = (text: string): string => text.replaceAll('\\', '\\\\');
  const input = [
    'set width 0',
    'set height 0',
    'set confirm off',
    'set startup-with-shell off',
    'set disassembly-flavor intel',
    ...first,
    ...commands.flatMap((command) => [`echo ${quote(MARK)}\\n`, command]),
    `echo ${MARK}\\n`,
    '',
  ].join('\n');
  const { stdout } = spawnSync('sh', ['-c', `LC_ALL=C gdb -q -nx '${program}' 2>&1`], {
    input,
    encoding: 'utf8',
    cwd: DIR,
  });
  return stdout
    .replaceAll('(gdb) ', '')
    .split(`${MARK}\n`)
    .slice(1, commands.length + 1);
}

/** `(gdb) COMMAND` and its answer, one after the other. */
export const transcript = (commands: readonly string[], answers: readonly string[]): string =>
  commands
    .map((command, i) => `(gdb) ${command}\n${answers[i]}${answers[i].endsWith('\n') || answers[i] === '' ? '' : '\n'}`)
    .join('');

export const readCommands = (file: string): string[] =>
  readFileSync(join(DIR, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

/** The golden text again, as pairs. */
export function parseTranscript(text: string): { command: string; answer: string }[] {
  return text
    .split(/^\(gdb\) /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { command: part.slice(0, end), answer: part.slice(end + 1) };
    });
}

export const FIRST = ['break here', 'run'];

function run(tool: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(tool, args, { cwd: DIR, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${tool}: ${stderr}`);
}

if (import.meta.main) {
  build('state');
  build('echo');
  const commands = readCommands('expressions.txt');
  writeFileSync(join(DIR, 'expressions.golden'), transcript(commands, askGdb('state', FIRST, commands)));
}
