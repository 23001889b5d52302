/**
 * `npm run fuzz:syscalls -- --calls N --seed N`: processes that make system calls with hostile arguments, by the thousand.
 * Whatever they ask, the kernel answers: no exception, areas and page tables that agree, and every frame back at the end.
 */
import { parseArgs } from 'node:util';
import { invariant } from '../../src/base/invariant.ts';
import { StraceWriter } from '../../src/cli/strace.ts';
import type { AddressSpace } from '../../src/kernel/mm/address-space.ts';
import { findSyscall, supportedSyscalls } from '../../src/kernel/syscalls/table.ts';
import { type MountOption, openTree } from '../../src/machine/host-tree.ts';
import { bareProcess } from '../helpers/bare-process.ts';
import { ARENA, ARENA_PAGES, arenaBytes, argumentsOf, Dice } from './values.ts';

/** Calls of one machine; then comes a new one. */
const EPISODE = 10_000;
/** Calls after which everybody's arena is put in order. */
const REFILL = 250;
const AUDIT = 2_000;
const MEMORY_BYTES = 24 << 20;
const MAX_PROCESSES = 40n;

const MMAP = 9, SIGPROCMASK = 14, PRLIMIT = 302, EXIT = 231, GETPID = 39; // biome-ignore format: one line
const NUMBERS = supportedSyscalls().map(({ number }) => number);
const ALL_SIGNALS = ARENA + BigInt(ARENA_PAGES - 1) * 4096n + 16n;
/** They end somebody, or last: asked for more seldom. */
const RARE = new Set([60, 231, 62, 200, 234, 109, 112, 61, 34, 35, 230, 130]);

export interface FuzzReport {
  readonly calls: number;
  readonly machines: number;
  /** How often the kernel came back, by reason. */
  readonly stops: ReadonlyMap<string, number>;
  /** What must not happen, once for each place in the code: with the seed of its machine and the call at hand. */
  readonly failures: readonly string[];
}

export interface FuzzOptions {
  readonly calls: number;
  readonly seed: number;
  /** Called before each machine begins. */
  readonly onMachine?: (done: number) => void;
  /** Directories of the host that each machine sees. */
  readonly mounts?: readonly MountOption[];
}

export async function fuzz({ calls, seed, onMachine, mounts }: FuzzOptions): Promise<FuzzReport> {
  const stops = new Map<string, number>();
  const failures = new Map<string, string>();
  let done = 0;
  let machines = 0;
  while (done < calls) {
    onMachine?.(done);
    const at = { calls: 0, last: '' };
    try {
      await episode(seed + machines, Math.min(EPISODE, calls - done), stops, at, mounts);
    } catch (error) {
      const stack = error instanceof Error ? String(error.stack) : String(error);
      const place = stack.split('\n').slice(0, 3).join(' ');
      if (!failures.has(place)) failures.set(place, `seed ${seed + machines}, call ${at.calls}, ${at.last}: ${stack}`);
    }
    machines++;
    done += Math.max(1, at.calls);
  }
  return { calls: done, machines, stops, failures: [...failures.values()] };
}

