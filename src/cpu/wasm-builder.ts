/**
 * Builder that collects an instruction's values and statements for translation to WebAssembly. It runs `emit` and
 * keeps what came of it in a Scope; cpu/block-code.ts writes the code.
 *
 * Integers of width 64 are i64, narrower ones i32, zero-extended. Flags are known by where they came from as long as
 * that is one place (FlagState), so that a compare and its jump become one comparison.
 */
import { invariant } from '../base/invariant.ts';
import type { Alignment, Bool, Builder, ExceptionVector, FlagName, FloatOperation, FloatValue, LateArgs, LateResult, Val, Vec, VectorOpArgs, VectorOpResult, Width } from './builder.ts'; // biome-ignore format: a long list
import { CalmLanes, type CalmShape } from './calm-lanes.ts';
import { FlagNodes, fopConstant, imageNode, keptCarryNode } from './flag-nodes.ts';
import {
  AF,
  CF,
  DF,
  FLAG_BIT,
  type FlagKind,
  FOP_CARRY,
  fopOf,
  KIND_ADD,
  KIND_DEC,
  KIND_INC,
  KIND_MUL,
  KIND_ORDER,
  KIND_PACKED,
  KIND_RESULT,
  KIND_SUB,
  OF,
  PF,
  RFLAGS_FIXED,
  SF,
  USER_FLAGS,
  ZF,
} from './flags.ts';
import { operandAt } from './float/area.ts';
import type { ModeShape } from './float-mode.ts';
import type { Insn } from './isa/define.ts';
import type { MemOperand, Operand } from './isa/operand.ts';
import type { LateFunc } from './late-defs.ts';
import { lateFunc } from './late-funcs.ts';
import {
  binary,
  constant,
  type FlagState,
  modeNode,
  type Node,
  newScope,
  operation,
  resultNode,
  type Scope,
  selectNode,
  unitNode,
  vectorConstant,
} from './nodes.ts';
import { RCX, RDI, RSI, STATE } from './state.ts';
import { UNIT_FC, UNIT_FOP, UNIT_FX, UNIT_FY, UNIT_XMM, UNIT_YMM_HIGH } from './units.ts';
import { asNode, asVal, MASKS, typeOf, ValueBuilder } from './value-builder.ts';
import { I32, I64, OP, V128, type ValType } from './wasm/code.ts';
import { I8X16_SHUFFLE, typeOfLetter, VECTOR_OPS, type VectorOp } from './wasm/vector-ops.ts';

/** Where control goes after an instruction. */
export type Terminator =
  | { readonly kind: 'jump'; readonly target: bigint }
  | { readonly kind: 'branch'; readonly condition: Node; readonly target: bigint }
  | { readonly kind: 'jumpIndirect' | 'callIndirect' | 'ret'; readonly target: Node }
  | { readonly kind: 'call'; readonly target: bigint }
  | { readonly kind: 'syscall' | 'raise' | 'interpret' }
  /** Of a block without instructions: cpu/region.ts, BlockKind. */
  | { readonly kind: 'dispatch' };

const vecNode = (value: Vec): Node => value as unknown as Node;
const asVec = (n: Node): Vec => n as unknown as Vec;

export class WasmBuilder extends ValueBuilder implements Builder {
  private readonly _flagNodes = new FlagNodes(this);
  rip = 0n;
  nextRip = 0n;
  terminator: Terminator | undefined;
  /** Instructions of the block from this one on, for the time-stamp counter. */
  remaining = 0;

  private _insn: Insn | undefined;
  private readonly _calm = new CalmLanes();
  private _scopeDepth = 0;
  /** Masks of cpu/float-mode.ts that the block has asked for. */
  readonly modeShapes = new Set<ModeShape>();
  private _scope: Scope = newScope();
  private _units: (Node | undefined)[] = [];
  private _flags!: FlagState;
  private _addresses = new Map<MemOperand, Node>();
  private _loadedForStore = new Map<Node, Node>();

