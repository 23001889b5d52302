/**
 * The CPU: runs guest code until something it cannot decide, and says what (Exit). Code that runs for the first few
 * times is executed by the cold tier, instruction by instruction; then its region is translated to WebAssembly. Both
 * run the same `emit`. The last few instructions of a budget, too few for a region's next stretch, are the cold tier's.
 */
import { PAGE_SIZE, type Paddr, type Pfn, pfnOf } from '../base/ints.ts';
import { invariant } from '../base/invariant.ts';
import type { Frames } from '../mem/frames.ts';
import { FRAME_MARK_CODE, FRAME_MARK_WATCH_READS, FRAME_MARK_WATCH_WRITES, FRAME_MARKS_BASE } from '../mem/layout.ts';
import { translate as translateAddress } from '../mem/mmu.ts';
import { CodeCache, type CodePage, type CodeUnit, CodeView, type TranslatedRegion } from './code-cache.ts';
import { CodeReader } from './code-reader.ts';
import { type Counters, newCounters } from './counters.ts';
import { MAX_PATH } from './dataflow.ts';
import { EvalBuilder, type MemoryPort, type MemoryWatch } from './eval-builder.ts';
import type { Exit } from './exit.ts';
import {
  EXIT_BUDGET,
  EXIT_CODE_WRITE,
  EXIT_EXCEPTION,
  EXIT_INDIRECT,
  EXIT_INTERPRET,
  EXIT_MISS,
  EXIT_NONE,
  EXIT_PAGE_FAULT,
  EXIT_SYSCALL,
  VECTORS,
} from './exit-codes.ts';
import { CF, FOP_CARRY, flagsImage } from './flags.ts';
import { InsnCache } from './insn-cache.ts';
import type { DecodeFailure, Insn, InstructionDef } from './isa/define.ts';
import type { CpuLevel } from './isa/features.ts';
import { directTarget, findRegion, type Region, type RegionLimits, WHOLE_REGION } from './region.ts';
import { makeRuntime, type Runtime } from './runtime.ts';
import { type CpuContext, CpuState, STATE } from './state.ts';
import { translate } from './translate.ts';

export interface CpuOptions {
  /** Times that the cold tier runs code before it is translated; 0 translates at once, Infinity never. */
  readonly coldRuns?: number;
  readonly limits?: RegionLimits;
  /** x86-64-v1, v2 or v3 (the default): what CPUID reports and which instructions there are. */
  readonly level?: CpuLevel;
  /** What RDRAND and RDSEED answer follows from it. */
  readonly seed?: number;
}

/** Instructions per call into translated code: V8 replaces a function by its optimised version only when it is entered anew. */
const STRETCH = 2_000_000;
/** Wasm frames that guest calls may nest. */
const MAX_DEPTH = 200;
/** Translating an instruction costs about as much as executing it sixty times in the cold tier (python3's start, measured). */
const COLD_RUNS = 40;
/** Translated instructions after which code has to run twice as often, up to so many times more. */
const MUCH_CODE = 15_000;
const MUCH_CODE_FACTOR = 7;
/** A function that has run for this part of them comes along with its caller. */
const COLD_CALLEE = 4;
/** So many times as often when a region has it inside: soon control should come to an address where one can be entered. */
const INSIDE_FACTOR = 5;
/** Instructions in one basic block of the cold tier. */
const COLD_BLOCK = 64;
/**
 * A region whose indirect jumps go somewhere new is translated again after so many times, and after four times as many
 * again: larger regions, which cost more, in proportion later. In the end new targets go by the jump cache.
 */
const FIRST_LESSON = 4;
const LESSON_FACTOR = 4;
const LESSONS = 4;
/** Instructions of a region that is translated anew with each caller. */
const SMALL_REGION = 60;
/** Instructions of a region that is worth its translation after the usual number of cold runs; a larger one takes more. */
const USUAL_REGION = 50;
/** Regions translated together, ahead along direct calls. */
const BATCH = 12;
const MAX_SEAMS = 1024;
const STOP: Exit = { kind: 'stop' }, WATCHED: Exit = { kind: 'watched' }, SYSCALL: Exit = { kind: 'syscall' }, BUDGET: Exit = { kind: 'budget' }; // biome-ignore format: one line

