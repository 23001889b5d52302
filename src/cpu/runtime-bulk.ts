/** REP MOVS and STOS by whole pages, in WebAssembly. Intel SDM Vol. 2B, "REP/REPE/REPZ/REPNE/REPNZ". */
import { DF } from './flags.ts';
import { RAX, RCX, RDI, RSI, STATE } from './state.ts';
import { I32, I64 } from './wasm/code.ts';
import { define, type Func, type FuncDef, Int, i32, load, load8, select } from './wasm/func.ts';

type I32Value = Int<typeof I32>;
type I64Value = Int<typeof I64>;

const at = (register: number): number => STATE.regs + register * 8;
/** Shorter runs are copied element by element: a call of memory.copy costs more. */
const SHORT = 64;
/** Bytes to the end of a host page. */
const room = (host: I32Value): I32Value => host.and(0xfff).neg().add(4096);
const least = (f: Func, x: I32Value, y: I32Value): I32Value => {
  const [a, b] = [f.let(x), f.let(y)];
  return select(a.ltU(b), a, b);
};

/** Of functions (address) -> host address or -1. */
const callOf =
  (index: number) =>
  (address: I64Value): I32Value =>
    new Int(I32, (c) => {
      address.write(c);
      c.call(index);
    });

/**
 * (bytes per element, base added to RSI): REP MOVS or STOS with DF = 0, a run of bytes within one page of each side at a
 * time. Stops before what would fault, cross a page inside an element, or needs element order (overlap); the
 * instruction's own loop does the rest. `readPage` and `writePage` are functions' indices.
 */
export function bulkFunc(
  kind: 'movs' | 'stos',
  readPage: number,
  writePage: number,
): FuncDef<readonly [typeof I32, typeof I64], readonly []> {
  const [hostOfSource, hostOfDest] = [callOf(readPage), callOf(writePage)];
  return define(`bulk ${kind}`, [I32, I64], [], (f, width, base) => {
    f.if(load(I32, STATE.rflagsRest).and(DF), () => f.return());
    const shift = f.let(width.ctz());
    const [count, source, dest] = [f.local(I64), f.local(I64), f.local(I64)];
    const [from, to, run] = [f.local(I32), f.local(I32), f.local(I32)];
    f.loop((leave) => {
      count.set(load(I64, at(RCX)));
      f.if(count.eqz(), leave);
      dest.set(load(I64, at(RDI)));
      to.set(hostOfDest(dest));
      f.if(to.eq(-1), leave);
      run.set(room(to));
      if (kind === 'movs') {
        source.set(load(I64, at(RSI)));
        from.set(hostOfSource(source.add(base)));
        f.if(from.eq(-1), leave);
        run.set(least(f, run, room(from)));
      }
      f.if(count.ltU(4096), () => run.set(least(f, run, count.wrap().shl(shift))));
      run.set(run.and(width.neg()));
      f.if(run.eqz(), leave);
      if (kind === 'movs') copy(f, width, from, to, run, leave);
      else fill(f, width, to, run);
      f.store(I64, at(RDI), dest.add(run.extendU()));
      if (kind === 'movs') f.store(I64, at(RSI), source.add(run.extendU()));
      f.store(I64, at(RCX), count.sub(run.shrU(shift).extendU()));
    });
  });
}

function copy(f: Func, width: I32Value, from: I32Value, to: I32Value, run: I32Value, leave: () => void): void {
  const forward = (bytes: 1 | 8) => {
    const done = f.let(i32(0));
    f.while(done.ltU(run), () => {
      if (bytes === 8) f.store(I64, 0, load(I64, 0, from.add(done)), to.add(done));
      else f.store8(0, load8(0, from.add(done)), to.add(done));
      done.set(done.add(bytes));
    });
  };
  f.if(
    run.leU(SHORT).and(width.eq(8)),
    () => forward(8),
    () =>
      f.if(
        run.ltU(16).and(width.eq(1)),
        () => forward(1),
        () => {
          // Overlap with the destination ahead of the source repeats a pattern: not memory.copy's meaning.
          f.if(to.sub(from).sub(1).ltU(run.sub(1)), leave);
          f.memoryCopy(to, from, run);
        },
      ),
  );
}

function fill(f: Func, width: I32Value, to: I32Value, run: I32Value): void {
  const value = f.let(load(I64, at(RAX)));
  f.if(
    width.eq(1).and(run.geU(16)),
    () => f.memoryFill(to, value.wrap().and(0xff), run),
    () => {
      const done = f.let(i32(0));
      f.while(done.ltU(run), () => {
        const place = f.let(to.add(done));
        f.if(width.eq(8), () => f.store(I64, 0, value, place));
        f.if(width.eq(4), () => f.store(I32, 0, value.wrap(), place));
        f.if(width.eq(2), () => f.store16(0, value.wrap(), place));
        f.if(width.eq(1), () => f.store8(0, value.wrap(), place));
        done.set(done.add(width));
      });
    },
  );
}
