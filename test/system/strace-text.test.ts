/**
 * C programs whose system calls strace(1) prints: pml4 prints the same. Sources: strace/*.c. What depends on the machine is
 * masked: addresses, numbers of processes, times, the user. Lines are compared by process.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileC } from '../../asm/compile.ts';
import { StraceWriter } from '../../src/cli/strace.ts';
import { run } from '../../src/index.ts';
import { normaliseStrace } from '../helpers/normalise.ts';

const SOURCES = join(import.meta.dirname, 'strace');
const programs = readdirSync(SOURCES)
  .filter((file) => file.endsWith('.c'))
  .map((file) => file.slice(0, -'.c'.length));

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-strace-'));
  spawnSync('chmod', ['777', dir]);
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Set-up of the C library, and what follows from how the program was started. */
const SET_UP =
  /^ *(?:execve|brk|mmap|mprotect|readlink|readlinkat|prlimit64|arch_prctl|set_tid_address|rseq|getrandom|newfstatat|write|ioctl|times|tgkill)\(/;

function masked(strace: string): string[] {
  const pids = [
    ...strace.matchAll(
      /\[pid +(\d+)\]|^(\d+) |(?:getpid|gettid|clone|clone3|getpgrp|setsid|getpgid|getsid)\(.*= (\d+)$/gm,
    ),
  ];
  const numbers = new Set(
    pids.flatMap(([, ...groups]) => groups.filter((group) => group !== undefined && group !== '0')),
  );
  return normaliseStrace(strace)
    .split('\n')
    .filter((line) => !SET_UP.test(line))
    .map((line) =>
      line
        .replace(/stack_size=[^,]+/g, 'stack_size=BYTES')
        .replace(/tv_sec=\d+, tv_[nu]sec=\d+/g, 'TIME')
        .replace(/0x7f[0-9a-f]{6,}|0x[0-9a-f]{7,8}\b(?! \/\*)/g, 'ADDRESS')
        .replace(/<(?:brk|stack|mmap)[^>]*>|\bstack\b(?=[,)])/g, 'ADDRESS')
        .replace(/\b\d{3,}\b/g, (digits) => (numbers.has(digits) ? 'PID' : digits))
        .replace(/<[\d.]+>/g, 'PID')
        .replace(/\b1000\b/g, 'USER'),
    );
}

/** On a loaded machine the first may be another than here. */
const NATIVE_RUNS = 4;

test.each(programs)('%s', async (program) => {
  const file = join(dir, program);
  compileC('gcc', ['-w', '-O1', '-pthread'], join(SOURCES, `${program}.c`), file);
  const trace = join(dir, `${program}.strace`);
  const user = process.getuid?.() === 0 ? ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'] : [];
  // A session of its own: getsid(2) is 0 where the session's leader is outside the PID namespace, as in some containers.
  const [command, ...args] = ['setsid', '-w', ...user, 'strace', '-f', '-o', trace, file];
  let here = '';
  await run(readFileSync(file), { name: file, observer: new StraceWriter((text) => void (here += text)) });
  // Threads race on Linux: one of a few runs has to be the one that happens here.
  let native: string[] = [];
  for (let attempt = 0; attempt < NATIVE_RUNS; attempt++) {
    spawnSync(command, args, { env: { PATH: '/usr/bin:/bin' } });
    native = masked(readFileSync(trace, 'utf8'));
    if (native.join('\n') === masked(here).join('\n')) break;
  }
  expect(masked(here)).toEqual(native);
});