/** A processor at one moment. */
export interface CpuRecord {
  readonly retired: number;
  readonly cr3: Paddr;
  readonly state: CpuContext;
}

export class Cpu {
  readonly frames: Frames;
  readonly state: CpuState;
  readonly counters: Counters = newCounters();
  /** Instructions retired since creation, exact. */
  retired = 0;

  private readonly _runtime: Runtime;
  private readonly _table: WebAssembly.Table;
  private readonly _cache: CodeCache;
  private readonly _eval: EvalBuilder;
  private readonly _reader: CodeReader;
  private readonly _coldRuns: number;
  private readonly _limits: RegionLimits;
  /** What CPUID reports, and which instructions there are. */
  readonly level: CpuLevel;
  /** Where indirect jumps have been seen to go, by the address of the jump. */
  private readonly _targets = new Map<bigint, Set<bigint>>();
  private readonly _regions = new Map<number, TranslatedRegion>();
  /** Address spaces whose code pages are to be looked up again before they run: mappings have changed. */
  private readonly _stale = new Set<Paddr>();
  private readonly _views = new Map<Paddr, CodeView>();
  /** Addresses before which `run` stops. */
  private _stops: ReadonlySet<bigint> = new Set();
  /** Addresses that have been stops: no code begun elsewhere contains them, so that they can be stops again at no cost. */
  private readonly _seams = new Set<bigint>();
  /** Instructions before which `run` stops. */
  private _traps: ReadonlySet<InstructionDef> = new Set();
  private readonly _insns: InsnCache;
  /** Addresses of blocks that some region has, or had, inside. */
  private readonly _inside = new Set<bigint>();
  private _cr3 = 0 as Paddr;

  constructor(frames: Frames, options: CpuOptions = {}) {
    this.frames = frames;
    this.state = new CpuState(frames);
    this._coldRuns = options.coldRuns ?? COLD_RUNS;
    this._limits = options.limits ?? WHOLE_REGION;
    this.level = options.level ?? 3;
    this.state.setU64(STATE.random, BigInt(options.seed ?? 0));
    this._table = new WebAssembly.Table({ element: 'anyfunc', initial: 256 });
    this._runtime = makeRuntime(frames, this._table);
    this._cache = new CodeCache(frames, this._table, (view) => this._views.set(this._cr3, view));
    this._reader = new CodeReader(frames, this._runtime, this.level);
    this._eval = new EvalBuilder(this.state, frames, this._memoryPort(), this._runtime.late, this.level);
    this._insns = new InsnCache(frames, this._runtime);
    frames.onCodeFrameChange = (pfn) => this._cache.dropFrame(pfn);
  }

  /** Runs at most `budget` (1 or more) instructions from the state's RIP in the current address space. */
  run(budget: number): Exit {
    const { state } = this;
    let left = budget;
    if (this._stale.size > 0 && this._stale.delete(this._cr3)) this._refreshView();
    while (left > 0) {
      const stretch = Math.min(left, STRETCH);
      state.setU32(STATE.budget, stretch);
      this._setTimestamp(this.retired + stretch);
      state.setU32(STATE.exitKind, EXIT_NONE);
      this._runtime.enter(MAX_DEPTH);
      this.counters.tlbFills = state.u32(STATE.tlbFills) + state.u32(STATE.tlbFills + 4) * 2 ** 32;
      const used = stretch - (state.u32(STATE.budget) | 0);
      this.retired += used;
      left -= used;
      this.counters.entries++;
      this._settleFlags();
      switch (state.u32(STATE.exitKind)) {
        case EXIT_MISS: {
          this.counters.misses++;
          const before = this.retired;
          const exit = this._onMiss(left);
          left -= this.retired - before;
          if (exit) return exit;
          break;
        }
        case EXIT_BUDGET: {
          this.counters.budgetExits++;
          if (left >= MAX_PATH) break;
          // The path ahead may be longer than what is left.
          const before = this.retired;
          const exit = this._stepOut(left);
          left -= this.retired - before;
          if (exit) return exit;
          break;
        }
        case EXIT_INDIRECT:
          this._onIndirectMiss();
          break;
        case EXIT_SYSCALL:
          return SYSCALL;
        case EXIT_PAGE_FAULT:
          return this._pageFault();
        case EXIT_EXCEPTION:
          return this._exception();
        case EXIT_CODE_WRITE:
        case EXIT_INTERPRET: {
          const before = this.retired;
          const exit = this._stepOut(1);
          left -= this.retired - before;
          if (exit) return exit;
          break;
        }
        default:
          invariant(false, 'translated code came back without a reason');
      }
    }
    return BUDGET;
  }

