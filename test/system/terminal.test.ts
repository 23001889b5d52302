/** The command in a real terminal, that of script(1): a program does there what it does natively. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileC } from '../../asm/compile.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');
const SOURCE = `
#include <stdio.h>
#include <termios.h>
#include <unistd.h>
int main(void) {
  char line[100];
  struct termios t;
  setvbuf(stdout, 0, _IONBF, 0);
  printf("%d%d%d\\n", isatty(0), isatty(1), isatty(2));
  while (fgets(line, sizeof line, stdin)) printf("got %s", line);
  tcgetattr(0, &t);
  printf("end %x %x\\n", t.c_iflag & 0x500, t.c_lflag & 0x3b);
  return 7;
}`;
let dir: string;
let program: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-terminal-'));
  program = join(dir, 'program');
  writeFileSync(join(dir, 'program.c'), SOURCE);
  compileC('gcc', ['-O1'], join(dir, 'program.c'), program);
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What a terminal shows, without what is typed before the program reads it. */
function inTerminal(command: string): { status: number | null; lines: string[] } {
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    input: 'one\ntwo\n',
    encoding: 'utf8',
  });
  return { status, lines: stdout.split(/[\r\n]+/).filter((line) => /^(?:got|end|\d)/.test(line)) };
}

test('is a terminal, with lines, an end and the settings of one', () => {
  const native = inTerminal(program);
  expect(native).toMatchObject({ status: 7, lines: ['111', 'got one', 'got two', 'end 500 3b'] });
  expect(inTerminal(`"${process.execPath}" "${CLI}" run ${program}`)).toEqual(native);
});

test('--no-tty: is none', () => {
  const { status, lines } = inTerminal(`"${process.execPath}" "${CLI}" run --no-tty ${program}`);
  expect([status, lines[0]]).toEqual([7, '000']);
});

test('the terminal of the host is as it was, however the run ends', () => {
  for (const how of ['run', 'run --max-instructions 100', 'run --nonsense'])
    expect(
      inTerminal(
        `stty -a > ${dir}/a; "${process.execPath}" "${CLI}" ${how} ${program}; stty -a | diff - ${dir}/a && echo 1same`,
      ).lines,
    ).toContain('1same');
});
