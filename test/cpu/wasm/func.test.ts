import { expect, test } from 'vitest';
import { F64, I32, I64 } from '../../../src/cpu/wasm/code.ts';
import { type AnyFuncDef, define, FuncLibrary, load, op, select } from '../../../src/cpu/wasm/func.ts';
import { ModuleWriter } from '../../../src/cpu/wasm/module.ts';

type Func = (...args: (number | bigint)[]) => unknown;
function compile(def: AnyFuncDef): Func {
  const m = new ModuleWriter();
  m.importMemory('m', 'memory', 1);
  m.export('f', new FuncLibrary(m).use(def));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  return new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { m: { memory } }).exports.f as Func;
}

test('a loop with an early end', () => {
  const gcd = define('gcd', [I64, I64], [I64], (f, x, y) => {
    f.loop((leave) => {
      f.if(y.isZero(), leave);
      const rest = f.let(x.remU(y));
      x.set(y);
      y.set(rest);
    });
    return x;
  });
  expect(compile(gcd)(84n, 36n)).toBe(12n);
});

test('if, else, select and early return', () => {
  const sign = define('sign', [I64], [I32], (f, x) => {
    f.if(x.eq(0), () => f.return(select(x.eq(0), x.wrap(), 7)));
    const result = f.local(I32);
    f.if(
      x.ltS(0),
      () => result.set(-1),
      () => result.set(1),
    );
    return result;
  });
  expect([5n, 0n, -9n].map((x) => compile(sign)(x))).toEqual([1, 0, -1]);
});

test('functions call each other, with several results; shift counts of either width', () => {
  const parts = define('parts', [I64], [I32, I64], (_f, x) => [x.wrap(), x.shrU(32)]);
  const swap = define('swap', [I64, I32], [I64], (f, x, count) => {
    const [low, high] = f.calls(parts, x);
    return low.extendU().shl(count).or(high);
  });
  expect(compile(swap)(0x1111_2222_3333_4444n, 32)).toBe(0x3333_4444_1111_2222n);
});

test('floating point and memory', () => {
  const half = define('half', [F64], [F64], (f, x) => {
    f.store(F64, 16, op('f64.mul', x, op('f64.reinterpret_i64', 0x3fe0n << 48n)));
    return load(F64, 8, load(I32, 16).mul(0).add(8));
  });
  expect(compile(half)(5)).toBe(2.5);
});
