/**
 * The same run in Node and in the browser: the same number of instructions, events, output, frames and bytes, and the same
 * fingerprint of all that decides what comes next. The page's own worker is asked, in the words that the page uses.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { MachineView, Move, ProgramSpec } from '../../../src/web/protocol.ts';
import { Session } from '../../../src/web/worker/session.ts';
import { fixturePath } from '../../helpers/fixtures.ts';
import { browserView, untilReady } from './browser.ts';

const view = browserView();
type Machine = Pick<Session, 'open' | 'move' | 'fingerprint'>;

/** What is compared of a run: at its end, and in its middle, where there are frames. */
async function observe(machine: Machine, spec: ProgramSpec): Promise<Record<string, unknown>> {
  const query = { address: 0x7ffff7ffe000n };
  const move = async (one: Move): Promise<MachineView> => await machine.move(one, query);
  const opened = await machine.open(spec, query, 50);
  const whole = await move({ kind: 'end' });
  const states: unknown[] = [];
  for (const share of [1, 0.75, 0.5, 0.25]) {
    const { position, processes, frames, registers, stack, memoryInUse, printed } = await move({
      kind: 'goto',
      position: { event: Math.max(1, Math.floor(whole.end.event * share)) },
    });
    const fingerprint = await machine.fingerprint();
    states.push({ position, processes, frames, registers, stack, memoryInUse, printed, fingerprint });
  }
  const events = new Map([...opened.newEvents, ...whole.newEvents].map((event) => [event.number, event]));
  const { end, isWhole } = whole;
  return { end, isWhole, events: [...events.values()], writes: [...opened.newWrites, ...whole.newWrites], states };
}

/** Numbers of any size and bytes as text: what differs can be read. */
const asText = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, part) =>
      typeof part === 'bigint' ? `0x${part.toString(16)}` : part instanceof Uint8Array ? [...part].join(' ') : part,
    1,
  );

/** A worker of the page's own, which is called in the messages that comlink makes. */
async function workerMachine(): Promise<Machine> {
  const page = await view.open('/#v=1&program=empty');
  await untilReady(page);
  const file = page.workers()[0].url();
  const handle = await page.evaluateHandle((url) => new Worker(url, { type: 'module' }), file);
  const call =
    (name: string) =>
    // biome-ignore lint/suspicious/noExplicitAny: what the session's methods take and give
    (...values: any[]): Promise<any> =>
      handle.evaluate(
        (target, [method, given]) =>
          new Promise((resolve, reject) => {
            const id = crypto.randomUUID();
            const onMessage = ({ data }: MessageEvent): void => {
              if (data.id !== id) return;
              target.removeEventListener('message', onMessage);
              if (data.type === 'RAW') resolve(data.value);
              else reject(new Error(`${method}: ${JSON.stringify(data.value)}`));
            };
            target.addEventListener('message', onMessage);
            const argumentList = given.map((value) => ({ type: 'RAW', value }));
            target.postMessage({ id, type: 'APPLY', path: [method], argumentList });
          }),
        [name, values] as const,
      );
  return { open: call('open'), move: call('move'), fingerprint: call('fingerprint') as unknown as () => string };
}

test.each<[string, Omit<ProgramSpec, 'path' | 'program'>]>([
  ['shm_demo', {}],
  ['private_demo', {}],
  ['shm_demo', { asPrivate: true }],
  ['copy_on_write', {}],
  ['lost_update', { seed: 7, quantum: 777 }],
  ['mutex_update', { seed: 3 }],
  ['signal_handler', {}],
  ['shared_file', {}],
  ['thread', {}],
  ['page_store', {}],
  ['print_maps', {}],
  ['atomic_counter', { args: ['one'], env: { A: '1' } }],
])('%s %j', async (name, options) => {
  const spec = { path: name, program: new Uint8Array(readFileSync(fixturePath(name))), ...options };
  const [inNode, inBrowser] = [await observe(new Session(), spec), await observe(await workerMachine(), spec)];
  expect(asText(inBrowser)).toBe(asText(inNode));
  expect((inNode.events as unknown[]).length).toBeGreaterThan(5);
});
