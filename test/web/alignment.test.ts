/** A run beside its twin with private mappings: what is the same stands in one row, what only one has stands alone. */
import { expect, test } from 'vitest';
import { align, eventAt, rowAt, sharedAreas } from '../../src/web/model/alignment.ts';
import { SessionMachine } from './lessons/session-machine.ts';

const both = async (program: string) => {
  const shared = await SessionMachine.open({ program });
  const twin = await SessionMachine.open({ program, spec: { asPrivate: true } });
  return { shared, twin, ...align(shared.events, twin.events) };
};

test('the demo: the mapping differs, the break is the twin’s alone, the endings differ', async () => {
  const { rows, leftOut, shared, twin } = await both('shm_demo_fixed');
  expect(leftOut).toBe(0);
  const different = rows.filter(({ differs }) => differs).map(({ left, right }) => [left?.text, right?.text]);
  expect(different[0][0]).toContain('MAP_SHARED|MAP_ANONYMOUS');
  expect(different[0][1]).toContain('MAP_PRIVATE|MAP_ANONYMOUS');
  expect(different[1][0]).toBeUndefined();
  expect(different[1][1]).toMatch(/page fault \(write\) at .*: copy-on-write break/);
  expect(different).toContainEqual(['+++ exited with 0 +++', '+++ exited with 1 +++']);
  // Every event is in a row, once, in its order.
  for (const [side, machine] of [
    ['left', shared],
    ['right', twin],
  ] as const) {
    // biome-ignore format: one line
    const numbers = rows.flatMap((row) => row[side]?.number ?? []);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const told = machine.events.filter(
      ({ detail }) => !['switch', 'mapping', 'syscall', 'blocked'].includes(detail.kind),
    );
    expect(numbers).toHaveLength(told.length);
  }
});

test('what asks for shared memory is known from the events; its twin asks for none', async () => {
  const { shared, twin } = await both('shm_demo');
  const [call] = shared.events.flatMap(({ detail }) => (detail.kind === 'return' && detail.name === 'mmap' ? [detail.result!] : [])); // biome-ignore format: one line
  expect(sharedAreas(shared.events)).toEqual([BigInt.asUintN(64, call)]);
  expect(sharedAreas(twin.events)).toEqual([]);
  expect(sharedAreas((await SessionMachine.open({ program: 'shared_file' })).events)).toEqual([]);
});

test('a history stands at the last event it has at or before a row', async () => {
  const { rows } = await both('shm_demo_fixed');
  const alone = rows.findIndex(({ left }) => left === undefined);
  expect(eventAt(rows, 'left', alone)).toBe(rows[alone - 1].left);
  expect(eventAt(rows, 'right', alone)).toBe(rows[alone].right);
  expect(rowAt(rows, 'right', rows[alone].right!.number)).toBe(alone);
  expect(rowAt(rows, 'left', 0)).toBe(-1);
});
