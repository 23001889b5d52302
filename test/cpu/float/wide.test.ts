import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divWide, mulWide, normalizeWide, rootWide, shiftRightJam } from '../../../src/cpu/float/wide.ts';
import { FuncLibrary } from '../../../src/cpu/wasm/func.ts';
import { ModuleWriter } from '../../../src/cpu/wasm/module.ts';

type Func = (...args: (bigint | number)[]) => [bigint, bigint & number, bigint];
const m = new ModuleWriter();
const library = new FuncLibrary(m);
for (const def of [mulWide, shiftRightJam, divWide, rootWide, normalizeWide]) m.export(def.name, library.use(def));
const f = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), {}).exports as unknown as Record<string, Func>;
const u64 = (x: bigint) => BigInt.asUintN(64, x);
const wide = ([high, low]: readonly [bigint, bigint, ...unknown[]]) => (u64(high) << 64n) | u64(low);

const word = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(0n, 1n, (1n << 64n) - 1n, 1n << 63n, (1n << 63n) - 1n, 1n << 32n),
  fc.tuple(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat(63)).map(([x, n]) => x >> BigInt(n)),
);
const RUNS = { numRuns: 3000 };

test('products of 128 bits', () => {
  fc.assert(
    fc.property(word, word, (x, y) => {
      expect(wide(f.mulWide(x, y))).toBe(x * y);
    }),
    RUNS,
  );
});

test('a right shift keeps in its last bit whether something was lost', () => {
  fc.assert(
    fc.property(word, word, fc.nat(200), (high, low, n) => {
      const x = (high << 64n) | low;
      const lost = x & ((1n << BigInt(n)) - 1n) ? 1n : 0n;
      expect(wide(f.shiftRightJam(high, low, n))).toBe((x >> BigInt(n)) | lost);
    }),
    RUNS,
  );
});

test('division of 128 by 64 bits', () => {
  fc.assert(
    fc.property(word, word, word, (high, low, divisor) => {
      const d = divisor | (1n << 63n);
      const [quotient, rest] = f.divWide(high % d, low, d);
      const x = ((high % d) << 64n) | low;
      expect([u64(quotient), u64(rest)]).toEqual([x / d, x % d]);
    }),
    RUNS,
  );
});

test('roots', () => {
  fc.assert(
    fc.property(word, word, (high, low) => {
      const x = ((high | (1n << 62n)) << 64n) | low;
      const [root, restHigh, rest] = f.rootWide(high | (1n << 62n), low);
      const r = u64(root);
      expect(r * r <= x && (r + 1n) * (r + 1n) > x).toBe(true);
      expect((BigInt(restHigh) << 64n) | u64(rest)).toBe(x - r * r);
    }),
    RUNS,
  );
});

test('a number is shifted until its first bit is the top one', () => {
  fc.assert(
    fc.property(word, word, fc.nat(127), (high, low, n) => {
      const x = ((high << 64n) | low) >> BigInt(n);
      const [h, l, by] = f.normalizeWide(x >> 64n, u64(x));
      const length = x.toString(2).length;
      expect([wide([h, l]), Number(by)]).toEqual(x === 0n ? [0n, 0] : [x << BigInt(128 - length), 128 - length]);
    }),
    RUNS,
  );
});
