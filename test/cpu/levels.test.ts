/** x86-64-v1 and v2: what comes later is #UD there, or what it was before, and CPUID does not tell of it. */
import { describe, expect, test } from 'vitest';
import { cpuid } from '../../src/cpu/cpuid.ts';
import { decode } from '../../src/cpu/decode.ts';
import { disassemble } from '../../src/cpu/disasm.ts';
import type { CpuLevel } from '../../src/cpu/isa/features.ts';

function text(code: string, level: CpuLevel): string {
  const bytes = Uint8Array.from(code.split(' '), (byte) => Number.parseInt(byte, 16));
  const insn = decode(bytes, 0, bytes.length, 0x401000n, level);
  return typeof insn === 'string' ? insn : disassemble(insn);
}

test.each<[code: string, v1: string, v2: string, v3: string]>([
  ['66 0f fe c1', 'paddd xmm0, xmm1', 'paddd xmm0, xmm1', 'paddd xmm0, xmm1'],
  ['66 0f 38 00 c1', 'invalid', 'pshufb xmm0, xmm1', 'pshufb xmm0, xmm1'],
  ['f3 0f b8 c1', 'invalid', 'popcnt eax, ecx', 'popcnt eax, ecx'],
  ['48 0f c7 0e', 'invalid', 'cmpxchg16b [rsi]', 'cmpxchg16b [rsi]'],
  ['0f 38 f0 06', 'invalid', 'invalid', 'movbe eax, [rsi]'],
  ['c5 f1 fe c2', 'invalid', 'invalid', 'vpaddd xmm0, xmm1, xmm2'],
  ['c4 e2 70 f2 c2', 'invalid', 'invalid', 'andn eax, ecx, edx'],
  ['66 0f 38 dc c1', 'invalid', 'invalid', 'aesenc xmm0, xmm1'],
  ['0f c7 f0', 'invalid', 'invalid', 'rdrand eax'],
  // Processors without them execute what the prefix does nothing to.
  ['f3 0f bd c1', 'bsr eax, ecx', 'bsr eax, ecx', 'lzcnt eax, ecx'],
  ['f3 0f bc c1', 'bsf eax, ecx', 'bsf eax, ecx', 'tzcnt eax, ecx'],
])('%s', (code, v1, v2, v3) => {
  expect([text(code, 1), text(code, 2), text(code, 3)]).toEqual([v1, v2, v3]);
});

describe('CPUID', () => {
  const SSE3 = 1, FMA = 1 << 12, AVX = 1 << 28, AVX2 = 1 << 5, LZCNT = 1 << 5; // biome-ignore format: one line
  test.each<[level: CpuLevel, sse3: boolean, v3: boolean]>([
    [1, false, false],
    [2, true, false],
    [3, true, true],
  ])('level %i', (level, sse3, v3) => {
    const { ecx, edx } = cpuid(1, 0, level);
    expect([ecx & SSE3, ecx & FMA, ecx & AVX].map(Boolean)).toEqual([sse3, v3, v3]);
    expect((cpuid(7, 0, level).ebx & AVX2) !== 0).toBe(v3);
    expect((cpuid(0x8000_0001, 0, level).ecx & LZCNT) !== 0).toBe(v3);
    expect(cpuid(13, 0, level).ebx).toBe(v3 ? 832 : 0);
    // x87, SSE, SSE2: every x86-64 processor.
    expect(edx & 0x0600_0001).toBe(0x0600_0001);
  });
  test('caches and topology end', () => {
    expect(cpuid(4, 4, 3).eax).toBe(0);
    expect(cpuid(11, 2, 3)).toMatchObject({ ebx: 0, ecx: 2 });
  });
});