  /**
   * Runs `emit` for one instruction. `flags` says what is known of the flags before it; the result's `flags` what is
   * known after it.
   */
  build(
    insn: Insn,
    fop: number | undefined,
    carryKnown: boolean,
    remaining: number,
  ): { scope: Scope; flags: FlagState } {
    this._insn = insn;
    this.rip = insn.rip;
    this.nextRip = insn.rip + BigInt(insn.length);
    this.terminator = undefined;
    this.remaining = remaining;
    this._scope = newScope();
    this._units = [];
    this._addresses.clear();
    this._loadedForStore.clear();
    this._flags = {
      fop,
      fopNode: fop === undefined ? this._unit(UNIT_FOP) : fopConstant(fop, carryKnown),
      fx: this._unit(UNIT_FX),
      fy: this._unit(UNIT_FY),
      fc: carryKnown ? this._unit(UNIT_FC) : undefined,
    };
    insn.def.emit(this, insn);
    this._calm.commit(this._scope.pending.registers);
    return { scope: this._scope, flags: this._scope.pending.flags ?? this._flags };
  }

  beginBlock(): void {
    this.modeShapes.clear();
    this._calm.clear();
  }

  // ---- operands, registers, memory
  private _unit(unit: number): Node {
    return (this._units[unit] ??= unitNode(unit));
  }
  read(operand: Operand): Val {
    switch (operand.kind) {
      case 'reg':
        if (operand.high)
          return this.and(32, this.shrU(32, this.readReg(32, operand.reg), this.const(32, 8)), this.const(32, 0xff));
        return this.readReg(operand.width, operand.reg);
      case 'imm':
        return this.const(operand.width, operand.value);
      case 'mem': {
        const address = asVal(this._addressNode(operand));
        const width = operand.width as Width;
        return operand.access === 'rw' ? this.loadForStore(width, address) : this.load(width, address);
      }
      default:
        invariant(false, `read of a ${operand.kind} operand`);
    }
  }
  write(operand: Operand, value: Val): void {
    if (operand.kind === 'mem') {
      this.store(operand.width as Width, asVal(this._addressNode(operand)), value);
      return;
    }
    invariant(operand.kind === 'reg', `write to a ${operand.kind} operand`);
    if (!operand.high) return this.writeReg(operand.width, operand.reg, value);
    const old = asVal(this._current(operand.reg));
    const shifted = this.shl(64, this.zext(8, 64, value), this.const(32, 8));
    this.writeReg(64, operand.reg, this.or(64, this.and(64, old, this.const(64, ~0xff00n)), shifted));
  }
  readReg(width: Width, register: number): Val {
    return this.trunc(64, width, asVal(this._unit(register)));
  }
  /** The register with what this scope has written so far, for partial writes. */
  private _current(register: number): Node {
    return this._scope.pending.registers.get(register) ?? this._unit(register);
  }
  writeReg(width: Width, register: number, value: Val): void {
    let full = this.zext(width, 64, value);
    if (width < 32) {
      const kept = this.and(64, asVal(this._current(register)), this.const(64, ~MASKS[width]));
      full = this.or(64, kept, full);
    }
    this._scope.pending.registers.set(register, asNode(full));
  }
  offset(operand: MemOperand): Val {
    let sum: Val | undefined;
    if (operand.base !== undefined) sum = this.readReg(64, operand.base);
    if (operand.index !== undefined) {
      const scaled = this.shl(64, this.readReg(64, operand.index), this.const(32, Math.log2(operand.scale)));
      sum = sum === undefined ? scaled : this.add(64, sum, scaled);
    }
    const disp = this.const(64, operand.disp);
    const all = sum === undefined ? disp : this.add(64, sum, disp);
    return operand.addressWidth === 32 ? this.zext(32, 64, this.trunc(64, 32, all)) : all;
  }
  private _addressNode(operand: MemOperand): Node {
    let address = this._addresses.get(operand);
    if (address === undefined) {
      const { segment } = operand;
      const offset = this.offset(operand);
      address = asNode(segment === 'fs' || segment === 'gs' ? this.add(64, this.segmentBase(segment), offset) : offset);
      this._addresses.set(operand, address);
    }
    return address;
  }
  address(operand: MemOperand): Val {
    return asVal(this._addressNode(operand));
  }
  segmentBase(segment: 'fs' | 'gs'): Val {
    return asVal(this._stateLoad(segment === 'fs' ? STATE.fsBase : STATE.gsBase, I64));
  }
  setSegmentBase(segment: 'fs' | 'gs', value: Val): void {
    this._stateStore(segment === 'fs' ? STATE.fsBase : STATE.gsBase, asNode(value));
  }
  private _stateLoad(offset: number, type: ValType): Node {
    const result = resultNode(type);
    this._scope.statements.push({ kind: 'stateLoad', result, offset });
    return result;
  }
  private _stateStore(offset: number, value: Node): void {
    this._scope.statements.push({ kind: 'stateStore', offset, value });
  }
  load(width: Width, address: Val): Val {
    return this._load(width, address, false);
  }
  loadForStore(width: Width, address: Val): Val {
    return this._load(width, address, true);
  }
  private _load(width: Width, address: Val, forStore: boolean): Val {
    const result = resultNode(typeOf(width));
    const at = asNode(address);
    this._scope.statements.push({ kind: 'load', result, address: at, width, forStore, alignment: 1 });
    if (forStore) this._loadedForStore.set(at, result);
    return asVal(result);
  }
  store(width: Width, address: Val, value: Val): void {
    const at = asNode(address);
    this._scope.statements.push({
      kind: 'store',
      address: at,
      width,
      value: asNode(value),
      loaded: this._loadedForStore.get(at),
    });
  }
  probe(address: Val, bytes: number): void {
    this._scope.statements.push({ kind: 'probe', address: asNode(address), bytes });
  }

