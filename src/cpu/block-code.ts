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
  private readonly _builder = new WasmBuilder();
  private readonly _locals: RegionLocals;
  private readonly _func: (name: RuntimeFunc) => number;
  private readonly _lowestRip: bigint;
  private readonly _code = new Code(4096);
  private _faults: FaultSite[] = [];
  private _hints: { offset: number; likely: boolean }[] = [];
  private _reads = UnitSet.NONE;
  private _mayWrite = UnitSet.NONE;
  private _mustWrite = UnitSet.NONE;
  /** `xinfo` of the instruction at hand. */
  private _xinfo = 0;
  private _xinfoAfter = 0;
  private _depth = 0;
  /** Nodes computed in the scope at hand and its outer ones; inner lists are forgotten when a scope ends. */
  private _computed: Node[] = [];
  private readonly _accesses: AccessWriter;

  constructor(locals: RegionLocals, func: (name: RuntimeFunc) => number, lowestRip: bigint) {
    this._locals = locals;
    this._func = func;
    this._lowestRip = lowestRip;
    this._accesses = new AccessWriter({
      code: this._code,
      locals,
      func,
      emit: (n) => this._emit(n),
      inLocal: (n) => this._inLocal(n),
      inLocalUnlessCheap: (n) => this._inLocalUnlessCheap(n),
      result: (n) => this._result(n),
      arms: (type, likely, whenTrue, whenFalse) => this._writeArms(type, likely, whenTrue, whenFalse),
      faultIfMinusOne: () => this._faultIfMinusOne(),
      raiseIf: (vector, errorCode) => this._writeFaultIf(() => this._writeException(vector, errorCode)),
    });
  }

  /** `flagsIn`: what is known at the start. */
  write(insns: readonly Insn[], flagsIn: KnownFlags): BlockCode {
    this._code.reset();
    this._faults = [];
    this._hints = [];
    this._reads = this._mayWrite = this._mustWrite = UnitSet.NONE;
    this._builder.beginBlock();
    const { built, stoppedAt } = this._build(insns, flagsIn);
    this._locals.floatMode.begin(this._builder.modeShapes);
    this._accesses.beginBlock(built.map(({ scope }) => scope));
    for (const instruction of built) {
      this._writeInstruction(instruction);
      this._locals.releaseTemporaries();
    }
    this._accesses.endBlock();
    const terminator = stoppedAt === undefined ? built[built.length - 1].terminator : INTERPRET;
    return {
      code: this._code.bytes().slice(),
      hints: this._hints,
      faults: this._faults,
      reads: this._reads,
      mayWrite: this._mayWrite,
      mustWrite: this._mustWrite,
      flagsOut: built.length > 0 ? built[built.length - 1].flagsAfter : flagsIn,
      terminator,
      stoppedAt,
    };
  }

  /** Up to the first instruction that is left to the cold tier. */
  private _build(insns: readonly Insn[], flagsIn: KnownFlags): { built: Built[]; stoppedAt: bigint | undefined } {
    const built: Built[] = [];
    let known = flagsIn;
    for (const [i, insn] of insns.entries()) {
      const remaining = insns.length - i;
      const { scope, flags } = this._builder.build(insn, known.fop, known.carryKnown, remaining);
      const { terminator } = this._builder;
      if (terminator?.kind === 'interpret') return { built, stoppedAt: insn.rip };
      known = flagsAfter(scope, flags, known);
      built.push({ insn, remaining, scope, flagsAfter: known, terminator });
    }
    return { built, stoppedAt: undefined };
  }

  xinfo(rip: bigint, remaining: number): number {
    return (Number(rip - this._lowestRip) << 8) | remaining;
  }

  private _writeInstruction({ insn, remaining, scope, terminator }: Built): void {
    this._xinfo = this.xinfo(insn.rip, remaining);
    this._xinfoAfter = this.xinfo(insn.next, remaining);
    this._computed = [];
    this._accesses.beginInstruction();
    countScope(scope);
    const node = terminatorValue(terminator);
    if (node) count(node);
    this._writeStatements(scope.statements);
    const writes = scope.pending.registers.size > 0 || scope.pending.flags !== undefined;
    let saved = -1;
    if (node && writes) {
      this._emit(node);
      saved = this._locals.temporary(node.type);
      this._code.localSet(saved);
    }
    this._writePending(scope.pending);
    if (saved >= 0) this._code.localGet(saved);
    else if (node) this._emit(node);
  }

  private _noteRead(unit: number): void {
    if (!this._mustWrite.has(unit)) this._reads = this._reads.with(unit);
  }

  // ---- statements
  private _writeStatements(statements: readonly Statement[]): void {
    for (const s of statements) this._writeStatement(s);
  }
  private _writeStatement(s: Statement): void {
    const c = this._code;
    switch (s.kind) {
      case 'load':
        this._accesses.load(s);
        this._keep(s.result);
        break;
      case 'store':
        this._accesses.store(s);
        break;
      case 'loadWide':
        this._accesses.wideLoad(s);
        break;
      case 'loadIf': {
        const { load, condition } = s;
        this._inLocal(load.address);
        this._emit(condition);
        this._writeArms(
          load.result.type,
          true,
          () => this._accesses.load(load),
          () => (load.width === 64 ? c.i64Const(0n) : c.i32Const(0)),
        );
        this._keep(load.result);
        break;
      }
      case 'storeVec':
        this._accesses.vectorStore(s);
        break;
      case 'probe':
        this._emit(s.address);
        c.i32Const(s.bytes);
        c.call(this._func('slowReadForStore'));
        this._faultIfMinusOne();
        break;
      case 'call':
        for (const arg of s.args) this._emit(arg);
        c.call(this._func(s.func));
        if (s.result) this._keep(s.result);
        break;
      case 'float':
        this._writeFloat(s);
        break;
      case 'stateLoad':
        if (s.offset === BUDGET_LOCAL) {
          c.localGet(this._locals.budget);
          c.op(OP.i64extendI32S);
        } else {
          c.i32Const(0);
          if (s.result.type === V128) c.v128Load(s.offset);
          else if (s.result.type === I64) c.i64Load(s.offset);
          else c.i32Load(s.offset);
        }
        this._keep(s.result);
        break;
      case 'stateStore':
        c.i32Const(0);
        this._emit(s.value);
        if (s.value.type === I64) c.i64Store(s.offset);
        else c.i32Store(s.offset);
        if (s.offset === STATE.mxcsr) this._locals.floatMode.isKnown = false;
        break;
      case 'raiseIf':
        // #BP is a trap: RIP is the next instruction's.
        if (s.vector === 'BP') this._xinfo = this._xinfoAfter;
        if (s.condition === undefined) this._writeRaise(s.vector, s.errorCode);
        else {
          this._emit(s.condition);
          this._writeFaultIf(() => this._writeException(s.vector, s.errorCode));
        }
        break;
      case 'if':
        this._writeIf(s);
        break;
      case 'repeat':
        this._writeRepeat(s);
        break;
    }
  }

  private _keep(result: Node): void {
    if (result.uses === 0) {
      this._code.op(OP.drop);
      return;
    }
    this._code.localSet(this._result(result));
  }
  /** A local for it. */
  private _result(n: Node): number {
    n.local = this._locals.temporary(n.type);
    this._computed.push(n);
    return n.local;
  }

  /** Consumes a condition; the likely arm is the one that it says. */
  private _writeArms(type: ValType | typeof VOID, likely: boolean, whenTrue: () => void, whenFalse: () => void): void {
    const c = this._code;
    this._hints.push({ offset: c.length, likely });
    c.if(type);
    this._depth++;
    whenTrue();
    c.else();
    whenFalse();
    this._depth--;
    c.end();
  }
  /** Consumes an i32; -1 goes to the fault exit. */
  private _faultIfMinusOne(): void {
    const c = this._code;
    c.i32Const(-1);
    c.op(OP.i32eq);
    this._writeFaultIf();
  }
  /** Consumes a condition. */
  private _writeFaultIf(prepare?: () => void): void {
    const c = this._code;
    this._hints.push({ offset: c.length, likely: false });
    c.if();
    this._depth++;
    prepare?.();
    this._writeFault();
    this._depth--;
    c.end();
  }
  private _writeFault(): void {
    const c = this._code;
    c.i32Const(this._xinfo);
    c.localSet(this._locals.xinfo);
    this._faults.push({ at: c.brPadded(), depth: this._depth, mayWrite: this._mayWrite, mustWrite: this._mustWrite });
  }
  private _writeRaise(vector: ExceptionVector, errorCode: number): void {
    this._writeException(vector, errorCode);
    this._writeFault();
  }
  /** The exit fields of an exception. */
  private _writeException(vector: ExceptionVector, errorCode: number): void {
    const c = this._code;
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
  private _writeFloat(s: Statement & { kind: 'float' }): void {
    const c = this._code;
    for (const { value } of s.operands) this._inLocal(value);
    for (const result of s.results) this._result(result);
    if (s.fast) {
      const { floatMode } = this._locals;
      if (s.needsFastMode) floatMode.read(c);
      const before = this._computed;
      this._computed = [];
      c.block();
      c.block();
      if (s.needsFastMode && !s.testsMode) {
        c.localGet(floatMode.mask('any'));
        c.op(OP.i32eqz);
        this._brIfUnlikely(0);
      }
      for (const n of s.fast) this._emit(n);
      for (const result of s.results.toReversed()) c.localSet(result.local);
      for (const n of s.unusual) {
        this._emit(n);
        this._brIfUnlikely(0);
      }
      c.br(1);
      c.end();
      // What has been computed here is not there on the other way.
      for (const n of this._computed) n.local = -1;
      this._computed = [];
      this._depth++;
      if (s.harmless) {
        this._emit(s.harmless);
        c.brIf(0);
        for (const n of this._computed) n.local = -1;
      }
      this._computed = before;
    }
    for (const { value, offset } of s.operands) {
      c.i32Const(0);
      this._emit(value);
      writeTypedStore(c, value.type, offset);
    }
    const outcome = this._locals.temporary(I32);
    c.i32Const(s.option);
    c.call(this._func(s.func));
    c.localTee(outcome);
    c.i32Const(LANES_RAISE);
    c.op(OP.i32eq);
    this._writeFaultIf(() => this._writeException('XM', 0));
    for (const [i, { type, local }] of s.results.entries()) {
      c.i32Const(0);
      writeTypedLoad(c, type, resultAt(i));
      c.localSet(local);
    }
    this._locals.floatMode.update(c, outcome);
    if (s.fast) {
      this._depth--;
      c.end();
    }
  }
  private _brIfUnlikely(label: number): void {
    this._hints.push({ offset: this._code.length, likely: false });
    this._code.brIf(label);
  }
  private _writeIf(s: Statement & { kind: 'if' }): void {
    const c = this._code;
    this._saveUnits(s.saves);
    this._emit(s.condition);
    c.if();
    this._depth++;
    const must = this._mustWrite;
    this._writeArm(s.whenTrue);
    if (s.whenFalse) {
      const mustThen = this._mustWrite;
      this._mustWrite = must;
      c.else();
      this._writeArm(s.whenFalse);
      this._mustWrite = this._mustWrite.and(mustThen);
    } else {
      this._mustWrite = must;
    }
    this._depth--;
    c.end();
  }
  private _writeArm(scope: Scope): void {
    const before = this._computed;
    const { floatMode } = this._locals;
    const knowsMode = floatMode.isKnown;
    this._computed = [];
    this._writeStatements(scope.statements);
    this._writePending(scope.pending);
    for (const n of this._computed) n.local = -1;
    this._computed = before;
    floatMode.isKnown &&= knowsMode;
  }
  private _writeRepeat(s: Statement & { kind: 'repeat' }): void {
    const c = this._code;
    const written = writtenUnits(s.turn);
    this._saveUnits(s.saves);
    if (s.bulk) {
      const units = s.bulk.func === 'bulkMovs' ? [RCX, RSI, RDI] : [RCX, RDI];
      for (const unit of units) this._storeUnit(unit);
      if (s.bulk.func === 'bulkStos') this._storeUnit(RAX);
      c.i32Const(s.bulk.bytes);
      this._emit(s.bulk.base);
      c.call(this._func(s.bulk.func));
      for (const unit of units) {
        c.i32Const(0);
        c.i64Load(STATE.regs + unit * 8);
        this._setUnit(unit);
      }
    }
    // From the second turn on, a fault finds what the turns before have written.
    const must = this._mustWrite;
    for (const unit of written) this._mayWrite = this._mayWrite.with(unit);
    c.block();
    c.loop();
    this._depth += 2;
    this._readUnit(RCX);
    if (s.addressWidth === 32) c.op(OP.i32wrapI64);
    c.op(s.addressWidth === 32 ? OP.i32eqz : OP.i64eqz);
    c.brIf(1);
    this._writeArm(s.turn);
    if (s.until) {
      this._writeStatements(s.until.scope.statements);
      this._emit(s.until.condition);
      c.brIf(1);
    }
    c.br(0);
    this._depth -= 2;
    c.end();
    c.end();
    this._mustWrite = must;
  }

  /** Old values that later code of the instruction may still want, before code that may overwrite their locals. */
  private _saveUnits(saves: readonly Node[]): void {
    for (const n of saves) {
      if (n.local >= 0 || n.uses === 0) continue;
      this._readUnit(n.op);
      n.local = this._locals.temporary(n.type);
      this._code.localSet(n.local);
    }
  }

  // ---- writes at the end of a scope
  private _writePending({ registers, flags }: Pending): void {
    const sets: number[] = [];
    for (const [unit, value] of registers) {
      if (value.kind === UNIT && value.op === unit && value.local < 0) continue;
      this._emit(value);
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
        this._emit(value);
        sets.push(unit);
      }
    }
    for (let i = sets.length - 1; i >= 0; i--) this._setUnit(sets[i]);
  }
  private _wrote(unit: number): void {
    this._mayWrite = this._mayWrite.with(unit);
    this._mustWrite = this._mustWrite.with(unit);
  }
  private _setUnit(unit: number): void {
    this._code.localSet(this._locals.unit(unit));
    this._wrote(unit);
  }
  private _readUnit(unit: number): void {
    this._noteRead(unit);
    this._code.localGet(this._locals.unit(unit));
  }
  private _storeUnit(unit: number): void {
    this._code.i32Const(0);
    this._readUnit(unit);
    this._code.i64Store(STATE.regs + unit * 8);
  }

  // ---- values
  private _emit(n: Node): void {
    const c = this._code;
    if (n.local >= 0) return c.localGet(n.local);
    switch (n.kind) {
      case CONST:
        if (n.type === V128) c.v128Const(n.value);
        else if (n.type === I64) c.i64Const(n.value);
        else c.i32Const(Number(n.value));
        return;
      case UNIT:
        return this._readUnit(n.op);
      case OPERATION:
        for (const arg of n.args) this._emit(arg);
        if (n.op === I8X16_SHUFFLE) c.i8x16Shuffle(n.value);
        else c.wideOp(n.op);
        if (hasLane(n.op)) c.byte(Number(n.value));
        break;
      case CHOICE:
        this._emitChoice(n);
        break;
      case MODE:
        return c.localGet(this._locals.floatMode.mask(MODE_SHAPES[n.op]));
      case CALL:
        for (const arg of n.args) this._emit(arg);
        c.call(this._func(n.func as RuntimeFunc));
        break;
      default:
        invariant(false, 'a result is used before its statement');
    }
    if (n.uses > 1 && !isCheap(n)) {
      n.local = this._locals.temporary(n.type);
      this._computed.push(n);
      c.localTee(n.local);
    }
  }
  private _emitChoice({ args: [condition, ...arms], type, value }: Node): void {
    for (const arm of arms) {
      for (const n of arm.args) this._inLocalUnlessCheap(n);
      if (arm.uses > 1) this._inLocal(arm);
    }
    const [whenTrue, whenFalse] = arms.map((arm) => () => this._emit(arm));
    this._emit(condition);
    this._writeArms(type, value === 1n, whenTrue, whenFalse);
  }
  /** The local that holds a value, computed into a new one if there is none. */
  private _inLocal(n: Node): number {
    if (n.local >= 0) return n.local;
    if (n.kind === UNIT) {
      this._noteRead(n.op);
      return this._locals.unit(n.op);
    }
    this._emit(n);
    if (n.local >= 0) {
      this._code.op(OP.drop);
      return n.local;
    }
    n.local = this._locals.temporary(n.type);
    this._computed.push(n);
    this._code.localSet(n.local);
    return n.local;
  }
  /** A value that both ways of an access need is computed before they part. */
  private _inLocalUnlessCheap(n: Node): void {
    if (n.kind === OPERATION || n.kind === CALL || n.kind === CHOICE) this._inLocal(n);
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
