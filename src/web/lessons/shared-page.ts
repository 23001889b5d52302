/** The published demo: one frame in two address spaces, and why its child reports a failure all the same. */
import type { Lesson } from './lesson.ts';

const PAGE = { of: { kind: 'return', call: 'mmap' } } as const;

export const sharedPage: Lesson = {
  id: 'shared-page',
  title: 'One frame, two address spaces',
  group: 'Shared memory',
  program: 'shm_demo',
  about:
    'The published case study: a process asks for shared memory, forks, and writes; its child reads the same frame. No copy is made and no call is needed, and one instruction spoils the ending.',
  steps: [
    {
      title: 'A promise',
      text: '`mmap` has returned {address}. The kernel has noted the area, nothing more: the walk ends in an empty entry, and no frame is behind this page yet. The next two stores clear the page’s first bytes.',
      stand: { at: { kind: 'fault', page: PAGE }, when: 'before' },
      select: PAGE,
      bring: 'picture',
      predict: { ask: 'next', who: 'parent', when: 'at the store' },
    },
    {
      title: 'The first touch',
      text: 'The walk found nothing, so the processor raised a page fault. The kernel took a frame of zeros, {frame parent}, and made the entry that leads there: {flags parent}. RW is set, so the store goes through when it is tried again.',
      stand: { at: { kind: 'fault', page: PAGE } },
      bring: 'picture',
    },
    {
      title: 'Before the fork',
      text: 'One process, one address space, CR3 {cr3 parent}. The instruction that comes next is `fork`: a second process, with page tables of its own.',
      stand: { at: { kind: 'fork' }, when: 'before' },
      bring: 'code',
      predict: { ask: 'frame', who: 'child', when: 'after the fork' },
    },
    {
      title: 'After the fork',
      text: 'Two page tables, CR3 {cr3 parent} and {cr3 child}, and two walks that end in one frame, {frame child}. It is drawn once. It stays this way: a `MAP_SHARED` page is not copied on write. Compare the stack: its entry is marked COW and has lost RW.',
      stand: { at: { kind: 'return', call: 'fork', who: 'parent' } },
      bring: 'picture',
      predict: { ask: 'frames', who: 'parent', when: 'when the parent has stored to it' },
    },
    {
      title: 'The parent stores',
      text: 'The parent has stored {value parent}. No fault, no call, no copy: the walk found RW and a frame. Its bytes are the number from its lowest byte up, as x86 stores it. The child has not run one instruction yet.',
      stand: { at: { kind: 'return', call: 'fork', who: 'parent' }, onTo: { goal: 'store' } },
      bring: 'picture',
      predict: {
        ask: 'value',
        who: 'child',
        when: 'when it reads there',
        at: { at: { kind: 'syscall', call: 'write', who: 'child' }, when: 'before' },
      },
    },
    {
      title: 'The child reads',
      text: 'The child has counted down from a hundred million, and then loaded RBX from the page: {register rbx}. That is what the parent stored. The load set A in the child’s own entry: {flags child}.',
      stand: { at: { kind: 'syscall', call: 'write', who: 'child' }, when: 'before' },
      who: 'child',
      bring: 'registers',
    },
    {
      title: 'The comparison',
      text: 'The child now compares what it has read with 0xDEADBEEFCAFEBABE, and exits with 0 if they are equal. The message has question marks since the listing leaves out the conversion. Look at the next instruction before you answer: {instruction}.',
      stand: { at: { kind: 'return', call: 'write', who: 'child' } },
      who: 'child',
      bring: 'code',
      predict: {
        ask: 'ending',
        who: 'child',
        when: 'in the end',
        at: { at: { kind: 'exit', who: 'child' } },
      },
    },
    {
      title: 'Right value, wrong answer',
      text: 'It has read the right value, and {ending child}. An immediate of `cmp` has 32 bits, extended by its sign: the assembler has cut the constant, and warned. Not the memory is wrong, the comparison is, on every x86-64 processor.',
      stand: { at: { kind: 'exit', who: 'child' } },
      who: 'parent',
      bring: 'calls',
      offer: 'compare',
    },
  ],
};