  callRuntime<K extends LateFunc>(name: K, ...args: LateArgs<K>): LateResult<K> {
    const [type] = lateFunc(name).results as readonly ValType[];
    const result = type === undefined ? undefined : resultNode(type);
    this._scope.statements.push({ kind: 'call', func: name, args: args as unknown as Node[], result });
    return result as unknown as LateResult<K>;
  }

  // ---- vectors and floating point
  readXmm(register: number): Vec {
    return asVec(this._unit(UNIT_XMM + register));
  }
  writeXmm(register: number, value: Vec): void {
    this._scope.pending.registers.set(UNIT_XMM + register, vecNode(value));
  }
  readYmmHigh(register: number): Vec {
    return asVec(this._unit(UNIT_YMM_HIGH + register));
  }
  writeYmmHigh(register: number, value: Vec): void {
    this._scope.pending.registers.set(UNIT_YMM_HIGH + register, vecNode(value));
  }
  loadVec(bits: 32 | 64 | 128, address: Val, alignment: Alignment = 1): Vec {
    const result = resultNode(V128);
    const load = { result, address: asNode(address), width: bits, forStore: false, alignment };
    this._scope.statements.push({ kind: 'load', ...load });
    return asVec(result);
  }
  storeVec(address: Val, value: Vec, alignment: Alignment = 1): void {
    this._storeVectors(address, value, undefined, alignment);
  }
  loadWide(address: Val, alignment: Alignment = 1): { low: Vec; high: Vec } {
    const [low, high] = [resultNode(V128), resultNode(V128)];
    this._scope.statements.push({ kind: 'loadWide', low, high, address: asNode(address), alignment });
    return { low: asVec(low), high: asVec(high) };
  }
  storeWide(address: Val, low: Vec, high: Vec, alignment: Alignment = 1): void {
    this._storeVectors(address, low, high, alignment);
  }
  private _storeVectors(address: Val, low: Vec, high: Vec | undefined, alignment: Alignment): void {
    const [value, upper] = [vecNode(low), high && vecNode(high)];
    this._scope.statements.push({ kind: 'storeVec', address: asNode(address), value, high: upper, alignment });
  }
  loadIf(condition: Bool, width: 32 | 64, address: Val): Val {
    const result = resultNode(typeOf(width));
    const load = { kind: 'load', result, address: asNode(address), width, forStore: false, alignment: 1 } as const;
    this._scope.statements.push({ kind: 'loadIf', condition: asNode(condition), load });
    return asVal(result);
  }
  vecConst(low: bigint, high: bigint): Vec {
    return asVec(vectorConstant((BigInt.asUintN(64, high) << 64n) | BigInt.asUintN(64, low)));
  }
  vec<K extends VectorOp>(name: K, ...args: VectorOpArgs<K>): VectorOpResult<K> {
    const [op, , result] = VECTOR_OPS[name];
    const nodes = (args as unknown[]).filter((arg) => typeof arg !== 'number') as Node[];
    const lane = (args as unknown[]).find((arg) => typeof arg === 'number') as number | undefined;
    return operation(op, typeOfLetter(result), nodes, BigInt(lane ?? 0)) as unknown as VectorOpResult<K>;
  }
  shuffle(x: Vec, y: Vec, bytes: readonly number[]): Vec {
    const lanes = bytes.reduce((all, byte, i) => all | (BigInt(byte) << BigInt(8 * i)), 0n);
    return asVec(operation(I8X16_SHUFFLE, V128, [vecNode(x), vecNode(y)], lanes));
  }
  selectVec(condition: Bool, whenTrue: Vec, whenFalse: Vec): Vec {
    return asVec(selectNode(asNode(condition), vecNode(whenTrue), vecNode(whenFalse)));
  }
  float<R extends FloatValue>(operation: FloatOperation<R>): readonly R[] {
    const { func, option, operands, fast, unusual, harmless, calms } = operation;
    const count = operation.results ?? operands[0].length;
    const results = Array.from({ length: count }, () => resultNode(typeOfLetter(operation.result)));
    const values = results as unknown as readonly R[];
    let { needsFastMode } = operation;
    const isCalm = (x: FloatValue, shape: CalmShape): boolean => {
      if (!this._calm.isCalm(x as unknown as Node, shape)) return false;
      // That holds in fast mode only.
      needsFastMode = true;
      return true;
    };
    let testsMode = false;
    const exponents = (shape: ModeShape) => {
      testsMode = true;
      this.modeShapes.add(shape);
      return modeNode(shape) as never;
    };
    const conditions = (unusual?.(values, { isCalm, exponents }) ?? []).map(asNode);
    const isHarmless = harmless && asNode(harmless(values, { isCalm, exponents }));
    if (needsFastMode && !testsMode) this.modeShapes.add('any');
    this._scope.statements.push({
      kind: 'float',
      func,
      option,
      operands: operands.flatMap((parts, i) =>
        parts.map((part, half) => ({ value: part as unknown as Node, offset: operandAt(i, half) })),
      ),
      results,
      fast: fast?.() as unknown as readonly Node[] | undefined,
      unusual: conditions,
      harmless: isHarmless,
      needsFastMode,
      testsMode,
    });
    if (needsFastMode && fast && this._scopeDepth === 0) {
      const { operands: operandShape, results: resultShape } = calms ?? {};
      if (operandShape) for (const part of operands.flat()) this._calm.note(part as unknown as Node, operandShape);
      if (resultShape) for (const result of results) this._calm.note(result, resultShape);
    }
    return values;
  }
  mxcsr(): Val {
    return asVal(this._stateLoad(STATE.mxcsr, I32));
  }
  setMxcsr(value: Val): void {
    this._calm.clear();
    this._stateStore(STATE.mxcsr, asNode(value));
  }
  readX87(offset: number): Val {
    return asVal(this._stateLoad(STATE.x87 + offset, I64));
  }
  writeX87(offset: number, value: Val): void {
    this._stateStore(STATE.x87 + offset, asNode(value));
  }