  // ---- stopping and stepping
  /**
   * `run` answers `stop` when RIP is at one of these addresses, before it executes what is there. Code that does not come
   * there runs at full speed: translations end before a stop and are left through a jump that finds nothing.
   */
  setStops(addresses: Iterable<bigint>): void {
    const before = this._stops;
    this._stops = new Set(addresses);
    for (const rip of this._stops) if (!before.has(rip)) this._makeSeam(rip);
  }
  private _makeSeam(rip: bigint): void {
    const isNew = !this._seams.has(rip);
    // Whoever steps by stops would leave seams everywhere.
    if (isNew && this._seams.size >= MAX_SEAMS) {
      this._seams.clear();
      for (const stop of this._stops) this._seams.add(stop);
      this._cache.dropAll();
    }
    this._seams.add(rip);
    if (this._views.size > 1) this._cache.dropAll();
    else if (isNew) this._cache.dropCode(rip);
    else this._cache.dropEntry(rip);
    this._runtime.flushJumpCache();
  }
  isStop(rip: bigint): boolean {
    return this._stops.has(rip);
  }
  /** `run` answers `stop` before it executes one of these instructions, too. For few changes: all translations are dropped. */
  setTraps(defs: Iterable<InstructionDef>): void {
    this._traps = new Set(defs);
    this._cache.dropAll();
    this._runtime.flushJumpCache();
  }
  /** The instruction at RIP, or the exit that fetching or decoding it comes to. */
  peek(): Insn | Exit {
    if (this._stale.delete(this._cr3)) this._refreshView();
    return this._insns.find(this.state.rip) ?? this._peekAnew();
  }
  private _peekAnew(): Insn | Exit {
    const reader = new CodeReader(this.frames, this._runtime, this.level);
    const insn = reader.decodeAt(this.state.rip);
    if (typeof insn === 'string') return this._undecodable(insn, reader);
    this._insns.add(insn);
    return insn;
  }
  /** The instruction at an address, for who looks ahead; undefined where there is none. */
  insnAt(rip: bigint): Insn | undefined {
    const insn = this._insns.find(rip) ?? new CodeReader(this.frames, this._runtime, this.level).decodeAt(rip);
    return typeof insn === 'string' ? undefined : insn;
  }
  /** Executes the one instruction at RIP, stop or not; undefined when it has retired. `watch` is told of its memory accesses. */
  step(watch?: MemoryWatch): Exit | undefined {
    const insn = this.peek();
    if ('kind' in insn) return insn;
    this._eval.watch = watch;
    try {
      return this._execute(insn);
    } finally {
      this._eval.watch = undefined;
    }
  }

  /** In two halves, which makes no bigint. */
  private _setTimestamp(value: number): void {
    this.state.setU32(STATE.tscBase, value);
    this.state.setU32(STATE.tscBase + 4, value / 2 ** 32);
  }

  /** Translated code may leave CF to be computed; nobody else knows of that. */
  private _settleFlags(): void {
    const { state } = this;
    const fop = state.u32(STATE.fop);
    if ((fop & FOP_CARRY) === 0) return;
    state.setU32(STATE.fc, flagsImage(fop, state.u64(STATE.fx), state.u64(STATE.fy), 0) & CF);
    state.setU32(STATE.fop, fop & ~FOP_CARRY);
  }

