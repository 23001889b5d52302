/** C programs as compilers make them, static, with either C library: they end and print here as they do on Linux. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/index.ts';

const SOURCE = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char *heap = malloc(300000);
  memset(heap, argc, 300000);
  double half = argc * 1.5;
  printf("%s %d %zu\\n", argv[1], (int)(half * half * 100), strlen(argv[2]));
  fflush(stdout);
  if (fork() == 0) {
    heap[0]++;
    printf("child %d\\n", heap[0]);
    exit(5);
  }
  int status = 0;
  wait(&status);
  printf("parent %d, child %d\\n", heap[299999], WEXITSTATUS(status));
  free(heap);
  return 4;
}
`;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-c-'));
  writeFileSync(join(dir, 'program.c'), SOURCE);
});
afterAll(() => rmSync(dir, { recursive: true }));

test.each([
  ['gcc', '-O2 -static'],
  ['gcc', '-O0 -static'],
  ['gcc', '-O2 -static-pie'],
  ['musl-gcc', '-O2 -static'],
])('%s %s', async (compiler, options) => {
  const program = join(dir, 'program');
  execFileSync(compiler, [...options.split(' '), '-o', program, 'program.c'], { cwd: dir });
  const args = ['one', 'two words'];
  const native = spawnSync(program, args, { encoding: 'utf8' });
  expect(native.stdout).toBe('one 2025 9\nchild 4\nparent 3, child 5\n');
  const result = await run(program, { args });
  expect(result).toHaveStdout(native.stdout);
  expect(result).toExitWith(native.status!);
  expect(result).toExitWith(5, result.processes[1]);
});