  // ---- flags
  private _setFlagState(kind: FlagKind, width: Width, fx: Val, fy: Val, fc: Node | undefined): void {
    const fop = fopOf(kind, width);
    this._scope.pending.flags = {
      fop,
      fopNode: fopConstant(fop, fc !== undefined),
      fx: asNode(this.zext(width, 64, fx)),
      fy: asNode(fy),
      fc,
    };
  }
  flagsAfterAdd(width: Width, x: Val, y: Val): void {
    this._setFlagState(KIND_ADD, width, x, this.zext(width, 64, y), undefined);
  }
  flagsAfterSub(width: Width, x: Val, y: Val): void {
    this._setFlagState(KIND_SUB, width, x, this.zext(width, 64, y), undefined);
  }
  flagsAfterLogic(width: Width, result: Val): void {
    this._setFlagState(KIND_RESULT, width, result, this.const(64, 0), constant(I32, 0n));
  }
  flagsAfterInc(width: Width, result: Val): void {
    this._setFlagState(KIND_INC, width, result, this.const(64, 0), this._keptCarry());
  }
  flagsAfterDec(width: Width, result: Val): void {
    this._setFlagState(KIND_DEC, width, result, this.const(64, 0), this._keptCarry());
  }
  flagsAfterOrder(x: Val, y: Val): void {
    this._setFlagState(KIND_ORDER, 64, x, y, undefined);
  }
  flagsAfterMul(width: Width, x: Val, y: Val): void {
    this._setFlagState(KIND_MUL, width, x, this.zext(width, 64, y), undefined);
  }
  flagsFromResult(width: Width, result: Val, other: { c: Bool; o: Bool; a?: Bool }): void {
    const adjust = other.a === undefined ? other.o : this.or(32, other.o, this.shl(32, other.a, this.const(32, 4)));
    this._setFlagState(KIND_RESULT, width, result, this.zext(32, 64, adjust), asNode(other.c));
  }
  /** The flags that later parts of this scope build on: what it has set itself, or what was there. */
  private _latest(): FlagState {
    return this._scope.pending.flags ?? this._flags;
  }
  setFlags(flags: Partial<Record<FlagName, Bool>>): void {
    const before = this._latest();
    const { c, ...others } = flags;
    const fc = c === undefined ? this._keptCarry() : asNode(c);
    const names = Object.keys(others) as FlagName[];
    if (names.length === 0) {
      const fopNode =
        before.fop === undefined
          ? binary(OP.i32and, I32, before.fopNode, constant(I32, BigInt(FOP_CARRY - 1)))
          : fopConstant(before.fop, true);
      this._scope.pending.flags = { ...before, fopNode, fc };
      return;
    }
    let image = names.length === 5 ? this.const(32, 0) : asVal(imageNode(before));
    for (const name of names) {
      const bit = FLAG_BIT[name];
      const set = this.shl(32, flags[name] as Bool, this.const(32, Math.log2(bit)));
      image = this.or(32, this.and(32, image, this.const(32, BigInt.asUintN(32, ~BigInt(bit)))), set);
    }
    this._setPacked(image, fc);
  }
  private _setPacked(image: Val, fc: Node): void {
    this._setFlagState(
      KIND_PACKED,
      8,
      this.and(32, image, this.const(32, OF | SF | ZF | AF | PF)),
      this.const(64, 0),
      fc,
    );
  }
  flag(name: FlagName): Bool {
    return this._flagNodes.flag(this._flags, name);
  }
  private _keptCarry(): Node {
    const state = this._latest();
    return state.fc ?? keptCarryNode(state);
  }
  condition(code: number): Bool {
    return this._flagNodes.condition(this._flags, code);
  }
  rflags(): Val {
    const rest = asVal(this._stateLoad(STATE.rflagsRest, I32));
    return this.zext(
      32,
      64,
      this.or(32, this.or(32, asVal(imageNode(this._flags)), rest), this.const(32, RFLAGS_FIXED)),
    );
  }
  setRflags(value: Val): void {
    const image = this.trunc(64, 32, value);
    this._setPacked(image, asNode(this.and(32, image, this.const(32, CF))));
    const old = asVal(this._stateLoad(STATE.rflagsRest, I32));
    const kept = this.and(32, old, this.const(32, BigInt.asUintN(32, ~BigInt(USER_FLAGS))));
    this._stateStore(STATE.rflagsRest, asNode(this.or(32, kept, this.and(32, image, this.const(32, USER_FLAGS)))));
  }
  directionFlag(): Bool {
    const rest = asVal(this._stateLoad(STATE.rflagsRest, I32));
    return this.and(32, this.shrU(32, rest, this.const(32, 10)), this.const(32, 1));
  }
  setDirectionFlag(value: boolean): void {
    const rest = asVal(this._stateLoad(STATE.rflagsRest, I32));
    const cleared = this.and(32, rest, this.const(32, BigInt.asUintN(32, ~BigInt(DF))));
    this._stateStore(STATE.rflagsRest, asNode(value ? this.or(32, cleared, this.const(32, DF)) : cleared));
  }

