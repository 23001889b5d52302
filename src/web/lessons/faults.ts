/** Accesses that the kernel cannot resolve, and what becomes of who makes them. */
import type { Lesson } from './lesson.ts';

const MAPPED = { of: { kind: 'return', call: 'mmap' } } as const;
const SEGV = { kind: 'signal', signal: 'SIGSEGV' } as const;

export const useAfterMunmap: Lesson = {
  id: 'use-after-munmap',
  title: 'A pointer outlives its mapping',
  group: 'Faults',
  program: 'use_after_munmap',
  about:
    'A page is mapped, used, unmapped, and used once more through the old pointer. What is left of it is a number in a register.',
  steps: [
    {
      title: 'In use',
      text: 'The page at {address} is in {frame parent} and holds {number parent}. R12 points to it.',
      stand: { at: { kind: 'syscall', call: 'munmap' }, when: 'before' },
      select: MAPPED,
      bring: 'picture',
      predict: { ask: 'frame', who: 'parent', when: 'after munmap' },
    },
    {
      title: 'Unmapped',
      text: 'The area is gone, the entry is empty, the frame has been given back. R12 still is {register r12}: nobody tells a register.',
      stand: { at: { kind: 'return', call: 'munmap' } },
      bring: 'registers',
    },
    {
      title: 'Once more',
      text: 'The next instruction is {instruction}.',
      stand: { at: SEGV, when: 'before' },
      bring: 'code',
      predict: { ask: 'next', who: 'parent', when: 'at the load' },
    },
    {
      title: 'SIGSEGV',
      text: 'A page fault like any other for the processor. For the kernel not: no area covers the address, so there is nothing to resolve. {event}',
      stand: { at: { kind: 'exit' } },
      bring: 'faults',
    },
  ],
};

export const guardPage: Lesson = {
  id: 'guard-page',
  title: 'A guard page',
  group: 'Faults',
  program: 'guard_page',
  about:
    'A stack of four pages with one below it that nobody may touch. A function that never stops calling itself runs into it, and the fault has an address.',
  steps: [
    {
      title: 'The guard',
      text: 'The lowest page, at {address}, is made PROT_NONE: it stays mapped, and nothing is allowed there. Above it are four pages of stack.',
      stand: { at: { kind: 'return', call: 'mprotect' } },
      select: MAPPED,
      bring: 'picture',
    },
    {
      title: 'Page after page',
      text: 'The recursion has come to the last page above the guard: RSP is {register rsp}.',
      stand: { at: { kind: 'fault', cause: 'demand zero', by: 'program', nth: -2 } },
      bring: 'stack',
    },
    {
      title: 'One call too many',
      text: 'The next push goes below {register rsp}, into the guard.',
      stand: { at: SEGV, when: 'before' },
      bring: 'code',
      predict: { ask: 'next', who: 'parent', when: 'at the call' },
    },
    {
      title: 'With an address',
      text: '{event}. The program has a handler for it, on a stack of its own: on this one nothing is left.',
      stand: { at: SEGV },
      bring: 'faults',
      predict: { ask: 'ending', who: 'parent', when: 'in the end', at: { at: { kind: 'exit' } } },
    },
    {
      title: 'It knows what happened',
      text: 'The handler has printed how far below the stack the access was. Without the guard the recursion would have overwritten what lies below, and nobody would know.',
      stand: { at: { kind: 'exit' } },
      bring: 'terminal',
    },
  ],
};