  // ---- address spaces
  /** Loads CR3. */
  switchTo(cr3: Paddr): void {
    if (cr3 === this._cr3) return;
    this._cr3 = cr3;
    this.state.setU32(STATE.cr3, cr3);
    this._runtime.flushTlb();
    const view = this._view(cr3);
    if (view !== this._cache.current) {
      this._cache.switchTo(view);
      this._runtime.flushJumpCache();
    }
  }
  private _view(cr3: Paddr): CodeView {
    let view = this._views.get(cr3);
    if (view === undefined) {
      view = new CodeView();
      this._views.set(cr3, view);
    }
    return view;
  }
  /** After a PTE of that address space was changed or removed. */
  invalidatePage(cr3: Paddr, address: bigint): void {
    if (cr3 === this._cr3) this._runtime.invalidatePage(BigInt.asIntN(64, address));
    const view = this._views.get(cr3);
    if (view?.pages.has(Number(address >> 12n))) this._stale.add(cr3);
  }
  /** After many changes. */
  invalidateAll(cr3: Paddr): void {
    if (cr3 === this._cr3) this._runtime.flushTlb();
    const view = this._views.get(cr3);
    if (view && view.pages.size > 0) this._stale.add(cr3);
  }
  /** After fork: the child maps the same code at the same addresses. */
  cloneAddressSpace(from: Paddr, to: Paddr): void {
    const view = this._view(from);
    view.users++;
    this._views.set(to, view);
    if (this._stale.has(from)) this._stale.add(to);
  }
  /** Before the page table is freed. */
  forgetAddressSpace(cr3: Paddr): void {
    const view = this._views.get(cr3);
    if (view) view.users--;
    this._views.delete(cr3);
    this._stale.delete(cr3);
    if (cr3 === this._cr3) this._cr3 = 0 as Paddr;
  }
  private _refreshView(): void {
    const gone = this._cache.unmappedPages((page) => this._isMapped(page));
    if (gone.size === 0) return;
    this._cache.part();
    this._cache.remove(gone);
    this._runtime.flushJumpCache();
  }
  private _isMapped({ vpn, pfn }: CodePage): boolean {
    const host = this._runtime.fetch(BigInt(vpn) << 12n);
    return host >>> 12 === pfn && host !== -1;
  }

  // ---- snapshots
  /** What a snapshot keeps of the processor itself: registers and flags, the time, CR3. Code is made anew when it is missing. */
  record(): CpuRecord {
    return { retired: this.retired, cr3: this._cr3, state: this.state.save() };
  }
  /** After the frames have been put back: `isAlive` says whether a page table is one of that moment. */
  restore({ retired, cr3, state }: CpuRecord, isAlive: (cr3: Paddr) => boolean): void {
    for (const known of [...this._views.keys()])
      if (isAlive(known)) this._stale.add(known);
      else this.forgetAddressSpace(known);
    this.retired = retired;
    this.state.restoreAll(state);
    this._cr3 = cr3;
    this._cache.switchTo(this._view(cr3));
    this._runtime.flushTlb();
    this._runtime.flushJumpCache();
  }

