/**
 * Writes the WebAssembly of one basic block's instructions, from the scopes that WasmBuilder collects, and notes what
 * the region's data flow needs: which units the block reads before it writes them, which it writes, and where it may
 * leave with a fault.
 *
 * An instruction that faults branches to one of the region's fault exits with `xinfo` = (RIP - region's lowest RIP) << 8
 * | instructions not retired.
 */
import { invariant } from '../base/invariant.ts';
import type { ExceptionVector } from './builder.ts';
import { EXIT_EXCEPTION, VECTORS } from './exit-codes.ts';
import { keptCarryNode } from './flag-nodes.ts';
import { FOP_CARRY } from './flags.ts';
import { LANES_RAISE, resultAt } from './float/area.ts';
import { MODE_SHAPES } from './float-mode.ts';
import type { Insn } from './isa/define.ts';
import { AccessWriter } from './memory-code.ts';
import {
  CALL,
  CHOICE,
  CONST,
  constant,
  type FlagState,
  MODE,
  type Node,
  OPERATION,
  type Pending,
  type Scope,
  type Statement,
  UNIT,
  unitNode,
} from './nodes.ts';
import type { RegionLocals } from './region-locals.ts';
import type { RuntimeFunc } from './runtime.ts';
import { RAX, RCX, RDI, RSI, STATE } from './state.ts';
import { UNIT_FC, UNIT_FOP, UNIT_FX, UNIT_FY, UnitSet } from './units.ts';
import { Code, F32, F64, I32, I64, OP, V128, type ValType, type VOID } from './wasm/code.ts';
import { hasLane, I8X16_SHUFFLE } from './wasm/vector-ops.ts';
import { BUDGET_LOCAL, type Terminator, WasmBuilder, writesFlags, writtenUnits } from './wasm-builder.ts';

/** Where the lazy flags stand between two instructions, as far as it is known while code is written. */
export interface KnownFlags {
  /** Kind and width, when there is only one way they were set. */
  readonly fop: number | undefined;
  /** Whether the local holds CF for certain. If not, fop's local says what to do (FOP_CARRY). */
  readonly carryKnown: boolean;
}
const UNKNOWN_FLAGS: KnownFlags = { fop: undefined, carryKnown: false };

/** Of a block without instructions. */
export const dispatchCode = (flags: KnownFlags): BlockCode => ({
  code: new Uint8Array(0),
  hints: [],
  faults: [],
  reads: UnitSet.NONE,
  mayWrite: UnitSet.NONE,
  mustWrite: UnitSet.NONE,
  flagsOut: flags,
  terminator: { kind: 'dispatch' },
  stoppedAt: undefined,
});

/** A branch to a fault exit: where its label is to be written, and how deep in blocks of this code it stands. */
export interface FaultSite {
  readonly at: number;
  readonly depth: number;
  /** Units that may have been written in this block before it, and those that have been for certain. */
  readonly mayWrite: UnitSet;
  readonly mustWrite: UnitSet;
}

export interface BlockCode {
  readonly code: Uint8Array;
  readonly hints: readonly { offset: number; likely: boolean }[];
  readonly faults: readonly FaultSite[];
  /** Units read before they are written here. */
  readonly reads: UnitSet;
  readonly mayWrite: UnitSet;
  readonly mustWrite: UnitSet;
  readonly flagsOut: KnownFlags;
  /** What the last instruction does with control; a branch's condition and an indirect target are on the operand stack. */
  readonly terminator: Terminator | undefined;
  /** RIP of the instruction that is left to the cold tier, when that is the terminator. */
  readonly stoppedAt: bigint | undefined;
}

/** An instruction between `emit` and its code. */
interface Built {
  readonly insn: Insn;
  /** Instructions of the block from this one on. */
  readonly remaining: number;
  readonly scope: Scope;
  readonly flagsAfter: KnownFlags;
  readonly terminator: Terminator | undefined;
}
const INTERPRET: Terminator = { kind: 'interpret' };

