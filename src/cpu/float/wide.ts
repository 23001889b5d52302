/** Integer arithmetic on 128 bits, as (high, low). */
import { I32, I64 } from '../wasm/code.ts';
import { define, type Int, i64, op, select } from '../wasm/func.ts';

const LOW = 0xffff_ffffn;
const TOP = 1n << 63n;

/** Product of two unsigned 64-bit numbers. */
export const mulWide = define('mulWide', [I64, I64], [I64, I64], (f, x, y) => {
  const low = f.let(x.and(LOW).mul(y.and(LOW)));
  const middle1 = f.let(x.shrU(32).mul(y.and(LOW)));
  const middle2 = f.let(x.and(LOW).mul(y.shrU(32)));
  const carry = f.let(low.shrU(32).add(middle1.and(LOW)).add(middle2.and(LOW)));
  const high = x.shrU(32).mul(y.shrU(32)).add(middle1.shrU(32)).add(middle2.shrU(32)).add(carry.shrU(32));
  return [high, low.and(LOW).or(carry.shl(32))];
});

/** x >> n for n of 0 or more; the lowest bit of the result is also 1 if a 1 was lost. */
export const shiftRightJam = define('shiftRightJam', [I64, I64, I32], [I64, I64], (f, high, low, n) => {
  f.if(n.eqz(), () => f.return(high, low));
  f.if(n.ltU(64), () => {
    const lost = low.shl(back(n)).isSet().extendU();
    f.return(high.shrU(n), high.shl(back(n)).or(low.shrU(n)).or(lost));
  });
  f.if(n.ltU(128), () => {
    const m = f.let(n.sub(64));
    const lost = low
      .or(select(m.isSet(), high.shl(back(m)), 0))
      .isSet()
      .extendU();
    f.return(i64(0), high.shrU(m).or(lost));
  });
  return [0, high.or(low).isSet().extendU()];
});
/** 64 - n, as WebAssembly's shifts take it. */
const back = (n: Int<typeof I32>) => n.neg();

/** Quotient and remainder of (high:low) / d, for d of 2^63 or more and high < d: two digits of 32 bits. */
export const divWide = define('divWide', [I64, I64, I64], [I64, I64], (f, high, low, d) => {
  const dHigh = f.let(d.shrU(32));
  const dLow = f.let(d.and(LOW));
  const rest = f.let(high);
  const digit = (next: Int<typeof I64>) => {
    const q = f.let(rest.divU(dHigh));
    const r = f.let(rest.sub(q.mul(dHigh)));
    // The estimate is too large by 2 at most.
    f.loop((leave) => {
      const isFine = q.leU(LOW).and(q.mul(dLow).leU(r.shl(32).or(next)));
      f.if(isFine, leave);
      q.set(q.sub(1));
      r.set(r.add(dHigh));
      f.if(r.gtU(LOW), leave);
    });
    rest.set(rest.shl(32).or(next).sub(q.mul(d)));
    return q;
  };
  const first = digit(f.let(low.shrU(32)));
  const second = digit(f.let(low.and(LOW)));
  return [first.shl(32).or(second), rest];
});

/** Root and what is left, as 65 bits (rest >> 64, rest), of (high:low) >= 2^126. */
export const rootWide = define('rootWide', [I64, I64], [I64, I32, I64], (f, high, low) => {
  // A little too large: then so is the next approximation, or it is the root.
  const estimate = op(
    'f64.mul',
    op('f64.sqrt', op('f64.convert_i64_u', high)),
    op('f64.reinterpret_i64', 0x41f0n << 48n),
  );
  const root = f.let(op('i64.trunc_sat_f64_u', estimate));
  root.set(select(root.gtU(-0x2000n), i64(-1), root.add(0x1000)));
  f.if(high.ltU(root), () => {
    const [quotient] = f.calls(divWide, high, low, root);
    // (root + quotient) / 2, which may need 65 bits in between
    root.set(root.and(quotient).add(root.xor(quotient).shrU(1)));
  });
  const restHigh = f.local(I64);
  const restLow = f.local(I64);
  f.loop((leave) => {
    const [squareHigh, squareLow] = f.calls(mulWide, root, root);
    restHigh.set(high.sub(squareHigh).sub(low.ltU(squareLow).extendU()));
    restLow.set(low.sub(squareLow));
    f.if(restHigh.geS(0), leave);
    root.set(root.sub(1));
  });
  return [root, restHigh.wrap(), restLow];
});

/** Shifts left until bit 127 is set, and says by how much; 0 stays. */
export const normalizeWide = define('normalizeWide', [I64, I64], [I64, I64, I32], (f, high, low) => {
  const by = f.local(I32);
  f.if(high.eqz(), () => {
    f.if(low.eqz(), () => f.return(high, low, by));
    high.set(low);
    low.set(0);
    by.set(64);
  });
  f.if(high.and(TOP).eqz(), () => {
    const n = f.let(high.clz().wrap());
    high.set(high.shl(n).or(low.shrU(n.neg())));
    low.set(low.shl(n));
    by.set(by.add(n));
  });
  return [high, low, by];
});
