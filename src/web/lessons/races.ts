/** Sharing is about memory, not about order: what goes wrong, and three cures. */
import type { Lesson } from './lesson.ts';

const MAPPED = { of: { kind: 'return', call: 'mmap' } } as const;
const CHILD_IN = { kind: 'fault', cause: 'shared page', who: 'child' } as const;
const END = { at: { kind: 'exit', who: 'parent' } } as const;

export const lostUpdate: Lesson = {
  id: 'lost-update',
  title: 'Lost updates',
  group: 'Races',
  program: 'lost_update',
  spec: { seed: 1 },
  about:
    'Two processes add 1 to a shared counter, 100000 times each: load, add, store. They share a frame, and still they overwrite each other’s work.',
  steps: [
    {
      title: 'One counter',
      text: 'Parent and child have the page at {address} in one frame, {frame parent}. The counter is its first eight bytes. What one stores there the other finds, at once.',
      stand: { at: CHILD_IN },
      select: MAPPED,
      bring: 'picture',
      predict: {
        ask: 'printed',
        who: 'parent',
        when: 'after two times 100000 additions',
        at: END,
        wrong: ['total = 200000', 'total = 1', 'total = 400000'],
      },
    },
    {
      title: 'A time slice ends',
      text: 'The counter holds {number parent}. Somebody was stopped, another runs. Each addition is three instructions; who is stopped between load and store has an old number in RAX, stores it later, and all that was stored meanwhile is lost.',
      stand: { at: { kind: 'switch', after: CHILD_IN, nth: 1 } },
      bring: 'code',
    },
    {
      title: 'And the next one',
      text: 'Now it holds {number parent}. Select the other process above, and look at its RAX and at the instruction that it comes to next.',
      stand: { at: { kind: 'switch', after: CHILD_IN, nth: 2 } },
      bring: 'registers',
    },
    {
      title: 'The total',
      text: 'It is less than 200000. Which number it is depends on where the slices ended: this run has seed 1, and another seed gives another. Run it under many, and look at the distribution.',
      stand: END,
      bring: 'terminal',
      offer: 'explore',
    },
  ],
};

export const atomicUpdate: Lesson = {
  id: 'atomic-update',
  title: 'One locked instruction',
  group: 'Races',
  program: 'atomic_update',
  spec: { seed: 1 },
  about:
    'The same counter, but the parent increments with lock inc and the child with lock xadd. A locked instruction loads, adds and stores as one.',
  steps: [
    {
      title: 'Both are ready',
      text: 'The counter at {address} is in {frame child}, for both.',
      stand: { at: CHILD_IN },
      select: MAPPED,
      bring: 'code',
    },
    {
      title: 'A time slice ends',
      text: 'The counter holds {number parent}. Wherever this slice has ended, it has not ended within an addition: an instruction is executed as a whole, and `lock` keeps other processors out of it.',
      stand: { at: { kind: 'switch', after: CHILD_IN } },
      bring: 'code',
      predict: { ask: 'printed', who: 'parent', when: 'in the end', at: END },
    },
    {
      title: 'Always the same',
      text: 'The total is what it should be, whatever the seed.',
      stand: END,
      bring: 'terminal',
      offer: 'explore',
    },
    {
      title: 'What it costs',
      text: 'This run took {executed} instructions, and no call for a lock. For one number that is the best cure; for two that belong together it is none.',
      stand: END,
    },
  ],
};

const WAITS = { kind: 'blocked', call: 'futex' } as const;

export const mutexUpdate: Lesson = {
  id: 'mutex',
  title: 'A mutex that sleeps',
  group: 'Races',
  program: 'mutex_update',
  about:
    'The counter under a mutex that lies in the shared page itself. A free mutex is one locked instruction; only who finds it taken asks the kernel, with futex(2).',
  steps: [
    {
      title: 'Both at work',
      text: 'For a long time nobody has called the kernel: {executed} instructions are done when the parent finds the mutex taken. It is about to wait.',
      stand: { at: { kind: 'syscall', call: 'futex' }, when: 'before' },
      select: MAPPED,
      bring: 'calls',
      predict: { ask: 'runs', who: 'parent', when: 'when it sleeps', at: { at: { kind: 'switch', after: WAITS } } },
    },
    {
      title: 'Asleep',
      text: 'The parent sleeps: {state parent}. The address is in the shared page; the kernel waits on the frame behind it, so a wake-up by another address would do as well.',
      stand: { at: { kind: 'switch', after: WAITS } },
      who: 'child',
      bring: 'picture',
    },
    {
      title: 'The wake-up',
      text: 'The child has released the mutex, seen that somebody waits, and called futex(FUTEX_WAKE): {event}.',
      stand: { at: { kind: 'return', call: 'futex', who: 'child' } },
      who: 'child',
      bring: 'calls',
      predict: { ask: 'printed', who: 'parent', when: 'in the end', at: END },
    },
    {
      title: 'Nothing lost',
      text: 'The total is right, and there were a handful of calls for 200000 locks. Under other schedules there are more or fewer; the total stays.',
      stand: END,
      bring: 'terminal',
      offer: 'explore',
    },
  ],
};
