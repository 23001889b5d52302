/**
 * A run that is cut short at any instruction leaves the host's files as a killed process leaves them on Linux: what
 * msync(2) has promised is there, and no byte is anything but what it was or became.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileC } from '../../asm/compile.ts';
import { loadImage, Machine } from '../../src/index.ts';

/** Fills two pages of a file with b, then c, d and e; says `s` after each msync. */
const SOURCE = `#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void) {
  int fd = open("/mnt/file", O_RDWR);
  char *p = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  for (int turn = 0; turn < 4; turn++) {
    memset(p, 'b' + turn, 8192);
    if (msync(p, 8192, MS_SYNC)) return 1;
    write(1, "s", 1);
  }
  return 0;
}
`;
const STEP = 5;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-cut-'));
  mkdirSync(join(dir, 'mnt'));
});
afterAll(() => rmSync(dir, { recursive: true }));

test('a program that is killed around its msync', async () => {
  writeFileSync(join(dir, 'fill.c'), SOURCE);
  compileC('musl-gcc', ['-O1'], join(dir, 'fill.c'), join(dir, 'fill'));
  const image = await loadImage(join(dir, 'fill'));
  const file = join(dir, 'mnt/file');
  const outputs = new Set<string>();
  for (let instructions = 1, outcome = ''; outcome !== 'exited'; instructions += STEP) {
    writeFileSync(file, 'a'.repeat(8192));
    const machine = new Machine({ mounts: [{ host: join(dir, 'mnt'), guest: '/mnt', writable: true }] });
    await machine.load(image, '/fill');
    const result = await machine.run({ maxInstructions: instructions });
    outcome = result.outcome;
    outputs.add(result.stdout);
    const now = readFileSync(file, 'latin1');
    machine.dispose();
    const afterwards = readFileSync(file, 'latin1');
    const promised = 'abcde'.slice(result.stdout.length);
    for (const bytes of [now, afterwards]) {
      expect(bytes.length).toBe(8192);
      expect([...new Set(bytes)].filter((byte) => !promised.includes(byte))).toEqual([]);
    }
  }
  expect([...outputs]).toEqual(['', 's', 'ss', 'sss', 'ssss']);
});
