/**
 * Who has called whom: the frames of a task's stack, innermost first. Each caller is found by what the compiler wrote down
 * (.eh_frame), by the frame that the kernel made for a signal's handler, else as gdb guesses on x86-64: by RBP once the
 * function's first instructions have set it up, before that and without it by RSP. It ends where a return address leads
 * to no code.
 */
import { PROT_EXEC } from '../../abi/mman.ts';
import { vpnOf } from '../../base/ints.ts';
import { decode } from '../../cpu/decode.ts';
import { REG_NAMES, RSP } from '../../cpu/state.ts';
import { type ExpressionContext, evaluate } from '../../elf/dwarf/expression.ts';
import { prologueSteps } from '../../elf/dwarf/prologue.ts';
import type { RegisterRule, UnwindRow } from '../../elf/dwarf/unwind-table.ts';
import type { Task } from '../../kernel/task/task.ts';
import { readMemory, readWord } from './memory.ts';
import { type LinePlace, lineAt, moduleAt, type SymbolPlace, symbolAt } from './modules.ts';
import { stateOf } from './registers.ts';

/** How the caller was found. */
export type UnwoundBy = 'unwind table' | 'signal frame' | 'frame pointer' | 'stack pointer';

export interface StackFrame {
  /** 0: where the task is. */
  readonly level: number;
  readonly rip: bigint;
  readonly rsp: bigint;
  /** By their encoding; undefined: what the caller had there is not known. */
  readonly general: readonly (bigint | undefined)[];
  /** The function: of a caller, by the call and not by what follows it. */
  readonly symbol: SymbolPlace | undefined;
  readonly line: LinePlace | undefined;
  /** RSP of its caller once that goes on: what a frame is known by. Undefined where nothing tells. */
  readonly cfa: bigint | undefined;
  /** Where the caller's registers are kept, by their encoding, and its RIP: those that are still in registers are not. */
  readonly savedAt: ReadonlyMap<number | 'rip', bigint>;
  /** How its caller was, or would be, found. */
  readonly unwoundBy: UnwoundBy | undefined;
  /** What is where the return address would be leads to no code: nobody has called it, as far as can be seen. */
  readonly isOutermost: boolean;
  /** A signal interrupted it: it was not calling anything. */
  readonly isInterrupted: boolean;
}

interface Registers {
  readonly rip: bigint;
  readonly general: readonly (bigint | undefined)[];
}

interface Caller extends Registers {
  readonly cfa: bigint;
  readonly savedAt: ReadonlyMap<number | 'rip', bigint>;
  readonly unwoundBy: UnwoundBy;
}

export const MOST_FRAMES = 1000;

/** At most so many frames; none for a task that has ended. */
export function backtrace(task: Task, most: number = MOST_FRAMES): StackFrame[] {
  const state = stateOf(task);
  if (state === undefined) return [];
  const frames: StackFrame[] = [];
  let at: Registers = { rip: state.rip, general: REG_NAMES.map((_, i) => state.reg(i)) };
  // Only the innermost frame, and one that a signal interrupted, is at an instruction that has not run yet.
  let isExact = true;
  while (frames.length < most) {
    const caller = callerOf(task, at, isExact);
    const isOutermost = caller === undefined || !isPlausible(task, at, caller);
    const isSignals = caller?.unwoundBy === 'signal frame';
    const where = isExact || isSignals ? at.rip : at.rip - 1n;
    frames.push({
      level: frames.length,
      ...at,
      rsp: at.general[RSP]!,
      symbol: symbolAt(task, where),
      line: lineAt(task, where),
      cfa: caller?.cfa,
      savedAt: caller?.savedAt ?? new Map(),
      unwoundBy: caller?.unwoundBy,
      isOutermost,
      isInterrupted: isExact && frames.length > 0,
    });
    if (caller === undefined || isOutermost) break;
    isExact = isSignals;
    at = { rip: caller.rip, general: caller.general };
  }
  return frames;
}

/** Undefined: nothing tells where its caller is. */
const callerOf = (task: Task, at: Registers, isExact: boolean): Caller | undefined => {
  const byCompiler = byTable(task, at, isExact);
  if (byCompiler !== undefined) return byCompiler ?? undefined;
  return bySignalFrame(task, at) ?? byPrologue(task, at, isExact);
};

/**
 * Callers are code, and further up; but what a signal interrupted may have been on another stack. What is only guessed has
 * to be behind a call, or be what handlers return to.
 */
