/** What the page is told of one thread: what it is about to do, its memory page by page, its stack, what a user may type. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIXTURES_DIR, programs } from '../../asm/programs.ts';
import type { MachineView, ViewQuery } from '../../src/web/protocol.ts';
import { Session } from '../../src/web/worker/session.ts';

async function open(name: string, query: ViewQuery = {}): Promise<{ session: Session; view: MachineView }> {
  const session = new Session();
  const args = programs.find((program) => program.name === name)?.args;
  const program = readFileSync(join(FIXTURES_DIR, name));
  const view = await session.open({ path: name, program, args }, query, 5000);
  return { session, view };
}

const ofSymbol = (view: MachineView, label: string): bigint => view.code.find((line) => line.label === label)!.address;

/** Programs of which every page fault of a program's own is foreseen. */
const FAULTING = ['copy_on_write', 'demand_paging', 'demand_zero', 'four_mappings', 'shared_file', 'stack_growth', 'write_fault', 'read_only_page', 'past_end_of_file', 'guard_page', 'execute_data', 'use_after_munmap', 'madvise_dontneed', 'self_modifying', 'position_independent']; // biome-ignore format: a list
const MOST_FAULTS = 60;

describe('what the next instruction does', () => {
  test.each(FAULTING)('%s: each page fault is foreseen as it happens', async (name) => {
    const { session, view } = await open(name);
    const foreseen: string[] = [];
    const told: string[] = [];
    let events = view.newEvents.filter(({ detail, rip }) =>
      detail.kind === 'fault'
        ? detail.by === 'program' && rip !== 0n
        : detail.kind === 'signal' && detail.address !== undefined && detail.code > 0 && detail.code < 0x80,
    );
    events = events.slice(0, MOST_FAULTS);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) {
      const { detail } = event;
      const position = { instruction: event.instruction, event: event.number - 1 };
      const now = await session.move({ kind: 'goto', position }, { tid: event.tid });
      if (event.tid !== now.tid || now.next?.rip !== event.rip) continue;
      const outcomes = now.next?.accesses.map(({ outcome }) => outcome) ?? [];
      if (detail.kind === 'fault') {
        told.push(detail.cause);
        foreseen.push(outcomes.includes(detail.cause) ? detail.cause : outcomes.join());
      } else if (detail.kind === 'signal') {
        const words = detail.name === 'SIGBUS' ? ['past the end'] : ['not mapped', 'forbidden'];
        told.push(detail.name);
        foreseen.push(outcomes.some((outcome) => words.includes(outcome)) ? detail.name : outcomes.join());
      }
    }
    expect(told.length).toBeGreaterThan(0);
    expect(foreseen).toEqual(told);
  });

  test('a jump is taken or not, and a call has a name', async () => {
    const { session, view } = await open('copy_on_write');
    let now = view;
    const branches: [boolean, boolean][] = [];
    const calls: string[] = [];
    for (let i = 0; i < 60 && !now.isOver; i++) {
      const { next, code } = now;
      const line = code.find(({ address }) => address === next?.rip);
      const { tid } = now;
      now = await session.move({ kind: 'instruction', direction: 'forward' }, { tid });
      if (now.tid !== tid || line === undefined) continue;
      if (next?.branch !== undefined)
        branches.push([next.branch, now.registers?.rip !== line.address + BigInt(line.bytes.length)]);
      if (next?.call !== undefined) calls.push(next.call);
    }
    expect(branches.length).toBeGreaterThan(0);
    for (const [said, was] of branches) expect(said).toBe(was);
    expect(calls).toContain('fork');
  });
});

test('memory is told page by page: what is mapped, in which frame, and what is not', async () => {
  const { view } = await open('shm_demo', { memory: { address: 0x400ff0n, length: 32 } });
  expect(view.memory?.pages).toEqual([
    { address: 0x400000n, pfn: undefined, area: expect.stringMatching(/^r--p .*shm_demo$/) },
    { address: 0x401000n, pfn: undefined, area: expect.stringMatching(/^r-xp .*shm_demo$/) },
  ]);
  expect([...view.memory!.bytes.subarray(16, 21)]).toEqual([0xb8, 9, 0, 0, 0]);
  const { view: beyond } = await open('shm_demo', { memory: { address: 0xff8n, length: 16 } });
  expect(beyond.memory?.pages.map(({ area }) => area)).toEqual([undefined, undefined]);
});

