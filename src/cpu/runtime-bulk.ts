/** REP MOVS and STOS by whole pages, in WebAssembly. Intel SDM Vol. 2B, "REP/REPE/REPZ/REPNE/REPNZ". */
import { RCX, RDI, RSI, STATE } from './state.ts';
import { Code, I32, I64, OP } from './wasm/code.ts';

export const BULK_LOCALS = [I64, I64, I64, I32, I32, I32, I64, I32] as const;

/**
 * REP MOVS or STOS with DF = 0, a run of bytes within one page of each side at a time. Stops before what would
 * fault, cross a page inside an element, or needs element order (overlap); the instruction's own loop does the rest.
 */
export function bulkCode(kind: 'movs' | 'stos', readPage: number, writePage: number): Uint8Array {
  const WIDTH = 0, BASE = 1, COUNT = 2, SOURCE = 3, DEST = 4, FROM = 5, TO = 6, RUN = 7, LEFT = 8, STEP = 9; // biome-ignore format: locals in order
  const [COUNTER, FROM_REG, TO_REG] = [RCX, RSI, RDI].map((register) => STATE.regs + register * 8);
  const c = new Code();
  const room = (host: number) => {
    c.i32Const(4096);
    c.localGet(host);
    c.i32Const(0xfff);
    c.op(OP.i32and);
    c.op(OP.i32sub);
  };
  const atMost = (push: () => void) => {
    push();
    c.localTee(STEP);
    c.localGet(RUN);
    c.localGet(STEP);
    c.localGet(RUN);
    c.op(OP.i32ltU);
    c.op(OP.select);
    c.localSet(RUN);
  };
  c.block();
  c.i32Const(0);
  c.i32Load(STATE.rflagsRest);
  c.i32Const(1 << 10);
  c.op(OP.i32and);
  c.brIf(0);
  c.loop();
  c.i32Const(0);
  c.i64Load(COUNTER);
  c.localTee(COUNT);
  c.op(OP.i64eqz);
  c.brIf(1);
  c.i32Const(0);
  c.i64Load(TO_REG);
  c.localTee(DEST);
  c.call(writePage);
  c.localTee(TO);
  c.i32Const(-1);
  c.op(OP.i32eq);
  c.brIf(1);
  if (kind === 'movs') {
    c.i32Const(0);
    c.i64Load(FROM_REG);
    c.localTee(SOURCE);
    c.localGet(BASE);
    c.op(OP.i64add);
    c.call(readPage);
    c.localTee(FROM);
    c.i32Const(-1);
    c.op(OP.i32eq);
    c.brIf(1);
  }
  // RUN: bytes to do now, a multiple of the element; at most a page
  room(TO);
  c.localSet(RUN);
  if (kind === 'movs') atMost(() => room(FROM));
  c.localGet(COUNT);
  c.i64Const(4096n);
  c.op(OP.i64ltU);
  c.if();
  atMost(() => {
    c.localGet(COUNT);
    c.op(OP.i32wrapI64);
    c.localGet(WIDTH);
    c.op(OP.i32mul);
  });
  c.end();
  c.localGet(RUN);
  c.i32Const(0);
  c.localGet(WIDTH);
  c.op(OP.i32sub);
  c.op(OP.i32and);
  c.localTee(RUN);
  c.op(OP.i32eqz);
  c.brIf(1);
  if (kind === 'movs') {
    // Overlap with the destination ahead of the source repeats a pattern: not memory.copy's meaning.
    c.localGet(TO);
    c.localGet(FROM);
    c.op(OP.i32sub);
    c.i32Const(1);
    c.op(OP.i32sub);
    c.localGet(RUN);
    c.i32Const(1);
    c.op(OP.i32sub);
    c.op(OP.i32ltU);
    c.brIf(1);
    c.localGet(TO);
    c.localGet(FROM);
    c.localGet(RUN);
    c.memoryCopy();
  } else {
    c.localGet(WIDTH);
    c.i32Const(1);
    c.op(OP.i32eq);
    c.if();
    c.localGet(TO);
    c.i32Const(0);
    c.i32Load8U(STATE.regs);
    c.localGet(RUN);
    c.memoryFill();
    c.else();
    // Wider elements, from the last to the first.
    c.i32Const(0);
    c.i64Load(STATE.regs);
    c.localSet(LEFT);
    c.localGet(RUN);
    c.localSet(STEP);
    c.loop();
    c.localGet(TO);
    c.localGet(STEP);
    c.op(OP.i32add);
    c.localGet(WIDTH);
    c.op(OP.i32sub);
    c.localSet(FROM);
    c.localGet(WIDTH);
    c.i32Const(8);
    c.op(OP.i32eq);
    c.if();
    c.localGet(FROM);
    c.localGet(LEFT);
    c.i64Store(0);
    c.else();
    c.localGet(WIDTH);
    c.i32Const(4);
    c.op(OP.i32eq);
    c.if();
    c.localGet(FROM);
    c.localGet(LEFT);
    c.op(OP.i32wrapI64);
    c.i32Store(0);
    c.else();
    c.localGet(FROM);
    c.localGet(LEFT);
    c.op(OP.i32wrapI64);
    c.i32Store16(0);
    c.end();
    c.end();
    c.localGet(STEP);
    c.localGet(WIDTH);
    c.op(OP.i32sub);
    c.localTee(STEP);
    c.brIf(0);
    c.end();
    c.end();
  }
  const advance = (register: number, local: number) => {
    c.i32Const(0);
    c.localGet(local);
    c.localGet(RUN);
    c.op(OP.i64extendI32U);
    c.op(OP.i64add);
    c.i64Store(register);
  };
  advance(TO_REG, DEST);
  if (kind === 'movs') advance(FROM_REG, SOURCE);
  c.i32Const(0);
  c.localGet(COUNT);
  c.localGet(RUN);
  c.localGet(WIDTH);
  c.op(OP.i32divU);
  c.op(OP.i64extendI32U);
  c.op(OP.i64sub);
  c.i64Store(COUNTER);
  c.br(0);
  c.end();
  c.end();
  c.end();
  return c.bytes();
}
