/** A caller as the compiler's unwind tables tell it, or as the kernel has saved it for a signal's handler. */

import { RSP } from '../../cpu/state.ts';
import { type ExpressionContext, evaluate } from '../../elf/dwarf/expression.ts';
import type { RegisterRule, UnwindRow } from '../../elf/dwarf/unwind-table.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type Caller, type FrameRegisters, isTrampoline } from './caller.ts';
import { readWord } from './memory.ts';
import { moduleAt } from './modules.ts';

/** DWARF's number of each register, by its encoding; the return address is 16. System V ABI for x86-64. */
const DWARF_NUMBERS = [0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15];
const ENCODING_OF = DWARF_NUMBERS.map((_, number) => DWARF_NUMBERS.indexOf(number));
const DWARF_RSP = 7, DWARF_RIP = 16; // biome-ignore format: one line

/** Undefined: there is no table for it. Null: it says that there is no caller. */
export function byTable(task: Task, at: FrameRegisters, isExact: boolean): Caller | null | undefined {
  const module = moduleAt(task, at.rip - 1n) ?? moduleAt(task, at.rip);
  if (module === undefined) return undefined;
  const table = module.file.unwindTable;
  const row = table.rowAt(at.rip - module.bias - (isExact ? 0n : 1n));
  if (row === undefined) return undefined;
  const context: ExpressionContext = {
    register: (number) => (number === DWARF_RIP ? at.rip : at.general[ENCODING_OF[number]]),
    word: (address) => readWord(task, address),
  };
  const cfa = cfaOf(row, context);
  if (cfa === undefined) return null;
  const value = (number: number): bigint | undefined => {
    const rule = row.rules.get(number);
    if (rule !== undefined) return apply(rule, cfa, context, number);
    return number === DWARF_RSP ? cfa : context.register(number);
  };
  const rip = value(row.returnRegister);
  if (rip === undefined) return null;
  const savedAt = new Map<number | 'rip', bigint>();
  for (const [number, rule] of row.rules) {
    const address = placeOf(rule, cfa, context);
    if (address !== undefined) savedAt.set(number === row.returnRegister ? 'rip' : ENCODING_OF[number], address);
  }
  return {
    rip,
    general: DWARF_NUMBERS.map(value),
    cfa,
    savedAt,
    unwoundBy: row.isSignalFrame ? 'signal frame' : 'unwind table',
  };
}

function cfaOf({ cfa }: UnwindRow, context: ExpressionContext): bigint | undefined {
  if (cfa.kind === 'expression') return evaluate(cfa.code, context);
  const base = context.register(cfa.register);
  return base === undefined ? undefined : BigInt.asUintN(64, base + BigInt(cfa.offset));
}

/** Where in memory the caller's value is, if it is there. */
function placeOf(rule: RegisterRule, cfa: bigint, context: ExpressionContext): bigint | undefined {
  if (rule.kind === 'at') return BigInt.asUintN(64, cfa + BigInt(rule.offset));
  return rule.kind === 'at expression' ? evaluate(rule.code, context, cfa) : undefined;
}

function apply(rule: RegisterRule, cfa: bigint, context: ExpressionContext, number: number): bigint | undefined {
  switch (rule.kind) {
    case 'undefined':
      return undefined;
    case 'same':
      return context.register(number);
    case 'register':
      return context.register(rule.register);
    case 'value':
      return BigInt.asUintN(64, cfa + BigInt(rule.offset));
    case 'value expression':
      return evaluate(rule.code, context, cfa);
    case 'at':
    case 'at expression': {
      const address = placeOf(rule, cfa, context);
      return address === undefined ? undefined : context.word(address);
    }
  }
}

/** Of struct ucontext: where uc_mcontext begins. In it, r8 to r15, then these, by their encoding; then RIP. */
const UC_MCONTEXT = 40;
const SIGCONTEXT_ORDER = [8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 3, 2, 0, 1, 4];

/** The handler has returned to its trampoline: RSP is at the ucontext that the kernel left there. */
export function bySignalFrame(task: Task, { rip, general }: FrameRegisters): Caller | undefined {
  if (!isTrampoline(task, rip)) return undefined;
  const context = (general[RSP] ?? 0n) + BigInt(UC_MCONTEXT);
  const word = (index: number): bigint | undefined => readWord(task, context + BigInt(8 * index));
  const saved = new Array<bigint | undefined>(16);
  const savedAt = new Map<number | 'rip', bigint>([['rip', context + 128n]]);
  for (const [i, register] of SIGCONTEXT_ORDER.entries()) {
    saved[register] = word(i);
    savedAt.set(register, context + BigInt(8 * i));
  }
  const interrupted = word(16);
  if (interrupted === undefined || saved[RSP] === undefined) return undefined;
  return {
    rip: interrupted,
    general: saved,
    cfa: saved[RSP],
    savedAt,
    unwoundBy: 'signal frame',
  };
}
