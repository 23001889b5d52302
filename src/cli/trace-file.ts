/**
 * `--trace=FILE.jsonl`: every event as one object on one line. 64-bit values and entries are hexadecimal strings, counts
 * are numbers. Each line has `event`, `pid`, `instructions` and `rip`; the other fields are those of the event.
 */
import { hex, PAGE_SIZE, vaddrOf } from '../base/ints.ts';
import type { FaultEvent, KernelObserver, Moment, SyscallExitEvent } from '../kernel/observer.ts';
import { describePteFlags, type Pte, ptePfn } from '../mem/pte.ts';

export function traceObserver(write: (line: string) => void): KernelObserver {
  const tell = (event: string, { pid, instructions, rip }: Moment, fields: Record<string, unknown>): void =>
    write(`${JSON.stringify({ event, pid, instructions, rip, ...fields }, bigintsAsHex)}\n`);
  const page = (name: string, event: FaultEvent): void =>
    tell(name, event, {
      address: event.address,
      access: event.access,
      by: event.by,
      resolution: event.resolution,
      before: describeEntry(event.before),
      after: describeEntry(event.after),
    });
  return {
    onExec: (event) => tell('exec', event, { path: event.path, args: event.args, cr3: BigInt(event.task.mm.cr3) }),
    onSyscallBlocked: (event) => tell('blocked', event, { call: event.name }),
    onSyscallExit: (event) => tell('syscall', event, { call: event.name, args: event.args, ...outcome(event) }),
    onMapping: (event) =>
      tell('mapping', event, { cause: event.cause, start: vaddrOf(event.range.start), end: vaddrOf(event.range.end) }),
    onFork: (event) =>
      tell('fork', event, {
        call: event.call,
        child: event.child.tid,
        thread: event.isThread,
        cr3: BigInt(event.child.mm.cr3),
      }),
    onFirstTouch: (event) => page('first touch', event),
    onCopyOnWrite: (event) => page('copy on write', event),
    onSignal: (event) => tell('signal', event, { action: event.action, text: event.text() }),
    onStop: (event) => tell('stop', event, { signal: event.signal }),
    onExit: (event) => tell('exit', event, { ...event.ending }),
  };
}

function outcome(event: SyscallExitEvent): Record<string, unknown> {
  const text = `${event.entryText()}${event.exitText()} ${event.resultText()}`;
  const result = event.result === undefined ? null : describeNumber(event.result);
  return { result, ...(event.error && { error: event.error.name }), text };
}

/** A number where it is exact, else hexadecimal. */
const describeNumber = (value: bigint): number | string =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) && value < 1n << 32n
    ? Number(value)
    : hex(BigInt.asUintN(64, value));

const describeEntry = (entry: Pte): { frame: string; flags: string } | null =>
  entry === 0n ? null : { frame: hex(ptePfn(entry) * PAGE_SIZE), flags: describePteFlags(entry) };

const bigintsAsHex = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? hex(value) : value);