export class BlockWriter {
  readonly #builder = new WasmBuilder();
  readonly #locals: RegionLocals;
  readonly #func: (name: RuntimeFunc) => number;
  readonly #lowestRip: bigint;
  readonly #code = new Code(4096);
  #faults: FaultSite[] = [];
  #hints: { offset: number; likely: boolean }[] = [];
  #reads = UnitSet.NONE;
  #mayWrite = UnitSet.NONE;
  #mustWrite = UnitSet.NONE;
  /** `xinfo` of the instruction at hand. */
  #xinfo = 0;
  #xinfoAfter = 0;
  #depth = 0;
  /** Nodes computed in the scope at hand and its outer ones; inner lists are forgotten when a scope ends. */
  #computed: Node[] = [];
  readonly #accesses: AccessWriter;

  constructor(locals: RegionLocals, func: (name: RuntimeFunc) => number, lowestRip: bigint) {
    this.#locals = locals;
    this.#func = func;
    this.#lowestRip = lowestRip;
    this.#accesses = new AccessWriter({
      code: this.#code,
      locals,
      func,
      emit: (n) => this.#emit(n),
      inLocal: (n) => this.#inLocal(n),
      inLocalUnlessCheap: (n) => this.#inLocalUnlessCheap(n),
      result: (n) => this.#result(n),
      arms: (type, likely, whenTrue, whenFalse) => this.#writeArms(type, likely, whenTrue, whenFalse),
      faultIfMinusOne: () => this.#faultIfMinusOne(),
      raiseIf: (vector, errorCode) => this.#writeFaultIf(() => this.#writeException(vector, errorCode)),
    });
  }

  /** `flagsIn`: what is known at the start. */
  write(insns: readonly Insn[], flagsIn: KnownFlags): BlockCode {
    this.#code.reset();
    this.#faults = [];
    this.#hints = [];
    this.#reads = this.#mayWrite = this.#mustWrite = UnitSet.NONE;
    this.#builder.beginBlock();
    const { built, stoppedAt } = this.#build(insns, flagsIn);
    this.#locals.floatMode.begin(this.#builder.modeShapes);
    this.#accesses.beginBlock(built.map(({ scope }) => scope));
    for (const instruction of built) {
      this.#writeInstruction(instruction);
      this.#locals.releaseTemporaries();
    }
    this.#accesses.endBlock();
    const terminator = stoppedAt === undefined ? built[built.length - 1].terminator : INTERPRET;
    return {
      code: this.#code.bytes().slice(),
      hints: this.#hints,
      faults: this.#faults,
      reads: this.#reads,
      mayWrite: this.#mayWrite,
      mustWrite: this.#mustWrite,
      flagsOut: built.length > 0 ? built[built.length - 1].flagsAfter : flagsIn,
      terminator,
      stoppedAt,
    };
  }

  /** Up to the first instruction that is left to the cold tier. */
  #build(insns: readonly Insn[], flagsIn: KnownFlags): { built: Built[]; stoppedAt: bigint | undefined } {
    const built: Built[] = [];
    let known = flagsIn;
    for (const [i, insn] of insns.entries()) {
      const remaining = insns.length - i;
      const { scope, flags } = this.#builder.build(insn, known.fop, known.carryKnown, remaining);
      const { terminator } = this.#builder;
      if (terminator?.kind === 'interpret') return { built, stoppedAt: insn.rip };
      known = flagsAfter(scope, flags, known);
      built.push({ insn, remaining, scope, flagsAfter: known, terminator });
    }
    return { built, stoppedAt: undefined };
  }

  xinfo(rip: bigint, remaining: number): number {
    return (Number(rip - this.#lowestRip) << 8) | remaining;
  }

  #writeInstruction({ insn, remaining, scope, terminator }: Built): void {
    this.#xinfo = this.xinfo(insn.rip, remaining);
    this.#xinfoAfter = this.xinfo(insn.next, remaining);
    this.#computed = [];
    this.#accesses.beginInstruction();
    countScope(scope);
    const node = terminatorValue(terminator);
    if (node) count(node);
    this.#writeStatements(scope.statements);
    const writes = scope.pending.registers.size > 0 || scope.pending.flags !== undefined;
    let saved = -1;
    if (node && writes) {
      this.#emit(node);
      saved = this.#locals.temporary(node.type);
      this.#code.localSet(saved);
    }
    this.#writePending(scope.pending);
    if (saved >= 0) this.#code.localGet(saved);
    else if (node) this.#emit(node);
  }

  #noteRead(unit: number): void {
    if (!this.#mustWrite.has(unit)) this.#reads = this.#reads.with(unit);
  }

  // ---- statements
  #writeStatements(statements: readonly Statement[]): void {
    for (const s of statements) this.#writeStatement(s);
  }
  #writeStatement(s: Statement): void {
    const c = this.#code;
    switch (s.kind) {
      case 'load':
        this.#accesses.load(s);
        this.#keep(s.result);
        break;
      case 'store':
        this.#accesses.store(s);
        break;
      case 'loadWide':
        this.#accesses.wideLoad(s);
        break;
      case 'loadIf': {
        const { load, condition } = s;
        this.#inLocal(load.address);
        this.#emit(condition);
        this.#writeArms(
          load.result.type,
          true,
          () => this.#accesses.load(load),
          () => (load.width === 64 ? c.i64Const(0n) : c.i32Const(0)),
        );
        this.#keep(load.result);
        break;
      }
      case 'storeVec':
        this.#accesses.vectorStore(s);
        break;
      case 'probe':
        this.#emit(s.address);
        c.i32Const(s.bytes);
        c.call(this.#func('slowReadForStore'));
        this.#faultIfMinusOne();
        break;
      case 'call':
        for (const arg of s.args) this.#emit(arg);
        c.call(this.#func(s.func));
        if (s.result) this.#keep(s.result);
        break;
      case 'float':
        this.#writeFloat(s);
        break;
      case 'stateLoad':
        if (s.offset === BUDGET_LOCAL) {
          c.localGet(this.#locals.budget);
          c.op(OP.i64extendI32S);
        } else {
          c.i32Const(0);
          if (s.result.type === V128) c.v128Load(s.offset);
          else if (s.result.type === I64) c.i64Load(s.offset);
          else c.i32Load(s.offset);
        }
        this.#keep(s.result);
        break;
      case 'stateStore':
        c.i32Const(0);
        this.#emit(s.value);
        if (s.value.type === I64) c.i64Store(s.offset);
        else c.i32Store(s.offset);
        if (s.offset === STATE.mxcsr) this.#locals.floatMode.isKnown = false;
        break;
      case 'raiseIf':
        // #BP is a trap: RIP is the next instruction's.
        if (s.vector === 'BP') this.#xinfo = this.#xinfoAfter;
        if (s.condition === undefined) this.#writeRaise(s.vector, s.errorCode);
        else {
          this.#emit(s.condition);
          this.#writeFaultIf(() => this.#writeException(s.vector, s.errorCode));
        }
        break;
      case 'if':
        this.#writeIf(s);
        break;
      case 'repeat':
        this.#writeRepeat(s);
        break;
    }
  }

  #keep(result: Node): void {
    if (result.uses === 0) {
      this.#code.op(OP.drop);
      return;
    }
    this.#code.localSet(this.#result(result));
  }
  /** A local for it. */
  #result(n: Node): number {
    n.local = this.#locals.temporary(n.type);
    this.#computed.push(n);
    return n.local;
  }

  /** Consumes a condition; the likely arm is the one that it says. */
  #writeArms(type: ValType | typeof VOID, likely: boolean, whenTrue: () => void, whenFalse: () => void): void {
    const c = this.#code;
    this.#hints.push({ offset: c.length, likely });
    c.if(type);
    this.#depth++;
    whenTrue();
    c.else();
    whenFalse();
    this.#depth--;
    c.end();
  }
  /** Consumes an i32; -1 goes to the fault exit. */
  #faultIfMinusOne(): void {
    const c = this.#code;
    c.i32Const(-1);
    c.op(OP.i32eq);
    this.#writeFaultIf();
  }
  /** Consumes a condition. */
  #writeFaultIf(prepare?: () => void): void {
    const c = this.#code;
    this.#hints.push({ offset: c.length, likely: false });
    c.if();
    this.#depth++;
    prepare?.();
    this.#writeFault();
    this.#depth--;
    c.end();
  }
  #writeFault(): void {
    const c = this.#code;
    c.i32Const(this.#xinfo);
    c.localSet(this.#locals.xinfo);
    this.#faults.push({ at: c.brPadded(), depth: this.#depth, mayWrite: this.#mayWrite, mustWrite: this.#mustWrite });
  }
  #writeRaise(vector: ExceptionVector, errorCode: number): void {
    this.#writeException(vector, errorCode);
    this.#writeFault();
  }
  /** The exit fields of an exception. */
  #writeException(vector: ExceptionVector, errorCode: number): void {
    const c = this.#code;
    c.i32Const(0);
    c.i32Const(VECTORS.indexOf(vector));
    c.i32Store(STATE.exitVector);
    c.i32Const(0);
    c.i32Const(errorCode);
    c.i32Store(STATE.exitErrorCode);
    c.i32Const(0);
    c.i32Const(EXIT_EXCEPTION);
    c.i32Store(STATE.exitKind);
  }
  /**
   * A floating-point operation: as WebAssembly computes it, unless MXCSR asks for more than that or something about
   * operands and results is unusual.
   * ```
   *   block
   *     block
   *       br_if not fast mode; results := fast; br_if unusual ...; br 1
   *     end
   *     operands to memory; call; if (unmasked exception) fault; results from memory
   *   end
   * ```
   */
  #writeFloat(s: Statement & { kind: 'float' }): void {
    const c = this.#code;
    for (const { value } of s.operands) this.#inLocal(value);
    for (const result of s.results) this.#result(result);
    if (s.fast) {
      const { floatMode } = this.#locals;
      if (s.needsFastMode) floatMode.read(c);
      const before = this.#computed;
      this.#computed = [];
      c.block();
      c.block();
      if (s.needsFastMode && !s.testsMode) {
        c.localGet(floatMode.mask('any'));
        c.op(OP.i32eqz);
        this.#brIfUnlikely(0);
      }
      for (const n of s.fast) this.#emit(n);
      for (const result of s.results.toReversed()) c.localSet(result.local);
      for (const n of s.unusual) {
        this.#emit(n);
        this.#brIfUnlikely(0);
      }
      c.br(1);
      c.end();
      // What has been computed here is not there on the other way.
      for (const n of this.#computed) n.local = -1;
      this.#computed = [];
      this.#depth++;
      if (s.harmless) {
        this.#emit(s.harmless);
        c.brIf(0);
        for (const n of this.#computed) n.local = -1;
      }
      this.#computed = before;
    }
    for (const { value, offset } of s.operands) {
      c.i32Const(0);
      this.#emit(value);
      writeTypedStore(c, value.type, offset);
    }
    const outcome = this.#locals.temporary(I32);
    c.i32Const(s.option);
    c.call(this.#func(s.func));
    c.localTee(outcome);
    c.i32Const(LANES_RAISE);
    c.op(OP.i32eq);
    this.#writeFaultIf(() => this.#writeException('XM', 0));
    for (const [i, { type, local }] of s.results.entries()) {
      c.i32Const(0);
      writeTypedLoad(c, type, resultAt(i));
      c.localSet(local);
    }
    this.#locals.floatMode.update(c, outcome);
    if (s.fast) {
      this.#depth--;
      c.end();
    }
  }
  #brIfUnlikely(label: number): void {
    this.#hints.push({ offset: this.#code.length, likely: false });
    this.#code.brIf(label);
  }
  #writeIf(s: Statement & { kind: 'if' }): void {
    const c = this.#code;
    this.#saveUnits(s.saves);
    this.#emit(s.condition);
    c.if();
    this.#depth++;
    const must = this.#mustWrite;
    this.#writeArm(s.whenTrue);
    if (s.whenFalse) {
      const mustThen = this.#mustWrite;
      this.#mustWrite = must;
      c.else();
      this.#writeArm(s.whenFalse);
      this.#mustWrite = this.#mustWrite.and(mustThen);
    } else {
      this.#mustWrite = must;
    }
    this.#depth--;
    c.end();
  }
  #writeArm(scope: Scope): void {
    const before = this.#computed;
    const { floatMode } = this.#locals;
    const knowsMode = floatMode.isKnown;
    this.#computed = [];
    this.#writeStatements(scope.statements);
    this.#writePending(scope.pending);
    for (const n of this.#computed) n.local = -1;
    this.#computed = before;
    floatMode.isKnown &&= knowsMode;
  }
  #writeRepeat(s: Statement & { kind: 'repeat' }): void {
    const c = this.#code;
    const written = writtenUnits(s.turn);
    this.#saveUnits(s.saves);
    if (s.bulk) {
      const units = s.bulk.func === 'bulkMovs' ? [RCX, RSI, RDI] : [RCX, RDI];
      for (const unit of units) this.#storeUnit(unit);
      if (s.bulk.func === 'bulkStos') this.#storeUnit(RAX);
      c.i32Const(s.bulk.bytes);
      this.#emit(s.bulk.base);
      c.call(this.#func(s.bulk.func));
      for (const unit of units) {
        c.i32Const(0);
        c.i64Load(STATE.regs + unit * 8);
        this.#setUnit(unit);
      }
    }
    // From the second turn on, a fault finds what the turns before have written.
    const must = this.#mustWrite;
    for (const unit of written) this.#mayWrite = this.#mayWrite.with(unit);
    c.block();
    c.loop();
    this.#depth += 2;
    this.#readUnit(RCX);
    if (s.addressWidth === 32) c.op(OP.i32wrapI64);
    c.op(s.addressWidth === 32 ? OP.i32eqz : OP.i64eqz);
    c.brIf(1);
    this.#writeArm(s.turn);
    if (s.until) {
      this.#writeStatements(s.until.scope.statements);
      this.#emit(s.until.condition);
      c.brIf(1);
    }
    c.br(0);
    this.#depth -= 2;
    c.end();
    c.end();
    this.#mustWrite = must;
  }

  /** Old values that later code of the instruction may still want, before code that may overwrite their locals. */
  #saveUnits(saves: readonly Node[]): void {
    for (const n of saves) {
      if (n.local >= 0 || n.uses === 0) continue;
      this.#readUnit(n.op);
      n.local = this.#locals.temporary(n.type);
      this.#code.localSet(n.local);
    }
  }

  // ---- writes at the end of a scope
  #writePending({ registers, flags }: Pending): void {
    const sets: number[] = [];
    for (const [unit, value] of registers) {
      if (value.kind === UNIT && value.op === unit && value.local < 0) continue;
      this.#emit(value);
      sets.push(unit);
    }
    if (flags !== undefined) {
      const values: [number, Node][] = [
        [UNIT_FX, flags.fx],
        [UNIT_FY, flags.fy],
        [UNIT_FOP, flags.fopNode],
        // Where CF follows from the others, a constant ends the life of what its local held.
        [UNIT_FC, flags.fc ?? constant(I32, 0n)],
      ];
      for (const [unit, value] of values) {
        if (value.kind === UNIT && value.op === unit && value.local < 0) continue;
        this.#emit(value);
        sets.push(unit);
      }
    }
    for (let i = sets.length - 1; i >= 0; i--) this.#setUnit(sets[i]);
  }
  #wrote(unit: number): void {
    this.#mayWrite = this.#mayWrite.with(unit);
    this.#mustWrite = this.#mustWrite.with(unit);
  }
  #setUnit(unit: number): void {
    this.#code.localSet(this.#locals.unit(unit));
    this.#wrote(unit);
  }
  #readUnit(unit: number): void {
    this.#noteRead(unit);
    this.#code.localGet(this.#locals.unit(unit));
  }
  #storeUnit(unit: number): void {
    this.#code.i32Const(0);
    this.#readUnit(unit);
    this.#code.i64Store(STATE.regs + unit * 8);
  }

  // ---- values
  #emit(n: Node): void {
    const c = this.#code;
    if (n.local >= 0) return c.localGet(n.local);
    switch (n.kind) {
      case CONST:
        if (n.type === V128) c.v128Const(n.value);
        else if (n.type === I64) c.i64Const(n.value);
        else c.i32Const(Number(n.value));
        return;
      case UNIT:
        return this.#readUnit(n.op);
      case OPERATION:
        for (const arg of n.args) this.#emit(arg);
        if (n.op === I8X16_SHUFFLE) c.i8x16Shuffle(n.value);
        else c.wideOp(n.op);
        if (hasLane(n.op)) c.byte(Number(n.value));
        break;
      case CHOICE:
        this.#emitChoice(n);
        break;
      case MODE:
        return c.localGet(this.#locals.floatMode.mask(MODE_SHAPES[n.op]));
      case CALL:
        for (const arg of n.args) this.#emit(arg);
        c.call(this.#func(n.func as RuntimeFunc));
        break;
      default:
        invariant(false, 'a result is used before its statement');
    }
    if (n.uses > 1 && !isCheap(n)) {
      n.local = this.#locals.temporary(n.type);
      this.#computed.push(n);
      c.localTee(n.local);
    }
  }
  #emitChoice({ args: [condition, ...arms], type, value }: Node): void {
    for (const arm of arms) {
      for (const n of arm.args) this.#inLocalUnlessCheap(n);
      if (arm.uses > 1) this.#inLocal(arm);
    }
    const [whenTrue, whenFalse] = arms.map((arm) => () => this.#emit(arm));
    this.#emit(condition);
    this.#writeArms(type, value === 1n, whenTrue, whenFalse);
  }
  /** The local that holds a value, computed into a new one if there is none. */
  #inLocal(n: Node): number {
    if (n.local >= 0) return n.local;
    if (n.kind === UNIT) {
      this.#noteRead(n.op);
      return this.#locals.unit(n.op);
    }
    this.#emit(n);
    if (n.local >= 0) {
      this.#code.op(OP.drop);
      return n.local;
    }
    n.local = this.#locals.temporary(n.type);
    this.#computed.push(n);
    this.#code.localSet(n.local);
    return n.local;
  }
  /** A value that both ways of an access need is computed before they part. */
  #inLocalUnlessCheap(n: Node): void {
    if (n.kind === OPERATION || n.kind === CALL || n.kind === CHOICE) this.#inLocal(n);
  }
}

