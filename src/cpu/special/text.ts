/** String comparison and CRC-32C, for isa/sse42.ts. Intel SDM Vol. 2B, "PCMPESTRI" and Vol. 2A, "CRC32". */
import { I32, I64, V128 } from '../wasm/code.ts';
import { define, type Func, type Int, i32, op, select, type Value, type Var, v128 } from '../wasm/func.ts';

type Vector = Value<typeof V128>;
type Word = Int<typeof I32>;

/** Bits of the immediate. */
const WORDS = 1, SIGNED = 2, NEGATIVE = 0x10, MASKED = 0x20; // biome-ignore format: one line
const AGGREGATION = 0x0c, RANGES = 4, EACH = 8; // biome-ignore format: one line

/** 2^n - 1 */
const lowBits = (n: Word): Word => i32(1).shl(n).sub(1);

/** Elements of two vectors, bytes or words. */
class Strings {
  private readonly _f: Func;
  private readonly _isWords: Word;
  constructor(f: Func, imm: Word) {
    this._f = f;
    this._isWords = f.let(imm.and(WORDS));
  }
  /** Every element := number i of x. */
  spread(x: Vector, i: Word): Var<typeof V128> {
    const { local } = this._either(
      () => op('i8x16.splat', i),
      () => op('i16x8.splat', i.mul(0x0202).add(0x0100)),
    );
    return this._f.let(op('i8x16.swizzle', x, local));
  }
  /** One bit for each element where `compare` holds. */
  bits(compare: (shape: 'i8x16' | 'i16x8') => Vector): Var<typeof I32> {
    const result = this._f.local(I32);
    this._f.if(
      this._isWords,
      () => result.set(op('i16x8.bitmask', compare('i16x8'))),
      () => result.set(op('i8x16.bitmask', compare('i8x16'))),
    );
    return result;
  }
  private _either(bytes: () => Vector, words: () => Vector): { local: Var<typeof V128> } {
    const local = this._f.local(V128);
    this._f.if(this._isWords, () => local.set(words()), () => local.set(bytes())); // biome-ignore format: one line
    return { local };
  }
}

const eachBelow = (f: Func, end: Word, step: number, body: (i: Var<typeof I32>) => void): void => {
  const i = f.let(i32(0));
  f.while(i.ltU(end), () => {
    body(i);
    i.set(i.add(step));
  });
};

const high = (shape: 'i8x16' | 'i16x8'): Vector => {
  const half = shape === 'i8x16' ? 0x8080_8080_8080_8080n : 0x8000_8000_8000_8000n;
  return v128(half, half);
};

/** -(x & 1) & 82F63B78h, x moved by one. */
const crcStep = (crc: Word): Word =>
  crc.shrU(1).xor(
    crc
      .and(1)
      .neg()
      .and(0x82f6_3b78 | 0),
  );

export const TEXT_FUNCS = {
  /** (x, y, their lengths, immediate) -> IntRes2: one bit for each element. */
  compareStrings: define('compareStrings', [V128, V128, I32, I32, I32], [I32], (f, x, y, xLength, yLength, imm) => {
    const strings = new Strings(f, imm);
    const all = f.let(select(imm.and(WORDS), i32(0xff), i32(0xffff)));
    const [xValid, yValid] = [f.let(lowBits(xLength)), f.let(lowBits(yLength))];
    const result = f.local(I32);
    const kind = f.let(imm.and(AGGREGATION));
    f.block((leave) => {
      f.if(kind.eqz(), () => {
        eachBelow(f, xLength, 1, (i) => {
          const one = strings.spread(x, i);
          result.set(result.or(strings.bits((shape) => op(`${shape}.eq`, one, y))));
        });
        result.set(result.and(yValid));
        leave();
      });
      f.if(kind.eq(RANGES), () => {
        // Both as signed numbers.
        const bias = (v: Var<typeof V128>) =>
          f.if(imm.and(SIGNED).eqz(), () =>
            f.if(
              imm.and(WORDS),
              () => v.set(op('v128.xor', v, high('i16x8'))),
              () => v.set(op('v128.xor', v, high('i8x16'))),
            ),
          );
        const [p, q] = [f.let(x), f.let(y)];
        bias(p);
        bias(q);
        // An odd one at the end is no range.
        eachBelow(f, xLength.and(-2), 2, (i) => {
          const [from, to] = [strings.spread(p, i), strings.spread(p, i.add(1))];
          const outside = strings.bits((shape) =>
            op('v128.or', op(`${shape}.gt_s`, from, q), op(`${shape}.gt_s`, q, to)),
          );
          result.set(result.or(outside.not()));
        });
        result.set(result.and(yValid));
        leave();
      });
      f.if(kind.eq(EACH), () => {
        const same = strings.bits((shape) => op(`${shape}.eq`, x, y));
        const both = xValid.and(yValid).and(same);
        result.set(both.or(xValid.or(yValid).not()).and(all));
        leave();
      });
      result.set(all);
      eachBelow(f, xLength, 1, (i) => {
        const one = strings.spread(x, i);
        const same = strings.bits((shape) => op(`${shape}.eq`, one, y)).and(yValid);
        result.set(result.and(same.shrU(i).or(all.shrU(i).not())));
      });
      result.set(result.and(all));
    });
    f.if(imm.and(NEGATIVE), () => result.set(result.xor(select(imm.and(MASKED), yValid, all))));
    return result;
  }),
  /** (CRC, data, its bits) -> CRC. */
  crc32c: define('crc32c', [I32, I64, I32], [I32], (f, crc, data, bits) => {
    crc.set(crc.xor(data.wrap()));
    const steps = (count: Word) => eachBelow(f, count, 8, () => {
      for (let i = 0; i < 8; i++) crc.set(crcStep(crc));
    }); // biome-ignore format: a loop
    f.if(
      bits.eq(64),
      () => {
        steps(i32(32));
        crc.set(crc.xor(data.shrU(32).wrap()));
        steps(i32(32));
      },
      () => steps(bits),
    );
    return crc;
  }),
};