  // ---- control
  /** Runs `body` with a scope of its own; units it writes are read anew afterwards. */
  private _inScope(body: () => void): Scope {
    const outer = this._scope;
    const scope = newScope();
    this._scope = scope;
    this._scopeDepth++;
    body();
    this._scopeDepth--;
    this._scope = outer;
    return scope;
  }
  /** After code that may or may not have run: what it wrote is only in the locals. */
  private _forget(scopes: readonly Scope[]): void {
    for (const scope of scopes) {
      for (const unit of writtenUnits(scope)) {
        this._units[unit] = undefined;
        this._calm.forgetUnit(unit);
      }
      if (!writesFlags(scope)) continue;
      this._flags = {
        fop: undefined,
        fopNode: this._unit(UNIT_FOP),
        fx: this._unit(UNIT_FX),
        fy: this._unit(UNIT_FY),
        fc: undefined,
      };
    }
    // An address is computed from registers, and a loaded value belongs to one moment.
    this._addresses.clear();
    this._loadedForStore.clear();
  }
  if(condition: Bool, then: () => void, otherwise?: () => void): void {
    const thenScope = this._inScope(then);
    const otherwiseScope = otherwise && this._inScope(otherwise);
    const scopes = otherwiseScope ? [thenScope, otherwiseScope] : [thenScope];
    const saves = readsOf(this._units, scopes);
    this._scope.statements.push({
      kind: 'if',
      condition: asNode(condition),
      whenTrue: thenScope,
      whenFalse: otherwiseScope,
      saves,
    });
    this._forget(scopes);
  }
  repeat(what: {
    addressWidth: 32 | 64;
    turn: () => void;
    until?: () => Bool;
    bulk?: { kind: 'movs' | 'stos'; width: Width; segmentBase?: Val };
  }): void {
    // The body runs many times: all it reads is read inside of it, and the flags are whatever the last turn left.
    const flagsBefore = this._flags;
    const unitsBefore = this._units;
    this._units = [];
    this._addresses.clear();
    const fromLocals = (fop: number | undefined, carryKnown: boolean): FlagState => ({
      fop,
      fopNode: fop === undefined ? this._unit(UNIT_FOP) : fopConstant(fop, carryKnown),
      fx: this._unit(UNIT_FX),
      fy: this._unit(UNIT_FY),
      fc: carryKnown ? this._unit(UNIT_FC) : undefined,
    });
    this._flags = fromLocals(undefined, false);
    const turn = this._inScope(() => {
      what.turn();
      this.writeReg(
        what.addressWidth,
        RCX,
        this.sub(what.addressWidth, this.readReg(what.addressWidth, RCX), this.const(what.addressWidth, 1)),
      );
    });
    let until: { scope: Scope; condition: Node } | undefined;
    if (what.until) {
      const condition = what.until;
      this._units = [];
      this._flags = fromLocals(turn.pending.flags?.fop, turn.pending.flags?.fc !== undefined);
      let node: Node | undefined;
      const scope = this._inScope(() => {
        node = asNode(condition());
      });
      until = { scope, condition: node as Node };
    }
    const { bulk } = what;
    this._scope.statements.push({
      kind: 'repeat',
      addressWidth: what.addressWidth,
      turn,
      saves: readsOf(unitsBefore, [turn]),
      until,
      bulk:
        bulk === undefined || what.addressWidth === 32
          ? undefined
          : {
              func: bulk.kind === 'movs' ? 'bulkMovs' : 'bulkStos',
              bytes: bulk.width / 8,
              base: bulk.segmentBase === undefined ? constant(I64, 0n) : asNode(bulk.segmentBase),
            },
    });
    this._units = [];
    this._flags = flagsBefore;
    this._forget([turn]);
  }
  raise(vector: ExceptionVector, errorCode = 0): void {
    this._scope.statements.push({ kind: 'raiseIf', condition: undefined, vector, errorCode });
    if (this._insn?.def.flow === 'raise') this.terminator = { kind: 'raise' };
  }
  raiseIf(condition: Bool, vector: ExceptionVector, errorCode = 0): void {
    this._scope.statements.push({ kind: 'raiseIf', condition: asNode(condition), vector, errorCode });
  }

