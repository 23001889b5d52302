import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flagsImage } from '../../src/cpu/flags.ts';
import { makeRuntime } from '../../src/cpu/runtime.ts';
import { Frames } from '../../src/mem/frames.ts';

type Func = (...args: (bigint | number)[]) => bigint & number;
const runtime = makeRuntime(new Frames(16 * 1024 * 1024), new WebAssembly.Table({ element: 'anyfunc', initial: 4 }));
const f = runtime.exports as unknown as Record<string, Func>;
const u64 = (x: bigint) => BigInt.asUintN(64, x);
const s64 = (x: bigint) => BigInt.asIntN(64, x);
const word = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(0n, 1n, (1n << 64n) - 1n, 1n << 63n, (1n << 63n) - 1n, 1n << 32n),
  fc.tuple(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat(63)).map(([x, n]) => x >> BigInt(n)),
);
/** Bits of an f64: numbers that are equal, zeros, infinities, a NaN. */
const number = fc.constantFrom(
  0n,
  1n << 63n,
  0x3ffn << 52n,
  0xbffn << 52n,
  0x7ffn << 52n,
  0xfffn << 52n,
  0x7ff8n << 48n,
);
const RUNS = { numRuns: 3000 };

test('unsigned 128 by 64 bit division', () => {
  fc.assert(
    fc.property(word, word, word, (high, low, divisor) => {
      const dividend = (high << 64n) | low;
      if (high >= divisor) return;
      expect(u64(f.divQuotientU(high, low, divisor))).toBe(dividend / divisor);
    }),
    RUNS,
  );
});

test('signed 128 by 64 bit division', () => {
  const high = fc.oneof(word, fc.constantFrom(0n, (1n << 64n) - 1n));
  fc.assert(
    fc.property(high, word, word, (h, low, d) => {
      const dividend = BigInt.asIntN(128, (h << 64n) | low);
      const divisor = s64(d);
      const quotient = divisor === 0n ? 0n : dividend / divisor;
      const fits = divisor !== 0n && quotient === s64(quotient);
      expect(f.divFitsS(h, low, d)).toBe(fits ? 1 : 0);
      if (!fits) return;
      expect(s64(f.divQuotientS(h, low, d))).toBe(quotient);
    }),
    RUNS,
  );
});

test('the flags of every kind and width are those that flags.ts computes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        ...Array.from({ length: 28 }, (_, i) => i),
        // KIND_ORDER has one width.
        31,
        ...[0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 31].map((i) => i + 32),
      ),
      fc.oneof(word, number),
      fc.oneof(word, number),
      fc.nat(1),
      (fop, x, y, fcBit) => {
        const kind = (fop & 31) >> 2;
        const width = kind === 5 ? 64 : 8 << (fop & 3);
        const fx = BigInt.asUintN(width, x);
        const fy = kind === 2 ? y & 0x11n : BigInt.asUintN(width, y);
        expect(f.flagsImage(fop, fx, fy, fcBit)).toBe(flagsImage(fop, fx, fy, fcBit));
      },
    ),
    RUNS,
  );
});
