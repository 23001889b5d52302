/** MXCSR. Intel SDM Vol. 1, "MXCSR Control and Status Register". */
import { instruction } from './define.ts';

/** LDMXCSR: MXCSR := SRC; #GP for its reserved bits. */
export const LDMXCSR = instruction({
  mnemonic: 'ldmxcsr',
  encodings: [['NP 0F AE /2', 'm32']],
  access: 'r',
  emit(b, { ops: [src] }) {
    const value = b.read(src);
    b.raiseIf(b.ne(32, b.shrU(32, value, b.const(32, 16)), b.const(32, 0)), 'GP', 0);
    b.setMxcsr(value);
  },
});

/** STMXCSR: DEST := MXCSR. */
export const STMXCSR = instruction({
  mnemonic: 'stmxcsr',
  encodings: [['NP 0F AE /3', 'm32']],
  access: 'w',
  emit(b, { ops: [dst] }) {
    b.write(dst, b.mxcsr());
  },
});
