/** The steps of a page fault: found where the machine stands, and each drawn from a real state. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ptePfn } from '../../../src/mem/pte.ts';
import { chooseAddress } from '../../../src/web/app/picture/choice.ts';
import {
  type Around,
  changesOf,
  comingFrame,
  describeStage,
  errorCode,
  type FaultEvent,
  findFault,
  movesTo,
  stagesOf,
} from '../../../src/web/app/picture/stages.ts';
import type { MachineView, TimelineEvent } from '../../../src/web/protocol.ts';
import { Session } from '../../../src/web/worker/session.ts';

async function open(name: string) {
  const session = new Session();
  const view = await session.open({ path: name, program: readFileSync(`fixtures/${name}`) }, {}, 400);
  return { session, view, events: view.newEvents };
}
type Opened = Awaited<ReturnType<typeof open>>;

const faultsOf = (events: readonly TimelineEvent[]): FaultEvent[] =>
  events.filter((event): event is FaultEvent => event.detail.kind === 'fault');

async function lookAround({ session }: Opened, event: FaultEvent): Promise<Around> {
  const moves = movesTo(event);
  const query = { tid: event.tid, address: event.detail.address };
  return {
    before: (await session.lookAhead(moves.before, query)).view,
    after: (await session.lookAhead(moves.after, query)).view,
    done: (await session.lookAhead(moves.done, query)).view,
  };
}
const entryIn = (view: MachineView, { pid }: FaultEvent): bigint =>
  view.processes.find((one) => one.pid === pid)?.space?.walk?.steps[3]?.entry ?? 0n;
/** Of several in one call, the last. */
const lastOf = (event: FaultEvent, { position }: MachineView, events: readonly TimelineEvent[]): FaultEvent =>
  event.detail.by === 'program'
    ? event
    : faultsOf(events).findLast(({ number, tid }) => number <= position.event && tid === event.tid)!;
const withoutAD = (entry: bigint): bigint => entry & ~0x60n;

describe.each(['private_demo', 'shm_demo', 'copy_on_write', 'demand_paging', 'shared_file', 'vfork', 'page_store'])(
  '%s',
  (name) => {
    test('the states around each fault are what its event tells', async () => {
      const opened = await open(name);
      const here = opened.view.position;
      for (const event of faultsOf(opened.events).slice(0, 12)) {
        const { before, after, done } = await lookAround(opened, event);
        expect(entryIn(before, event)).toBe(event.detail.before);
        expect(withoutAD(entryIn(after, event))).toBe(withoutAD(event.detail.after));
        expect(withoutAD(entryIn(done, event))).toBe(withoutAD(event.detail.after));
        // Each of the states is recognised as that step.
        expect(findFault(after, opened.events)).toEqual({ event: lastOf(event, after, opened.events), stage: 'entry' });
        // A call of the kernel is one step, with the faults in it.
        if (event.detail.by === 'program') {
          expect(before.position).toEqual({ instruction: event.instruction, event: event.number - 1 });
          expect(after.position).toEqual({ instruction: event.instruction, event: event.number });
          const at = findFault(before, opened.events);
          // Right after another fault, it is a step of that one.
          if (at?.event.number !== event.number - 1) expect(at).toEqual({ event, stage: 'meet' });
        }
        for (const stage of stagesOf(event.detail)) expect(describeStage(event, stage, after)).toMatch(/\w.*\.$/);
      }
      expect(opened.session.view({}).position).toEqual(here);
    });
  },
);

test('a copy-on-write break: a frame is got and copied, the old one has a mapping fewer, the store lands in the copy', async () => {
  const opened = await open('private_demo');
  const event = faultsOf(opened.events).find(
    ({ detail }) => detail.cause === 'copy-on-write break' && detail.resolution === 'copied',
  )!;
  const around = await lookAround(opened, event);
  const [oldFrame, newFrame] = [ptePfn(event.detail.before), ptePfn(event.detail.after)];
  const mappings = (view: MachineView, pfn: number) => view.frames.find((frame) => frame.pfn === pfn)?.mappings.length;
  expect([mappings(around.before, oldFrame), mappings(around.after, oldFrame)]).toEqual([2, 1]);
  expect([mappings(around.before, newFrame), mappings(around.after, newFrame)]).toEqual([undefined, 1]);
  const coming = comingFrame(event, around);
  expect(coming).toMatchObject({ pid: event.pid, frame: { pfn: newFrame, mappings: [] }, from: { pfn: oldFrame } });
  expect(coming?.frame.bytes).toEqual(coming?.from?.bytes);
  const bytes = (view: MachineView, pfn: number) => view.frames.find((frame) => frame.pfn === pfn)?.bytes;
  expect(bytes(around.done, newFrame)).not.toEqual(bytes(around.after, newFrame));
  expect(bytes(around.done, oldFrame)).toEqual(bytes(around.before, oldFrame));
  expect(errorCode(event.detail)).toBe('error code P W U');
  expect(describeStage(event, 'meet', around.after)).toMatch(
    /^mov .*\[r12\].* at 0x[0-9a-f]+: its write meets a read-only entry, P -- US A D NX COW: page fault, error code P W U\.$/,
  );
  const changes = changesOf(event, around.after);
  expect([...changes.newFrames]).toEqual([newFrame]);
  expect([...changes.mappings]).toEqual([[oldFrame, 2]]);
  expect(describeStage(event, 'entry', around.after)).toContain('has 1 mapping left');
});

test('a fault of a call that copies for the program is looked at before the call and after it', async () => {
  const opened = await open('vfork');
  const event = faultsOf(opened.events).find(({ detail }) => detail.by === 'kernel')!;
  const { after } = await lookAround(opened, event);
  expect(after.position.event).toBeGreaterThan(event.number);
  expect(stagesOf(event.detail)).toEqual(['meet', 'frame', 'entry']);
  expect(describeStage(event, 'meet', undefined)).toMatch(/^The kernel's own read/);
});

test('with nothing selected, the page of the last event is; before any, the stack', async () => {
  const opened = await open('shm_demo');
  expect(chooseAddress(opened.view, opened.events)).toBe(0x7fffffffe000n);
  const { view } = await opened.session.lookAhead([{ kind: 'event', goal: 'fork', direction: 'forward' }], {});
  expect(chooseAddress({ ...view, stop: { kind: 'goto', text: '' } }, opened.events)).toBe(0x7ffff7ffe000n);
});
