/** The page's store of one machine: calls that overtake each other. The worker is a channel with a slow session behind it. */
import { expose } from 'comlink';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MachineStore } from '../../src/web/app/machine-store.ts';
import type { MachineView } from '../../src/web/protocol.ts';

/** What the session has been asked for and has not answered. */
let pending: { readonly call: string; answer(view: Partial<MachineView>): void; refuse(message: string): void }[];
const EMPTY = { newEvents: [], newWrites: [], firstNewWrite: 0, course: 1, tid: 100, pid: 100, isOver: false };

beforeEach(() => {
  pending = [];
  const asked = (call: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      pending.push({
        call,
        answer: (view) => resolve({ ...EMPTY, ...view }),
        refuse: (message) => reject(new Error(message)),
      });
    });
  const session = {
    listen: () => {},
    open: () => asked('open'),
    view: () => asked('view'),
    move: () => asked('move'),
  };
  vi.stubGlobal(
    'Worker',
    class {
      constructor() {
        const { port1, port2 } = new MessageChannel();
        expose(session, port1 as unknown as Parameters<typeof expose>[1]);
        Object.assign(port2, { terminate: () => port2.close() });
        // biome-ignore lint/correctness/noConstructorReturn: the port has all that is asked of a worker
        return port2 as unknown as Worker;
      }
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

/** The next thing that the session is asked for. */
async function next(call: string): Promise<(typeof pending)[number]> {
  await vi.waitUntil(() => pending.length > 0);
  const found = pending.shift()!;
  expect(found.call).toBe(call);
  return found;
}

async function opened(): Promise<MachineStore> {
  const store = new MachineStore();
  const isOpen = store.open({ path: 'x', program: new Uint8Array() });
  (await next('open')).answer({});
  expect(await isOpen).toBe(true);
  expect(store.status.value).toBe('ready');
  return store;
}

test('a look that was asked for before a move does not end it', async () => {
  const store = await opened();
  const looked = store.refresh();
  const moved = store.step();
  (await next('view')).answer({ pid: 1 });
  expect(await looked).toBe(true);
  expect(store.status.value).toBe('running');
  (await next('move')).answer({ pid: 2 });
  expect(await moved).toBe(true);
  expect(store.view.value?.pid).toBe(2);
  // What was selected meanwhile is shown when the machine stands.
  (await next('view')).answer({ pid: 3 });
  await vi.waitUntil(() => store.view.value?.pid === 3);
  expect(store.status.value).toBe('ready');
  store.dispose();
});

test('nor does one that is refused, whose reason is told', async () => {
  const store = await opened();
  const looked = store.refresh();
  const moved = store.step();
  (await next('view')).refuse('no such thing');
  expect(await looked).toBe(false);
  expect([store.status.value, store.message.value]).toEqual(['running', 'no such thing']);
  (await next('move')).answer({});
  expect(await moved).toBe(true);
  expect(store.status.value).toBe('ready');
  store.dispose();
});

test('a look at one program is not taken for a look at the next', async () => {
  const store = await opened();
  const looked = store.refresh();
  const isOpen = store.open({ path: 'y', program: new Uint8Array() });
  (await next('view')).answer({ pid: 1 });
  expect(await looked).toBe(false);
  expect([store.status.value, store.view.value]).toEqual(['loading', undefined]);
  (await next('open')).answer({ pid: 2 });
  expect(await isOpen).toBe(true);
  expect(store.view.value?.pid).toBe(2);
  store.dispose();
});