/** What the terminator leaves on the operand stack for the code that follows the block. */
function terminatorValue(terminator: Terminator | undefined): Node | undefined {
  if (terminator?.kind === 'branch') return terminator.condition;
  return terminator?.kind === 'ret' || terminator?.kind === 'jumpIndirect' || terminator?.kind === 'callIndirect'
    ? terminator.target
    : undefined;
}

/** Counts the uses of each value, so that one used twice is computed once. */
function count(n: Node): void {
  if (n.uses++ === 0) for (const arg of n.args) count(arg);
}
function countScope({ statements, pending }: Scope): void {
  for (const s of statements) {
    switch (s.kind) {
      case 'load':
      case 'probe':
        count(s.address);
        break;
      case 'loadWide':
        count(s.address);
        break;
      case 'loadIf':
        count(s.condition);
        count(s.load.address);
        break;
      case 'store':
        count(s.address);
        count(s.value);
        break;
      case 'storeVec':
        count(s.address);
        count(s.value);
        if (s.high) count(s.high);
        break;
      case 'call':
        for (const arg of s.args) count(arg);
        break;
      case 'float':
        for (const { value } of s.operands) count(value);
        for (const n of [...(s.fast ?? []), ...s.unusual]) count(n);
        if (s.harmless) count(s.harmless);
        break;
      case 'stateStore':
        count(s.value);
        break;
      case 'raiseIf':
        if (s.condition) count(s.condition);
        break;
      case 'if':
        count(s.condition);
        countScope(s.whenTrue);
        if (s.whenFalse) countScope(s.whenFalse);
        break;
      case 'repeat':
        if (s.bulk) count(s.bulk.base);
        countScope(s.turn);
        if (s.until) {
          countScope(s.until.scope);
          count(s.until.condition);
        }
        break;
    }
  }
  for (const value of pending.registers.values()) count(value);
  if (pending.flags)
    for (const n of [pending.flags.fx, pending.flags.fy, pending.flags.fopNode, pending.flags.fc]) if (n) count(n);
}

