/** Private memory after a fork: one frame until somebody writes. */
import type { Lesson } from './lesson.ts';

const MAPPED = { of: { kind: 'return', call: 'mmap' } } as const;
const BREAK = { kind: 'fault', cause: 'copy-on-write break', page: MAPPED } as const;

export const privateTwin: Lesson = {
  id: 'private-twin',
  title: 'The same, but MAP_PRIVATE',
  group: 'Copy on write',
  program: 'private_demo',
  about:
    'The demo’s twin asks for MAP_PRIVATE instead. After the fork there is one frame, as before; what differs is what the next store does.',
  steps: [
    {
      title: 'Before the fork',
      text: 'The page at {address} is private and anonymous. It has been written to: {frame parent}, with {flags parent}.',
      stand: { at: { kind: 'fork' }, when: 'before' },
      select: MAPPED,
      bring: 'picture',
      predict: { ask: 'flags', who: 'parent', when: 'after the fork' },
    },
    {
      title: 'One frame, for now',
      text: 'Both processes reach {frame child}, as with `MAP_SHARED`. But RW is gone and COW is there, in both entries: {flags parent}. The kernel has promised a copy to whoever writes first.',
      stand: { at: { kind: 'return', call: 'fork', who: 'parent' } },
      bring: 'picture',
    },
    {
      title: 'The parent is about to store',
      text: 'Next comes {instruction}. R12 is {register r12}: the private page.',
      stand: { at: BREAK, when: 'before' },
      bring: 'picture',
      predict: { ask: 'next', who: 'parent', when: 'at the store' },
    },
    {
      title: 'The break',
      text: 'The processor found RW clear, and faulted. The kernel saw COW: it copied the frame, and the parent’s entry leads to {frame parent} now, with RW. The child still has {frame child}. The store is tried again, and goes to the copy.',
      stand: { at: BREAK },
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
      text: 'The child finds {value child}; in the parent’s frame there is {value parent}. Same address, two frames: the write of one is never seen by the other.',
      stand: { at: { kind: 'syscall', call: 'write', who: 'child' }, when: 'before' },
      bring: 'picture',
      predict: { ask: 'ending', who: 'child', when: 'in the end', at: { at: { kind: 'exit', who: 'child' } } },
    },
    {
      title: 'As it should be',
      text: 'This program’s child must not see the write, and so it {ending child}.',
      stand: { at: { kind: 'exit', who: 'child' } },
      who: 'parent',
      bring: 'calls',
    },
  ],
};

/** The child's second break is the variable's; the first is its stack's. */
const CHILDS = { kind: 'fault', cause: 'copy-on-write break', who: 'child', nth: 2 } as const;
const PARENTS = { kind: 'fault', cause: 'copy-on-write break', who: 'parent', page: { of: CHILDS } } as const;

export const copyOnWrite: Lesson = {
  id: 'copy-on-write',
  title: 'A variable after fork',
  group: 'Copy on write',
  program: 'copy_on_write',
  about:
    'A variable in .data, a fork, a store by the child. fork copies page tables, not pages; a page is copied when somebody writes to it.',
  steps: [
    {
      title: 'Before the first store',
      text: 'The program is about to store to {address}, in its .data. That page is a private mapping of the program’s own file.',
      stand: { at: PARENTS, when: 'before' },
      select: { of: CHILDS },
      bring: 'picture',
      predict: { ask: 'next', who: 'parent', when: 'at the store' },
    },
    {
      title: 'Not in the file',
      text: 'The page of the file stays as it is; the process has a frame of its own, {frame parent}, with {flags parent}. Private means this for files, too.',
      stand: { at: PARENTS },
      bring: 'picture',
    },
    {
      title: 'Before the fork',
      text: 'The variable holds {number parent}, in {frame parent}. The entry: {flags parent}.',
      stand: { at: { kind: 'fork' }, when: 'before' },
      predict: { ask: 'flags', who: 'parent', when: 'after the fork' },
    },
    {
      title: 'After the fork',
      text: 'The page was not copied: the parent has {frame parent}, the child {frame child}. Both entries say {flags child}. The fork has copied tables, and taken RW away.',
      stand: { at: { kind: 'return', call: 'fork', who: 'parent' } },
      bring: 'picture',
      predict: { ask: 'frames', who: 'parent', when: 'when the child has stored to it', at: { at: CHILDS } },
    },
    {
      title: 'The child stores',
      text: 'A fault, a copy, a new entry: the child has {frame child} with {flags child}. The parent keeps {frame parent}, and its COW mark: {flags parent}.',
      stand: { at: CHILDS },
      bring: 'faults',
      predict: {
        ask: 'value',
        who: 'parent',
        when: 'when the child has gone',
        at: { at: { kind: 'return', call: 'wait4', who: 'parent' } },
      },
    },
    {
      title: 'Nobody has seen it',
      text: 'The parent still finds {number parent}. Its frame has {mappings parent} mapping now; the next store would need no copy, only RW.',
      stand: { at: { kind: 'return', call: 'wait4', who: 'parent' } },
      who: 'parent',
      bring: 'picture',
    },
  ],
};

export const vfork: Lesson = {
  id: 'vfork',
  title: 'vfork lends, fork copies',
  group: 'Copy on write',
  program: 'vfork',
  about:
    'The child of vfork runs in its parent’s address space: one CR3, one page table. What it stores is the parent’s at once.',
  steps: [
    {
      title: 'One page table',
      text: 'Both processes have CR3 {cr3 child}. There is nothing to copy and nothing to share: it is one address space, lent. The parent stands still meanwhile: {state parent}.',
      stand: { at: { kind: 'fork' } },
      who: 'child',
      bring: 'picture',
    },
    {
      title: 'The child stores',
      text: 'It stores to a variable in .data, whose page is still that of the program’s file.',
      stand: { at: { kind: 'fault', cause: 'copy-on-write break', who: 'child' }, when: 'before' },
      select: { of: { kind: 'fault', cause: 'copy-on-write break', who: 'child' } },
      who: 'child',
      predict: { ask: 'frames', who: 'child', when: 'after that store' },
    },
    {
      title: 'For both',
      text: 'The copy was made for the page table, and that is everybody’s: the parent reaches {frame parent}, the child {frame child}.',
      stand: { at: { kind: 'fault', cause: 'copy-on-write break', who: 'child' } },
      who: 'child',
      bring: 'picture',
      predict: {
        ask: 'value',
        who: 'parent',
        when: 'when it goes on',
        at: { at: { kind: 'return', call: 'vfork', who: 'parent' } },
      },
    },
    {
      title: 'The parent goes on',
      text: 'It finds {number parent}, which the child has stored. After fork it would have found what it had put there itself.',
      stand: { at: { kind: 'return', call: 'vfork', who: 'parent' } },
      who: 'parent',
      bring: 'picture',
    },
  ],
};