  // ---- where control goes next
  jump(target: bigint): void {
    this.terminator = { kind: 'jump', target };
  }
  branch(condition: Bool, target: bigint): void {
    this.terminator = { kind: 'branch', condition: asNode(condition), target };
  }
  jumpIndirect(target: Val): void {
    this.terminator = { kind: 'jumpIndirect', target: asNode(target) };
  }
  call(target: bigint): void {
    this.terminator = { kind: 'call', target };
  }
  callIndirect(target: Val): void {
    this.terminator = { kind: 'callIndirect', target: asNode(target) };
  }
  ret(target: Val): void {
    this.terminator = { kind: 'ret', target: asNode(target) };
  }
  syscall(): void {
    this.terminator = { kind: 'syscall' };
  }

  // ---- the rest
  /** Rare: left to the cold tier, which executes the same `emit`. */
  cpuid(): void {
    this.terminator = { kind: 'interpret' };
  }
  timestamp(): Val {
    const base = asVal(this._stateLoad(STATE.tscBase, I64));
    const left = resultNode(I64);
    this._scope.statements.push({ kind: 'stateLoad', result: left, offset: BUDGET_LOCAL });
    return this.sub(64, base, this.add(64, asVal(left), this.const(64, this.remaining)));
  }
}

/** Stands for the budget in a stateLoad: it is in a local while a region runs. */
export const BUDGET_LOCAL = -1;