/** What is known of the flags after an instruction. */
function flagsAfter(scope: Scope, flags: FlagState, before: KnownFlags): KnownFlags {
  if (scope.pending.flags !== undefined) return { fop: flags.fop, carryKnown: flags.fc !== undefined };
  return writesFlags(scope) ? UNKNOWN_FLAGS : before;
}

function writeTypedStore(c: Code, type: ValType, offset: number): void {
  if (type === V128) c.v128Store(offset);
  else if (type === F64) c.f64Store(offset);
  else if (type === F32) c.f32Store(offset);
  else if (type === I64) c.i64Store(offset);
  else c.i32Store(offset);
}
function writeTypedLoad(c: Code, type: ValType, offset: number): void {
  if (type === V128) c.v128Load(offset);
  else if (type === F64) c.f64Load(offset);
  else if (type === F32) c.f32Load(offset);
  else if (type === I64) c.i64Load(offset);
  else c.i32Load(offset);
}

/** Cheaper to compute again than to keep. */
const isCheap = (n: Node): boolean => n.op === OP.i32wrapI64 && n.args[0].kind === UNIT;

/** fc := CF, and fop says so. `fop`: the known kind and width, from whose operands CF follows; or undefined. */
export function writeCarry(
  c: Code,
  locals: RegionLocals,
  func: (name: RuntimeFunc) => number,
  fop: number | undefined,
): void {
  const local = (unit: number) => locals.unit(unit);
  if (fop === undefined) {
    c.localGet(local(UNIT_FOP));
    c.i32Const(FOP_CARRY);
    c.op(OP.i32and);
    c.if();
  }
  const emit = (n: Node): void => {
    if (n.kind === UNIT) return c.localGet(local(n.op));
    if (n.kind === CONST) return n.type === I64 ? c.i64Const(n.value) : c.i32Const(Number(n.value));
    if (n.kind === CHOICE) {
      const [condition, whenTrue, whenFalse] = n.args;
      emit(condition);
      c.if(n.type);
      emit(whenTrue);
      c.else();
      emit(whenFalse);
      return c.end();
    }
    for (const arg of n.args) emit(arg);
    if (n.kind === CALL) c.call(func(n.func as RuntimeFunc));
    else c.op(n.op as never);
  };
  emit(
    keptCarryNode({ fop, fopNode: unitNode(UNIT_FOP), fx: unitNode(UNIT_FX), fy: unitNode(UNIT_FY), fc: undefined }),
  );
  c.localSet(local(UNIT_FC));
  if (fop === undefined) {
    c.localGet(local(UNIT_FOP));
    c.i32Const(FOP_CARRY - 1);
    c.op(OP.i32and);
    c.localSet(local(UNIT_FOP));
    c.end();
  } else {
    c.i32Const(fop);
    c.localSet(local(UNIT_FOP));
  }
}