function isPlausible(task: Task, at: Registers, caller: Caller): boolean {
  const isGuess = caller.unwoundBy === 'frame pointer' || caller.unwoundBy === 'stack pointer';
  if (!isCode(task, caller.rip)) return false;
  if (isGuess && !isBehindCall(task, caller.rip) && !isTrampoline(task, caller.rip)) return false;
  const [before, after] = [at.general[RSP], caller.general[RSP]];
  return caller.unwoundBy === 'signal frame' || (before !== undefined && after !== undefined && after > before);
}

const isCode = (task: Task, address: bigint): boolean =>
  (((address > 0n && task.mm.vmas.find(vpnOf(address - 1n))?.prot) || 0) & PROT_EXEC) !== 0;

/** The lengths of calls: by a register, by memory in its forms, by an offset. */
const CALL_BYTES = [5, 2, 3, 6, 7, 4, 8];

function isBehindCall(task: Task, address: bigint): boolean {
  return CALL_BYTES.some((length) => {
    const code = readMemory(task, address - BigInt(length), length);
    const insn = decode(code, 0, code.length, address - BigInt(length));
    return (
      typeof insn === 'object' &&
      insn.length === length &&
      (insn.def.flow === 'call' || insn.def.flow === 'callIndirect')
    );
  });
}

// ---- what the compiler wrote down -----------------------------------------------------------------------------------

/** DWARF's number of each register, by its encoding; the return address is 16. System V ABI for x86-64. */
const DWARF_NUMBERS = [0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15];
const ENCODING_OF = DWARF_NUMBERS.map((_, number) => DWARF_NUMBERS.indexOf(number));
const DWARF_RSP = 7, DWARF_RIP = 16; // biome-ignore format: one line

/** Undefined: there is no table for it. Null: it says that there is no caller. */
function byTable(task: Task, at: Registers, isExact: boolean): Caller | null | undefined {
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

// ---- the frame of a signal -------------------------------------------------------------------------------------------

/** `mov rax, 15; syscall` in both of its encodings: what a handler returns to. */
const TRAMPOLINES = [
  [0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05],
  [0xb8, 15, 0, 0, 0, 0x0f, 0x05],
];
/** Of struct ucontext: where uc_mcontext begins. In it, r8 to r15, then these, by their encoding; then RIP. */
const UC_MCONTEXT = 40;
const SIGCONTEXT_ORDER = [8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 3, 2, 0, 1, 4];

function isTrampoline(task: Task, rip: bigint): boolean {
  const code = readMemory(task, rip, 9);
  return TRAMPOLINES.some((bytes) => bytes.every((byte, i) => code[i] === byte));
}

/** The handler has returned to its trampoline: RSP is at the ucontext that the kernel left there. */
function bySignalFrame(task: Task, { rip, general }: Registers): Caller | undefined {
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

// ---- by the function's first instructions ----------------------------------------------------------------------------

const RBP = 5;
const RET = 0xc3;
/** What belongs to the caller after a call, by encoding; the others are not known any more. */
const PRESERVED = [3, RBP, 12, 13, 14, 15];

function byPrologue(task: Task, at: Registers, isExact: boolean): Caller | undefined {
  const { rip } = at;
  const start = symbolAt(task, isExact ? rip : rip - 1n)?.address;
  if (start === undefined) {
    // A function without a name: what is on top, if that leads to code, else what RBP says.
    const onTop = byRegister(task, at, 'stack pointer', false);
    return onTop !== undefined && isCode(task, onTop.rip) ? onTop : byRegister(task, at, 'frame pointer', true);
  }
  const { pushed, set } = prologueSteps(readMemory(task, start, 16));
  const done = Number(rip - start);
  const isAtReturn = isExact && readMemory(task, rip, 1)[0] === RET;
  if (set === 0 || done < pushed || isAtReturn) return byRegister(task, at, 'stack pointer', false);
  return byRegister(task, at, done >= set ? 'frame pointer' : 'stack pointer', true);
}

/** The return address is where RBP or RSP leads, above the caller's RBP if that is saved there. */
function byRegister(
  task: Task,
  { general }: Registers,
  unwoundBy: 'frame pointer' | 'stack pointer',
  isSaved: boolean,
): Caller | undefined {
  const base = general[unwoundBy === 'frame pointer' ? RBP : RSP];
  if (base === undefined) return undefined;
  const returnAddressAt = base + (isSaved ? 8n : 0n);
  const rip = readWord(task, returnAddressAt);
  if (rip === undefined) return undefined;
  const cfa = returnAddressAt + 8n;
  const saved = general.map((value, register) => (PRESERVED.includes(register) ? value : undefined));
  const savedAt = new Map<number | 'rip', bigint>([['rip', returnAddressAt]]);
  if (isSaved) {
    saved[RBP] = readWord(task, base);
    savedAt.set(RBP, base);
  }
  saved[RSP] = cfa;
  return { rip, general: saved, cfa, savedAt, unwoundBy };
}
