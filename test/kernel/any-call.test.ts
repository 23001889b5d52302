/** Whatever a program asks for, the kernel answers: no exception, no frame lost, nothing that takes long. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StraceWriter } from '../../src/cli/strace.ts';
import { traceObserver } from '../../src/cli/trace-file.ts';
import { supportedSyscalls } from '../../src/kernel/syscalls/table.ts';
import { combineObservers } from '../../src/machine/recorder.ts';
import { bareProcess, PAGE, PRIVATE_ANON, RW } from '../helpers/bare-process.ts';

const EXITS = [60, 231];
const numbers = supportedSyscalls()
  .map(({ number }) => number)
  .filter((number) => !EXITS.includes(number));

const interesting = fc.constantFrom(
  0n, 1n, 16n, PAGE, 0x60_0000n, 0x7fff_fff0_0000n, 0x7fff_ffff_f000n, 1n << 47n, 1n << 31n, 1n << 32n, 1n << 46n, 1n << 63n,
  0xffff_8000_0000_0000n, 0x11n, 0x21n, 0x22n, 0x31n, 0x32n, 0x8021n, 0x8022n, 100n, 101n, 102n, -1n, -100n, -PAGE,
); // biome-ignore format: a list
const arg = fc.oneof(
  interesting,
  fc.tuple(interesting, fc.integer({ min: -4500, max: 4500 })).map(([base, by]) => base + BigInt(by)),
  fc.nat(40).map((pages) => BigInt(pages) * PAGE),
  fc.nat(1 << 20).map(BigInt),
);
const step = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.oneof(fc.constantFrom(...numbers, 9, 9, 10, 11, 57), fc.nat(500)), fc.array(arg, { minLength: 6, maxLength: 6 })) }, // biome-ignore format: one line
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(0, 2), arg) },
);

test('any sequence of calls and faults is answered', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.constantFrom(1, 4, 64), (steps, mebibytes) => {
      const lines: string[] = [];
      const write = (text: string): void => void lines.push(text);
      const observer = combineObservers([new StraceWriter(write), traceObserver(write)]);
      const { kernel, cpu, frames } = bareProcess(observer, mebibytes << 20);
      let at = 0;
      cpu.script = () => {
        const next = steps[at++];
        if (next === undefined) return cpu.syscall(231, [0n]);
        const [what, given] = next;
        if (Array.isArray(given)) return cpu.syscall(EXITS.includes(what) ? 39 : what, given);
        return { kind: 'pageFault', address: BigInt.asUintN(64, given), errorCode: what };
      };
      expect(['finished', 'deadlock']).toContain(kernel.run(1e15));
      kernel.endAll();
      kernel.shutDown();
      expect(frames.inUse()).toBe(0);
      for (const line of lines) expect(line).toMatch(/^[^\n]+\n$/);
    }),
    { seed: 2024, numRuns: 300 },
  );
});

test('getrandom fills what is there, and makes nothing for what is not', () => {
  const { call } = bareProcess();
  const most = 33_554_431n;
  const start = performance.now();
  for (let i = 0; i < 100; i++) expect(call.getrandom(PAGE, most, 0)).toBe('EFAULT');
  const base = call.mmap(0n, 2n * PAGE, RW, PRIVATE_ANON, -1) as bigint;
  expect(call.munmap(base + PAGE, PAGE)).toBe(0n);
  expect(call.getrandom(base + 96n, most, 0)).toBe(PAGE - 96n);
  expect(performance.now() - start).toBeLessThan(1000);
});