test('the words that a program finds on its stack at the start have names', async () => {
  const { view } = await open('arguments', { stackWords: 12 });
  const named = Object.fromEntries(view.stack.map(({ role, value, note }) => [role, note ?? value]));
  expect(named.argc).toBe(4n);
  expect(named['argv[2]']).toBe('"two words"');
  expect(view.stack.map(({ role }) => role)).toContain('end of argv');
});

describe('what a user types', () => {
  test('addresses: numbers, symbols, registers with and without $, sums', async () => {
    const { session, view } = await open('shm_demo');
    const start = ofSymbol(view, '_start');
    const rsp = view.stack[0].address;
    expect(session.resolve('0x401000')).toBe(start);
    expect(session.resolve('_start')).toBe(start);
    expect(session.resolve('_start.mmap_failed')).toBe(session.resolve('0x4010fd'));
    expect(session.resolve('rsp + 8')).toBe(rsp + 8n);
    expect(session.resolve('$rsp')).toBe(rsp);
    expect(() => session.resolve('nonsense')).toThrow('No symbol "nonsense" in current context.');
    expect(() => session.resolve(' ')).toThrow('an address is missing');
  });

  test('breakpoints by line with a condition, watchpoints on a frame, catchpoints', async () => {
    const { session } = await open('shm_demo');
    session.addStop({ kind: 'break', text: 'shared_memory_demo.asm:69 if rcx == 99999999' }, {});
    let view = session.addStop({ kind: 'catch', what: { kind: 'fork' } }, {});
    expect(view.stopPoints.map(({ kind, label, condition }) => [kind, label, condition])).toEqual([
      ['breakpoint', 'shared_memory_demo.asm:69', 'rcx == 99999999'],
      ['catchpoint', 'fork', undefined],
    ]);
    view = await session.move({ kind: 'continue', direction: 'forward' }, {});
    expect(view.stop.kind).toBe('catchpoint');
    view = session.addStop({ kind: 'watch', text: 'r12', access: 'write', ofFrame: true }, {});
    expect(view.stopPoints[2].watched).toMatch(/^writes of 8 bytes of frame 0x[0-9a-f]+ at 0x0$/);
    expect(() => session.addStop({ kind: 'break', text: 'nowhere.asm:1' }, {})).toThrow('nowhere.asm:1: no code there');
    expect(() => session.addStop({ kind: 'break', text: '_start if (' }, {})).toThrow();
  });
});

test('what was typed is told up to the position, and comes again when the run goes forward again', async () => {
  const session = new Session();
  const program = readFileSync(join(import.meta.dirname, '../debug/native/echo'));
  let view = await session.open({ path: 'echo', program }, {}, 1000);
  expect(view.typed).toEqual([]);
  view = await session.move({ kind: 'continue', direction: 'forward' }, {});
  expect([view.stop.kind, view.wantsInput]).toEqual(['input', true]);
  view = session.input('hello\n', {});
  expect(view.typed.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(['hello\n']);
  view = await session.move({ kind: 'continue', direction: 'forward' }, {});
  expect(view.printed).toBe(1);
  view = await session.move({ kind: 'start' }, {});
  expect(view.typed).toEqual([]);
  view = await session.move({ kind: 'end' }, {});
  expect(view.typed).toHaveLength(1);
  view = session.endInput({});
  view = await session.move({ kind: 'continue', direction: 'forward' }, {});
  expect(view.stop.kind).toBe('end');
});

describe('what changes the course of the run', () => {
  test('a byte is written, whatever the rights, and the run goes on with it; the stop says so', async () => {
    const { session, view } = await open('shm_demo');
    const message = session.resolve('msg_parent');
    const changed = session.writeMemory(message, Uint8Array.of(0x51), { memory: { address: message, length: 1 } });
    expect(changed.memory?.bytes).toEqual(Uint8Array.of(0x51));
    expect(changed.stop.text).toMatch(/memory was changed/);
    expect([changed.course, changed.isWhole]).toEqual([view.course + 1, false]);
    const end = await session.move({ kind: 'end' }, {});
    const printed = end.newWrites.map(({ bytes }) => new TextDecoder().decode(bytes)).join('');
    expect(printed).toContain('Qarent wrote');
  });

  test('nothing is written where nothing is mapped: one line, and the run stays as it was', async () => {
    const { session, view } = await open('shm_demo');
    expect(() => session.writeMemory(0x10n, Uint8Array.of(1), {})).toThrow('0x10: nothing is mapped there');
    expect(() => session.writeMemory(0x402fffn, new Uint8Array(2), {})).toThrow('nothing is mapped there');
    const after = session.view({});
    expect([after.course, after.isWhole]).toEqual([view.course, true]);
  });
});