  // ---- exits
  private _pageFault(): Exit {
    return {
      kind: 'pageFault',
      address: this.state.u64(STATE.exitAddress),
      errorCode: this.state.u32(STATE.exitErrorCode),
    };
  }
  private _exception(): Exit {
    const vector = VECTORS[this.state.u32(STATE.exitVector)];
    return { kind: 'exception', vector, errorCode: this.state.u32(STATE.exitErrorCode) };
  }
  /** The fault that the runtime's walk has left in the state. */
  private _fault(): Exit {
    return this.state.u32(STATE.exitKind) === EXIT_PAGE_FAULT ? this._pageFault() : this._exception();
  }
  /**
   * The cold tier's memory. A store to a frame with code drops the code, but not for data beside it: then the frame's
   * mark is taken away for just this store.
   */
  private _memoryPort(): MemoryPort {
    const { slowRead, slowReadForStore, slowStore } = this._runtime;
    return {
      slowRead: (address, bytes) => {
        const host = slowRead(address, bytes);
        return host === -1 && this._isWatched() ? this._reading(address, bytes) : host;
      },
      slowReadForStore: (address, bytes) => this._writing(address, bytes, () => slowReadForStore(address, bytes)),
      slowStore: (address, value, bytes) => this._writing(address, bytes, () => slowStore(address, value, bytes)),
    };
  }
  private _writing(address: bigint, bytes: number, write: () => number): number {
    const { state, frames } = this;
    const unmarked: { readonly pfn: number; readonly mark: number }[] = [];
    const unmark = (pfn: number, mark: number): void => {
      frames.u8[FRAME_MARKS_BASE + pfn] &= ~mark;
      unmarked.push({ pfn, mark });
    };
    let result = write();
    while (result === -1 && state.u32(STATE.exitKind) === EXIT_CODE_WRITE) {
      const { paddr, count } = this._part(address, bytes, 'write');
      const pfn = pfnOf(paddr);
      const marks = frames.u8[FRAME_MARKS_BASE + pfn];
      if (marks & FRAME_MARK_WATCH_WRITES) {
        this._noteAccess(paddr, count, true);
        unmark(pfn, FRAME_MARK_WATCH_WRITES);
      }
      if (marks & FRAME_MARK_CODE) {
        this.counters.codeWrites++;
        if (this._cache.isCovered(pfn, paddr % PAGE_SIZE, count)) {
          this._cache.dropFrame(pfn);
          this._runtime.flushJumpCache();
        } else unmark(pfn, FRAME_MARK_CODE);
      }
      result = write();
    }
    if (unmarked.length > 0) {
      for (const { pfn, mark } of unmarked) frames.u8[FRAME_MARKS_BASE + pfn] |= mark;
      if (unmarked.some(({ mark }) => mark === FRAME_MARK_WATCH_WRITES)) this._runtime.flushTlb();
      else this._runtime.flushTlbWrites();
    }
    return result;
  }
  private _isWatched(): boolean {
    return this.state.u32(STATE.exitKind) === EXIT_INTERPRET;
  }
  /** The same for a read of frames whose reads are watched. */
  private _reading(address: bigint, bytes: number): number {
    const { frames } = this;
    const unmarked: number[] = [];
    let result = -1;
    while (result === -1 && this._isWatched()) {
      const { paddr, count } = this._part(address, bytes, 'read');
      this._noteAccess(paddr, count, false);
      const pfn = pfnOf(paddr);
      frames.u8[FRAME_MARKS_BASE + pfn] &= ~FRAME_MARK_WATCH_READS;
      unmarked.push(pfn);
      this.state.setU32(STATE.exitKind, EXIT_NONE);
      result = this._runtime.slowRead(address, bytes);
    }
    for (const pfn of unmarked) frames.u8[FRAME_MARKS_BASE + pfn] |= FRAME_MARK_WATCH_READS;
    this._runtime.flushTlb();
    return result;
  }
  /** Where in memory the part of an access lies that the runtime has refused: it may begin in the page before. */
  private _part(address: bigint, bytes: number, access: 'read' | 'write'): { paddr: number; count: number } {
    const at = this.state.u64(STATE.exitAddress);
    const found = translateAddress(this.frames, this._cr3, at, access);
    invariant(found.kind === 'translation', 'an access was refused that is not possible');
    const skipped = Number(BigInt.asUintN(64, at - address));
    return { paddr: found.paddr, count: Math.min(bytes - skipped, PAGE_SIZE - (found.paddr % PAGE_SIZE)) };
  }

  // ---- watched frames
  /** Told of each access of the program to a watched frame, before a write and when a read is certain. True: `run` answers `watched` after the instruction. */
  onWatchedAccess: ((paddr: number, bytes: number, isWrite: boolean) => boolean) | undefined;
  private readonly _watched = new Set<Pfn>();
  private _stopsAfter = false;
  /** The frames whose accesses are told; others cost nothing. */
  watchFrames(frames: ReadonlyMap<Pfn, 'writes' | 'accesses'>): void {
    const { u8 } = this.frames;
    for (const pfn of this._watched) u8[FRAME_MARKS_BASE + pfn] &= ~(FRAME_MARK_WATCH_WRITES | FRAME_MARK_WATCH_READS);
    this._watched.clear();
    for (const [pfn, kind] of frames) {
      this._watched.add(pfn);
      u8[FRAME_MARKS_BASE + pfn] |= FRAME_MARK_WATCH_WRITES | (kind === 'accesses' ? FRAME_MARK_WATCH_READS : 0);
    }
    this._runtime.flushTlb();
  }
  private _noteAccess(paddr: number, bytes: number, isWrite: boolean): void {
    if (this.onWatchedAccess?.(paddr, bytes, isWrite)) this._stopsAfter = true;
  }