export const writesFlags = (scope: Scope): boolean =>
  scope.pending.flags !== undefined ||
  scope.statements.some((s) =>
    s.kind === 'if'
      ? writesFlags(s.whenTrue) || (s.whenFalse !== undefined && writesFlags(s.whenFalse))
      : s.kind === 'repeat' && writesFlags(s.turn),
  );

/** Of the unit nodes in use, those whose unit one of the scopes writes. */
function readsOf(units: readonly (Node | undefined)[], scopes: readonly Scope[]): readonly Node[] {
  const written = new Set(scopes.flatMap((scope) => [...writtenUnits(scope)]));
  return units.filter((n): n is Node => n !== undefined && written.has(n.op));
}

/** Units that a scope, or one inside it, writes. */
export function writtenUnits(scope: Scope): Set<number> {
  const units = new Set<number>(scope.pending.registers.keys());
  if (scope.pending.flags !== undefined) for (const unit of [UNIT_FX, UNIT_FY, UNIT_FOP, UNIT_FC]) units.add(unit);
  for (const s of scope.statements) {
    const inner = s.kind === 'if' ? [s.whenTrue, s.whenFalse] : s.kind === 'repeat' ? [s.turn] : [];
    for (const scopeInside of inner) if (scopeInside) for (const unit of writtenUnits(scopeInside)) units.add(unit);
    if (s.kind === 'repeat' && s.bulk) for (const unit of [RCX, RSI, RDI]) units.add(unit);
  }
  return units;
}
