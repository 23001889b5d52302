/** Hooks by type, in the order they were added. Lists are replaced when they change: hooks may add and delete hooks. */
import type { TlbEntry } from './memory.ts';
import type { Unicorn } from './unicorn.ts';

/** UC_HOOK_CODE: before an instruction; UC_HOOK_BLOCK: before a basic block. `size` in bytes. */
export type CodeHook<T = unknown> = (engine: Unicorn, address: bigint, size: number, userData: T) => void;
/** UC_HOOK_INTR: an interrupt or exception, by vector. */
export type InterruptHook<T = unknown> = (engine: Unicorn, vector: number, userData: T) => void;
/** UC_HOOK_INSN for SYSCALL, CPUID, RDTSC, RDTSCP. CPUID and the others are not executed when it returns true. */
export type InsnHook<T = unknown> = (engine: Unicorn, userData: T) => unknown;
/** UC_HOOK_INSN for IN: returns what is read. */
export type InHook<T = unknown> = (engine: Unicorn, port: number, size: number, userData: T) => number | bigint;
export type OutHook<T = unknown> = (engine: Unicorn, port: number, size: number, value: number, userData: T) => void;
/**
 * UC_HOOK_MEM_*: `access` is UC_MEM_*, `value` what is written (READ_AFTER: has been read). For _UNMAPPED and _PROT the
 * result counts: true when the access is possible now.
 */
export type MemHook<T = unknown> = (
  engine: Unicorn,
  access: number,
  address: bigint,
  size: number,
  value: bigint,
  userData: T,
) => unknown;
/** UC_HOOK_INSN_INVALID: true to go on at RIP. */
export type InvalidInsnHook<T = unknown> = (engine: Unicorn, userData: T) => unknown;
/** A basic block: its address, number of instructions, bytes. */
export interface TranslationBlock {
  readonly pc: bigint;
  readonly icount: number;
  readonly size: number;
}
/** UC_HOOK_EDGE_GENERATED: control goes from one block to another for the first time. */
export type EdgeHook<T = unknown> = (
  engine: Unicorn,
  current: TranslationBlock,
  previous: TranslationBlock,
  userData: T,
) => void;
/** UC_HOOK_TLB_FILL: translates the page at `address` by filling in `entry`; true when it has. `access`: UC_MEM_READ, WRITE or FETCH. */
export type TlbHook<T = unknown> = (
  engine: Unicorn,
  address: bigint,
  access: number,
  entry: TlbEntry,
  userData: T,
) => unknown;

/** What hook_add returns, for hook_del. */
export interface Hook {
  readonly type: number;
  readonly callback: (...args: never[]) => unknown;
  readonly userData: unknown;
  /** Addresses it is for, both inclusive; everywhere when begin > end. */
  readonly begin: bigint;
  readonly end: bigint;
  /** UC_X86_INS_* of UC_HOOK_INSN. */
  readonly insn: number;
  isDeleted: boolean;
}

const NONE: readonly Hook[] = [];

export class Hooks {
  private readonly _byType = new Map<number, readonly Hook[]>();

  add(hook: Hook): void {
    for (const type of typesOf(hook)) this._byType.set(type, [...this.of(type), hook]);
  }
  delete(hook: Hook): void {
    hook.isDeleted = true;
    for (const type of typesOf(hook))
      this._byType.set(
        type,
        this.of(type).filter((other) => other !== hook),
      );
  }
  /** Of one type. */
  of(type: number): readonly Hook[] {
    return this._byType.get(type) ?? NONE;
  }
  /** Whether there is a hook of any of these types. */
  has(types: number): boolean {
    for (const [type, hooks] of this._byType) if ((type & types) !== 0 && hooks.length > 0) return true;
    return false;
  }
  /** Those of one type that are for an address, as long as nobody deletes them. */
  at(type: number, address: bigint): Iterable<Hook> {
    const hooks = this._byType.get(type);
    return hooks === undefined || hooks.length === 0 ? NONE : select(hooks, address);
  }
}

function* select(hooks: readonly Hook[], address: bigint): Generator<Hook> {
  for (const hook of hooks) if (!hook.isDeleted && isFor(hook, address)) yield hook;
}
const isFor = ({ begin, end }: Hook, address: bigint): boolean => begin > end || (begin <= address && address <= end);

function* typesOf({ type }: Hook): Generator<number> {
  for (let bit = 1; bit <= type; bit *= 2) if ((type & bit) !== 0) yield bit;
}