async function episode(
  seed: number,
  calls: number,
  stops: Map<string, number>,
  at: { calls: number; last: string },
  mounts: FuzzOptions['mounts'],
): Promise<void> {
  const dice = new Dice(seed);
  const count = (name: string): void => void stops.set(name, (stops.get(name) ?? 0) + 1);
  const strace = seed % 4 === 0 ? new StraceWriter(() => {}) : undefined;
  const machine = bareProcess(strace, MEMORY_BYTES, { hostTree: openTree({ mounts }) });
  const { kernel, cpu, frames } = machine;
  /** What a thread does at first: it gets an arena and a limit on its offspring. */
  const begun = new WeakMap<object, number>();

  cpu.script = () => {
    const task = kernel.current!;
    const step = begun.get(task.mm) ?? 0;
    begun.set(task.mm, step + 1);
    cpu.retired += dice.below(3);
    if (step % REFILL === 0) return cpu.syscall(MMAP, [ARENA, BigInt(ARENA_PAGES) * 4096n, 3n, 0x32n, -1n, 0n]);
    if (step % REFILL === 1) {
      fill(task.mm, dice);
      return cpu.syscall(PRLIMIT, [0n, 6n, limitBytes(task.mm), 0n]);
    }
    // Most live with all signals blocked, so that few end early.
    if (step % REFILL === 2 && task.tid % 4 < 3) return cpu.syscall(SIGPROCMASK, [2n, ALL_SIGNALS, 0n, 8n]);
    if (at.calls >= calls) return cpu.syscall(EXIT, [0n]);
    at.calls++;
    if (dice.below(40) === 0)
      return { kind: 'pageFault', address: faultAddress(task.mm, dice), errorCode: dice.of([4, 6, 20]) }; // biome-ignore format: one line
    let number = dice.below(30) === 0 ? dice.below(500) : dice.of(NUMBERS);
    if (RARE.has(number) && dice.below(60) > 0) number = dice.of(NUMBERS);
    if (RARE.has(number) && kernel.processes().length < 3) number = GETPID;
    const record = findSyscall(number);
    const args = argumentsOf(record, dice);
    at.last = `${task.tid} ${record?.name ?? number}(${args.map((value) => value.toString(16)).join(', ')})`;
    return cpu.syscall(number, args);
  };
  const audit = (): void => {
    for (const process of kernel.processes())
      for (const task of process.liveThreads()) if (task.hasMemory()) auditSpace(task.mm);
  };

  let idle = 0;
  while (at.calls < calls && idle < 50) {
    const before = at.calls;
    const stop = kernel.run(AUDIT);
    count(stop);
    audit();
    idle = at.calls === before ? idle + 1 : 0;
    if (stop === 'finished' || stop === 'deadlock') break;
    if (stop === 'outside') await Promise.race([kernel.outside.arrival(), new Promise((wake) => setTimeout(wake, 20))]);
  }
  kernel.endAll();
  kernel.shutDown();
  invariant(frames.inUse() === 0, `seed ${seed}: ${frames.inUse()} frames are lost`);
}

function fill(space: AddressSpace, dice: Dice): void {
  const bytes = arenaBytes(dice);
  for (let page = 0; page < ARENA_PAGES; page++) {
    const result = space.fault(ARENA + BigInt(page) * 4096n, 'write');
    if (typeof result !== 'string' || result === 'out of memory') return;
    const slot = space.pageTable.find((Number(ARENA >> 12n) + page) as never);
    const pfn = Number((space.frames.u64[slot >> 1] >> 12n) & 0xff_ffff_ffffn);
    space.frames.write(pfn as never, 0, bytes.subarray(page * 4096, (page + 1) * 4096));
  }
}

/** Mostly inside some area. */
function faultAddress(space: AddressSpace, dice: Dice): bigint {
  const areas = [...space.vmas].filter(({ prot }) => prot !== 0);
  if (dice.below(200) === 0 || areas.length === 0) return dice.bits64() & 0x7fff_ffff_ffffn;
  const { start, end } = dice.of(areas);
  return BigInt(start + dice.below(end - start)) * 4096n;
}

/** A struct rlimit in the arena's last page, and a set of all signals behind it. */
function limitBytes(space: AddressSpace): bigint {
  const at = ARENA + BigInt(ARENA_PAGES - 1) * 4096n;
  const slot = space.pageTable.find(Number(at >> 12n) as never);
  if (slot === 0 || space.frames.u32[slot] === 0) return 0n;
  const pfn = Number((space.frames.u64[slot >> 1] >> 12n) & 0xff_ffff_ffffn);
  space.frames.write(pfn as never, 0, new Uint8Array(BigUint64Array.of(MAX_PROCESSES, MAX_PROCESSES, ~0n).buffer));
  return at;
}

/** Areas are in order and apart, and every entry of the page table belongs to one. */
function auditSpace(space: AddressSpace): void {
  let end = 0;
  for (const vma of space.vmas) {
    invariant(vma.start >= end && vma.end > vma.start, 'areas overlap or are out of order');
    end = vma.end;
  }
  for (const { vpn } of space.pageTable.entries(0 as never, 0x7_ffff_ffff as never))
    invariant(space.vmas.find(vpn) !== undefined, `page ${vpn.toString(16)} is mapped, but in no area`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { calls: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
  });
  const started = performance.now();
  const report = await fuzz({
    calls: Number(values.calls),
    seed: Number(values.seed),
    onMachine: (done) => process.stderr.isTTY && process.stderr.write(`\r${done} calls`),
  });
  const seconds = (performance.now() - started) / 1000;
  console.log(`${report.calls} calls on ${report.machines} machines in ${seconds.toFixed(1)} s`);
  for (const failure of report.failures) console.log(failure);
  for (const [name, times] of [...report.stops].sort((a, b) => b[1] - a[1]))
    console.log(`${String(times).padStart(9)} ${name}`);
  process.exitCode = report.failures.length > 0 ? 1 : 0;
}