  // ---- the cold tier
  /** Runs cold code from a RIP that has no translation, or translates it. Returns an exit, or undefined to go on. */
  private _onMiss(left: number): Exit | undefined {
    const { state } = this;
    let rest = left;
    while (rest > 0) {
      const known = this._cache.current.units.get(state.ripNumber);
      if (known === undefined && this._isNew(state.ripNumber)) {
        const before = this.retired;
        const exit = this._runOnce(rest);
        rest -= this.retired - before;
        if (exit) return exit;
        continue;
      }
      let unit = known === undefined || known.dropped ? this._unitAt(state.rip) : known;
      if ('kind' in unit) return unit;
      if (unit.tableIndex === 0 && unit.runs >= this._usualRuns() && unit.runs >= this._runsBefore(unit)) {
        const exit = this._translate(unit);
        if (exit) return exit;
        unit = this._cache.find(unit.rip) ?? unit;
      }
      if (unit.tableIndex !== 0) {
        this._cache.link(unit);
        return undefined;
      }
      unit.runs++;
      const before = this.retired;
      const exit = rest >= unit.insns.length ? this._runCold(unit) : this._stepOut(rest);
      rest -= this.retired - before;
      if (exit) return exit;
    }
    return undefined;
  }
  /** Whether control comes here for the first time, as far as this address space and others with this code remember. */
  private _isNew(rip: number): boolean {
    const { seen } = this._cache.current;
    if (seen.has(rip)) return false;
    seen.add(rip);
    return !this._cache.isKnown(rip) || this._adopt(this.state.rip) === undefined;
  }
  /** Decodes and executes up to the end of the basic block, and keeps nothing of it: most code runs only once. */
  private _runOnce(count: number): Exit | undefined {
    const { state } = this;
    const reader = this._reader;
    reader.forget();
    const hasStops = this._stops.size > 0;
    const hasTraps = this._traps.size > 0;
    let { rip, ripNumber } = state;
    for (let left = Math.min(count, COLD_BLOCK); left > 0; left--) {
      if (hasStops && this._stops.has(rip)) return STOP;
      const insn = reader.decodeAt(rip, ripNumber);
      if (typeof insn === 'string') return this._undecodable(insn, reader);
      if (hasTraps && this._traps.has(insn.def)) return STOP;
      const exit = this._execute(insn);
      if (exit) return exit;
      if (insn.def.flow !== undefined) break;
      rip = insn.next;
      ripNumber += insn.length;
    }
    return undefined;
  }
  private _runCold(unit: CodeUnit): Exit | undefined {
    const { insns } = unit;
    for (let i = 0; i < insns.length && !unit.dropped; i++) {
      const exit = this._execute(insns[i]);
      if (exit) return exit;
    }
    return undefined;
  }
  /** Cold runs of a region of usual size: the more has been translated, the more there seems to be that never gets hot. */
  private _usualRuns(): number {
    return this._coldRuns * (1 + Math.min(MUCH_CODE_FACTOR, this.counters.regionInstructions / MUCH_CODE));
  }
  /** Runs in the cold tier before the code is translated. */
  private _runsBefore({ rip, patience }: CodeUnit): number {
    return Math.max(patience, this._inside.has(rip) ? this._usualRuns() * INSIDE_FACTOR : this._usualRuns());
  }
  /** Executes so many instructions, whether they are translated or not. */
  private _stepOut(count: number): Exit | undefined {
    for (const end = this.retired + count; this.retired < end; ) {
      const unit = this._unitAt(this.state.rip);
      if ('kind' in unit) return unit;
      const reader = new CodeReader(this.frames, this._runtime, this.level);
      const insn = unit.insns[0] ?? reader.decodeAt(unit.rip);
      if (typeof insn === 'string') return this._undecodable(insn, reader);
      const exit = this._execute(insn);
      if (exit) return exit;
    }
    return undefined;
  }
  private _execute(insn: Insn): Exit | undefined {
    const { state } = this;
    this._setTimestamp(this.retired);
    switch (this._eval.execute(insn)) {
      case 'next':
        this.retired++;
        this.counters.coldInstructions++;
        if (insn.def.flow === 'jumpIndirect') this._noteTarget(insn.rip, state.rip);
        if (!this._stopsAfter) return undefined;
        this._stopsAfter = false;
        return WATCHED;
      case 'syscall':
        this.retired++;
        return SYSCALL;
      case 'exception':
        return this._exception();
      case 'fault':
        return this._fault();
      case 'refused':
        return { kind: 'refused' };
    }
  }

