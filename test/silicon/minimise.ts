/**
 * Makes a case that goes wrong small: fewer instructions, then registers, flags and memory as a case has them that says
 * nothing about them. What is left is what matters.
 */
import { assemble, partsOf } from './parts.ts';
import { defaultRegister } from './vector-file.ts';
import { type Case, CODE_AT, DEFAULT_MXCSR, initialX87, type VectorState } from './wire.ts';

/** Whether a case still goes wrong. */
export type Differs = (before: Case) => boolean;

/** More than any case takes: it ends with its code. */
export const MOST_STEPS = 256;

/** Of the items, some that are enough for `fails`: leaving out any one of them is too much. */
export function fewest<T>(items: readonly T[], fails: (kept: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  for (let size = Math.ceil(kept.length / 2); size >= 1; ) {
    let dropped = false;
    // From the end on: what comes later seldom matters to what goes wrong.
    for (let start = Math.floor((kept.length - 1) / size) * size; start >= 0; start -= size) {
      const fewer = [...kept.slice(0, start), ...kept.slice(start + size)];
      if (fewer.length === kept.length || !fails(fewer)) continue;
      kept = fewer;
      dropped = true;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (!dropped) break;
  }
  return kept;
}

function withFewerInstructions(before: Case, differs: Differs): Case {
  const parts = partsOf(before.code, before.rip);
  const caseOf = (kept: ReadonlySet<number>): Case | undefined => {
    const made = assemble(parts, before.rip, (index) => kept.has(index));
    return made && { ...before, code: made.code };
  };
  const kept = fewest([...parts.keys()], (some) => {
    const smaller = caseOf(new Set(some));
    return smaller !== undefined && differs(smaller);
  });
  return caseOf(new Set(kept)) ?? before;
}

const withVector = (before: Case, change: (vector: VectorState) => VectorState): Case =>
  before.vector ? { ...before, vector: change(before.vector) } : before;
const cleared = (bytes: Uint8Array, at: number, count: number): Uint8Array => bytes.slice().fill(0, at, at + count);

type Simplify = (before: Case) => Case;

/** Values of a general register that are tried, the plainest first. */
function plainValues(index: number, value: bigint): bigint[] {
  const values = [defaultRegister(index), 0n, 1n, value & 0xffn, value & 0xffffn, value & 0xffff_ffffn];
  return values.slice(0, values.includes(value) ? values.indexOf(value) : values.length);
}

/** The parts of the state, each with simpler forms of it; the first form that still goes wrong is taken. */
const SIMPLER: readonly ((before: Case) => readonly Simplify[])[] = [
  () => [(one) => ({ ...one, rip: CODE_AT + 0x400n })],
  ({ vector }) => (vector ? [({ vector: _, ...one }) => one] : []),
  ({ vector }) => (vector?.x87 ? [(one) => withVector(one, ({ x87: _, ...rest }) => rest)] : []),
  ({ vector }) => (vector?.ymmHigh ? [(one) => withVector(one, ({ ymmHigh: _, ...rest }) => rest)] : []),
  ({ patches }) => (patches.length > 0 ? [(one) => ({ ...one, patches: [] })] : []),
  ...Array.from(
    { length: 16 },
    (_, index) =>
      ({ gpr }: Case): Simplify[] =>
        plainValues(index, gpr[index]).map((value) => (one) => ({ ...one, gpr: one.gpr.with(index, value) })),
  ),
  () => [(one) => ({ ...one, flags: 0 })],
  ...[0x400, 0x800, 0x80, 0x40, 0x10, 4, 1].map((bit) => () => [(one: Case) => ({ ...one, flags: one.flags & ~bit })]),
  () => [(one) => ({ ...one, fsBase: 0n })],
  () => [(one) => ({ ...one, gsBase: 0n })],
  () => [(one) => withVector(one, (vector) => ({ ...vector, mxcsr: DEFAULT_MXCSR }))],
  () => [(one) => withVector(one, (vector) => ({ ...vector, mxcsr: vector.mxcsr & ~0x3f }))],
  ...Array.from({ length: 16 }, (_, n) => (): Simplify[] => [
    (one) => withVector(one, (vector) => ({ ...vector, xmm: cleared(vector.xmm, 16 * n, 16) })),
    (one) => withVector(one, (vector) => ({ ...vector, xmm: cleared(vector.xmm, 16 * n + 8, 8) })),
  ]),
  ...Array.from({ length: 16 }, (_, n) => () => [
    (one: Case) =>
      withVector(one, ({ ymmHigh, ...rest }) => ({
        ...rest,
        ...(ymmHigh && { ymmHigh: cleared(ymmHigh, 16 * n, 16) }),
      })),
  ]),
  // Control word, status word, tags, pointers, registers.
  () => [(one) => withX87(one, (x87) => Uint8Array.from([...initialX87().slice(0, 2), ...x87.slice(2)]))],
  () => [(one) => withX87(one, (x87) => cleared(x87, 2, 2)), (one) => withX87(one, (x87) => x87.with(2, 0))],
  () => [(one) => withX87(one, (x87) => cleared(x87, 4, 1))],
  () => [(one) => withX87(one, (x87) => cleared(x87, 6, 18))],
  ...Array.from({ length: 8 }, (_, n) => () => [(one: Case) => withX87(one, (x87) => cleared(x87, 32 + 16 * n, 10))]),
];
function withX87(before: Case, change: (x87: Uint8Array) => Uint8Array): Case {
  return withVector(before, (vector) => (vector.x87 ? { ...vector, x87: change(vector.x87) } : vector));
}

const isSame = (x: Case, y: Case): boolean => serialised(x) === serialised(y);
const serialised = (one: Case): string =>
  JSON.stringify(one, (_, value) => {
    if (typeof value === 'bigint') return value.toString();
    return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<bigint>, String) : value;
  });

function withPlainerState(before: Case, differs: Differs): Case {
  let now = before;
  for (const formsOf of SIMPLER) {
    for (const simplify of formsOf(now)) {
      const plainer = simplify(now);
      if (isSame(plainer, now)) break;
      if (!differs(plainer)) continue;
      now = plainer;
      break;
    }
  }
  return now;
}

/** Stops behind the instruction after which it goes wrong, if it still does then. */
function withFewerSteps(before: Case, differs: Differs): Case {
  for (let maxSteps = 1; maxSteps < 16; maxSteps++) {
    const shorter = { ...before, maxSteps };
    if (differs(shorter)) return shorter;
  }
  return before;
}

/** A small case that goes wrong as well, though perhaps in another way. `before` must. */
export function minimise(before: Case, differs: Differs): Case {
  const whole = { ...before, maxSteps: MOST_STEPS };
  let now = differs(whole) ? whole : before;
  for (let round = 0; round < 4; round++) {
    const smaller = withPlainerState(withFewerInstructions(now, differs), differs);
    if (isSame(smaller, now)) break;
    now = smaller;
  }
  return withFewerSteps(now, differs);
}
