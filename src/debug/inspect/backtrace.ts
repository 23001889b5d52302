/**
 * Who has called whom: the frames of a task's stack, innermost first. Each caller is found by what the compiler wrote down
 * (.eh_frame), by the frame that the kernel made for a signal's handler, else by reading the function's code up to where it
 * is (frame-setup.ts). It ends where what would be a return address is none.
 */
import { PROT_EXEC } from '../../abi/mman.ts';
import { PAGE_SIZE, pageDown, vpnOf } from '../../base/ints.ts';
import { decode } from '../../cpu/decode.ts';
import { RBP, REG_NAMES, RSP } from '../../cpu/state.ts';
import { type ExpressionContext, evaluate } from '../../elf/dwarf/expression.ts';
import type { RegisterRule, UnwindRow } from '../../elf/dwarf/unwind-table.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type FrameSetup, frameSetupAt } from './frame-setup.ts';
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
  return bySignalFrame(task, at) ?? byCode(task, at, isExact);
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

// ---- by the function's own code ---------------------------------------------------------------------------------------

/** A function does not begin further away. */
const NEAR = 1n << 16n;
const MOST_INSTRUCTION_BYTES = 15;
/** `call` with an offset of 32 bits. */
const CALL = 0xe8;
/** Of names without a size, how many are tried as the beginning of the function. */
const MOST_LABELS = 16;
/** What belongs to the caller after a call, by encoding; the others are not known any more. */
const PRESERVED = [3, RBP, 12, 13, 14, 15];

/** Undefined: no beginning of the function is known from which reading it comes to an instruction behind a call. */
function byCode(task: Task, at: Registers, isExact: boolean): Caller | undefined {
  const { rip, general } = at;
  let best: Caller | undefined;
  const read = codeOf(task);
  for (const start of startsBefore(task, isExact ? rip : rip - 1n)) {
    const setup = frameSetupAt(read, start, rip);
    const base = setup && general[setup.base];
    if (base === undefined) continue;
    const found = callerAt(task, at, base + BigInt(setup!.offset), setup!);
    if (found === undefined) continue;
    if (isPlausible(task, at, found)) return found;
    best ??= found;
  }
  if (best !== undefined) return best;
  // A function without a name: what a call on the stack has left, else what is on top, else what RBP says.
  const called = byCallOnStack(task, at);
  if (called !== undefined) return called;
  const [rsp, rbp] = [general[RSP], general[RBP]];
  const onTop = rsp === undefined ? undefined : callerAt(task, at, rsp, { base: RSP, saved: new Map() });
  if (onTop !== undefined && isPlausible(task, at, onTop)) return onTop;
  return rbp === undefined ? onTop : callerAt(task, at, rbp + 8n, { base: RBP, saved: new Map([[RBP, 8]]) });
}

/** How far up the stack a return address is looked for. */
const MOST_STACK_WORDS = 512;

/**
 * A direct call says where the function begins that it leads to: if reading that function up to here comes to just this
 * place on the stack as that of the return address, it is.
 */
function byCallOnStack(task: Task, at: Registers): Caller | undefined {
  const { rip, general } = at;
  const rsp = general[RSP];
  if (rsp === undefined) return undefined;
  const bytes = readMemory(task, rsp, 8 * MOST_STACK_WORDS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = codeOf(task);
  for (let offset = 0; offset + 8 <= bytes.length; offset += 8) {
    const target = callTarget(task, view.getBigUint64(offset, true));
    if (target === undefined || target > rip + NEAR || rip > target + NEAR) continue;
    const setup = frameSetupAt(read, target, rip);
    const base = setup && general[setup.base];
    const place = rsp + BigInt(offset);
    if (base !== undefined && base + BigInt(setup!.offset) === place) return callerAt(task, at, place, setup!);
  }
  return undefined;
}

/** Where the direct call before an address leads to. */
function callTarget(task: Task, returnTo: bigint): bigint | undefined {
  if (!isCode(task, returnTo)) return undefined;
  const code = readMemory(task, returnTo - 5n, 5);
  if (code.length < 5 || code[0] !== CALL) return undefined;
  return returnTo + BigInt(new DataView(code.buffer, code.byteOffset).getInt32(1, true));
}

/** Where the function of an instruction may begin, the likeliest first: its name's place, then those of labels before it. */
function* startsBefore(task: Task, address: bigint): Generator<bigint> {
  let place = symbolAt(task, address);
  for (let i = 0; i < MOST_LABELS && place !== undefined; i++) {
    if (address - place.address > NEAR) return;
    const { symbol, module } = place;
    if (symbol.isFunction) yield place.address;
    // Names of parts begin with the function's: NASM's of labels, gcc's of what is seldom run.
    const [owner] = symbol.name.split('.', 1);
    const parent = owner === symbol.name ? undefined : module.file.symbols.find(owner);
    if (parent !== undefined) yield parent.address + module.bias;
    if (symbol.isFunction) return;
    yield place.address;
    place = symbolAt(task, place.address - 1n);
  }
}

/** The bytes from an address on, enough for an instruction; pages are read once. */
function codeOf(task: Task): (address: bigint) => Uint8Array {
  const pages = new Map<bigint, Uint8Array>();
  return (address) => {
    const page = pageDown(address);
    let bytes = pages.get(page);
    // Of the next page as much as an instruction may take.
    if (bytes === undefined) pages.set(page, (bytes = readMemory(task, page, PAGE_SIZE + MOST_INSTRUCTION_BYTES)));
    const at = Number(address - page);
    return bytes.subarray(at, at + MOST_INSTRUCTION_BYTES);
  };
}

function callerAt(
  task: Task,
  { general }: Registers,
  returnAddressAt: bigint,
  { base, saved }: Pick<FrameSetup, 'base' | 'saved'>,
): Caller | undefined {
  const rip = readWord(task, returnAddressAt);
  if (rip === undefined) return undefined;
  const cfa = returnAddressAt + 8n;
  const registers = general.map((value, register) => (PRESERVED.includes(register) ? value : undefined));
  const savedAt = new Map<number | 'rip', bigint>([['rip', returnAddressAt]]);
  for (const [register, below] of saved) {
    savedAt.set(register, returnAddressAt - BigInt(below));
    registers[register] = readWord(task, returnAddressAt - BigInt(below));
  }
  registers[RSP] = cfa;
  return { rip, general: registers, cfa, savedAt, unwoundBy: base === RBP ? 'frame pointer' : 'stack pointer' };
}