  // ---- decoding and translating
  /** The code unit at a RIP, decoded if need be; an exit when there is no instruction. */
  private _unitAt(rip: bigint): CodeUnit | Exit {
    const found = this._cache.find(rip) ?? this._adopt(rip);
    if (found) return found;
    if (this._stops.has(rip)) return STOP;
    const reader = new CodeReader(this.frames, this._runtime, this.level, this._cache);
    const insns: Insn[] = [];
    for (let at = rip; insns.length < COLD_BLOCK; ) {
      const insn = at === rip ? reader.decodeAt(at) : this._decodeInside(reader, at);
      if (typeof insn === 'string') {
        if (insns.length > 0) break;
        return this._undecodable(insn, reader);
      }
      if (at === rip && this._traps.has(insn.def)) return STOP;
      insns.push(insn);
      at += BigInt(insn.length);
      if ((insn.def.flow ?? 'next') !== 'next') break;
    }
    const unit: CodeUnit = {
      rip,
      pages: reader.pages(),
      tableIndex: 0,
      insns,
      region: undefined,
      runs: 0,
      patience: 0,
      dropped: false,
    };
    this.counters.decodedBlocks++;
    this._addUnit(unit);
    return unit;
  }
  /** As the reader's, for code that goes on there: not into a stop. */
  private _decodeInside(reader: CodeReader, rip: bigint): Insn | DecodeFailure | 'unmapped' {
    if (this._seams.has(rip)) return 'unmapped';
    const insn = reader.decodeAt(rip);
    return typeof insn !== 'string' && this._traps.has(insn.def) ? 'unmapped' : insn;
  }
  private _adopt(rip: bigint): CodeUnit | undefined {
    return this._cache.adopt(rip, (page) => this._isMapped(page));
  }
  private _addUnit(unit: CodeUnit): void {
    if (this._cache.add(unit)) this._runtime.flushTlbWrites();
  }
  private _undecodable(failure: DecodeFailure | 'unmapped', reader: CodeReader): Exit {
    if (failure === 'invalid') return { kind: 'exception', vector: 'UD', errorCode: 0 };
    if (failure === 'long') return { kind: 'exception', vector: 'GP', errorCode: 0 };
    reader.refault();
    return this._fault();
  }
  /**
   * Translates the region at a unit's RIP, and regions that it calls and that have run. The unit gets its function. An exit:
   * the code's page is not mapped in this address space, but in another one that shares the view, which ran the code first.
   */
  private _translate(unit: CodeUnit): Exit | undefined {
    const batch: {
      region: Region;
      tableIndex: number;
      isLearning: boolean;
      pages: CodePage[];
      kept: TranslatedRegion;
    }[] = [];
    const wanted: bigint[] = [unit.rip];
    const seen = new Set(wanted);
    for (let rip = wanted.shift(); rip !== undefined && batch.length < BATCH; rip = wanted.shift()) {
      const known = this._cache.find(rip);
      const isCopy = known !== undefined && known !== unit && known.tableIndex !== 0;
      const old = known?.region;
      // What is translated already comes along once more if it is small: direct calls and V8's inlining are worth it.
      if (isCopy && old !== undefined && old.insnCount > SMALL_REGION) continue;
      const reader = new CodeReader(this.frames, this._runtime, this.level, this._cache);
      const targetsOf = (jump: bigint) => [...(this._targets.get(jump) ?? []), ...(old?.newTargets ?? [])];
      const decodeAt = (at: bigint) => (at === rip ? reader.decodeAt(at) : this._decodeInside(reader, at));
      const region = findRegion(rip, decodeAt, this._limits, targetsOf, (at) => this._cache.hasRun(at));
      if (region === undefined && rip === unit.rip) {
        const failure = reader.decodeAt(rip);
        invariant(typeof failure === 'string', 'no region begins at an instruction');
        return this._undecodable(failure, reader);
      }
      if (region === undefined || (isCopy && region.insnCount > SMALL_REGION)) continue;
      if (unit.tableIndex === 0 && batch.length === 0) {
        unit.patience = (this._usualRuns() * region.insnCount) / USUAL_REGION;
        if (unit.runs < unit.patience) return undefined;
      }
      const kept = old ?? { rip, newTargets: new Set(), indirectMisses: 0, nextLesson: 0, insnCount: 0 };
      kept.insnCount = region.insnCount;
      const patience = Math.max(1, region.insnCount / USUAL_REGION);
      const isLearning = kept.indirectMisses < FIRST_LESSON * LESSON_FACTOR ** (LESSONS - 1) * patience;
      kept.nextLesson = Math.max(kept.indirectMisses * LESSON_FACTOR, FIRST_LESSON * patience);
      batch.push({ region, tableIndex: this._cache.newTableIndex(), isLearning, pages: reader.pages(), kept });
      // What has been a stop is translated alone, so that nothing else calls it directly.
      if (this._seams.has(rip)) break;
      for (const target of callTargets(region)) {
        if (seen.has(target) || this._seams.has(target) || !this._isWorthTranslating(target)) continue;
        seen.add(target);
        wanted.push(target);
      }
    }
    const bytes = translate(batch, (rip) => this._cache.cellOf(rip));
    new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      m: { memory: this.frames.memory, table: this._table },
      r: this._runtime.exports,
    });
    this.counters.modules++;
    this.counters.wasmBytes += bytes.length;
    for (const { region, tableIndex, pages, kept } of batch) {
      this.counters.regions++;
      this.counters.regionInstructions += region.insnCount;
      for (const block of region.blocks) this._inside.add(block.rip);
      this._regions.set(tableIndex, kept);
      for (const rip of region.entries) {
        const made: CodeUnit = {
          rip,
          pages,
          tableIndex,
          insns: [],
          region: kept,
          runs: 1,
          patience: 0,
          dropped: false,
        };
        this._addUnit(made);
      }
    }
    return undefined;
  }

  /** Whether a function comes along with its caller: it is translated, or has run often enough to be so soon. */
  private _isWorthTranslating(rip: bigint): boolean {
    const unit = this._cache.find(rip);
    return unit === undefined
      ? this._cache.hasRun(rip)
      : unit.tableIndex !== 0 || unit.runs * COLD_CALLEE >= this._usualRuns();
  }

  private _noteTarget(jump: bigint, target: bigint): void {
    const targets = this._targets.get(jump);
    if (targets === undefined) this._targets.set(jump, new Set([target]));
    else targets.add(target);
  }
  /** A region's indirect jump went somewhere new: now and then the region is translated again with what is known. */
  private _onIndirectMiss(): void {
    const region = this._regions.get(this.state.u32(STATE.exitVector));
    invariant(region, 'an exit of an unknown region');
    this.counters.indirectMisses++;
    region.newTargets.add(this.state.rip);
    region.indirectMisses++;
    if (region.indirectMisses < region.nextLesson) return;
    const unit = this._cache.find(region.rip);
    if (unit?.region === region) this._translate(unit);
  }
}

function* callTargets(region: Region): Generator<bigint> {
  for (const block of region.blocks) {
    const last = block.insns.at(-1);
    if (last?.def.flow !== 'call') continue;
    const target = directTarget(last);
    if (target !== undefined) yield target;
  }
}
