/** The demo with its two gaps closed: what the child prints and how it ends follow from the shared frame alone. */
import type { Lesson } from './lesson.ts';

const PAGE = { of: { kind: 'return', call: 'mmap' } } as const;
const PARENTS_STACK = { kind: 'fault', cause: 'copy-on-write break', who: 'parent' } as const;

export const fixedDemo: Lesson = {
  id: 'fixed-demo',
  title: 'The demo, put right',
  group: 'Shared memory',
  program: 'shm_demo_fixed',
  about:
    'The same program with a comparison that holds all 64 bits, and with the conversion that prints the value. Beside the shared page it shows what fork does to all other pages.',
  steps: [
    {
      title: 'Shared, and stored to',
      text: 'The parent has stored {value parent} to {address}. Both processes reach {frame parent}, by {mappings parent} entries. Nothing was copied for that.',
      stand: { at: { kind: 'return', call: 'fork', who: 'parent' }, onTo: { goal: 'store' } },
      select: PAGE,
      bring: 'picture',
    },
    {
      title: 'Another page, another rule',
      text: 'To print the number, the parent writes its digits to the stack, at {address}. The stack is private memory. Since the fork its frame, {frame parent}, has two users, and the entry says {flags parent}.',
      stand: { at: PARENTS_STACK, when: 'before' },
      select: { of: PARENTS_STACK },
      bring: 'picture',
      predict: { ask: 'next', who: 'parent', when: 'at the store' },
    },
    {
      title: 'A copy for the writer',
      text: 'Now the parent has its stack in {frame parent}, copied, and may write: {flags parent}. The child keeps {frame child}. The shared page had none of this: `MAP_SHARED` is never copied on write.',
      stand: { at: PARENTS_STACK },
      bring: 'faults',
    },
    {
      title: 'The child’s turn',
      text: 'The child has written its first words. It has read the shared page by now, and is about to print what was there.',
      stand: { at: { kind: 'return', call: 'write', who: 'child' } },
      select: PAGE,
      who: 'child',
      bring: 'terminal',
      predict: {
        ask: 'printed',
        who: 'child',
        when: 'by the child',
        at: { at: { kind: 'return', call: 'write', who: 'child', nth: 2 } },
      },
    },
    {
      title: 'It has read the frame',
      text: 'It prints what lies in {frame child}. It compares with a register this time, which holds all 64 bits.',
      stand: { at: { kind: 'return', call: 'write', who: 'child', nth: 2 } },
      who: 'child',
      predict: { ask: 'ending', who: 'child', when: 'in the end' },
    },
    {
      title: 'Exit 0',
      text: 'The child {ending child}. What if the page had been private? Run it so, and compare.',
      stand: { at: { kind: 'exit', who: 'child' } },
      who: 'parent',
      bring: 'calls',
      offer: 'compare',
    },
  ],
};
