/** Mappings of files and of named memory: one frame per page of a file, wherever it is mapped. */
import type { Lesson } from './lesson.ts';

const PARENTS = { of: { kind: 'return', call: 'mmap', who: 'parent' } } as const;
const CHILDS = { of: { kind: 'return', call: 'mmap', who: 'child' } } as const;
const CHILDS_STORE = { kind: 'fault', cause: 'shared page', who: 'child' } as const;

export const pageCache: Lesson = {
  id: 'page-cache',
  title: 'A file’s page is in memory once',
  group: 'Files',
  program: 'shared_file',
  about:
    'Two processes map one file at different addresses, each for itself, and close it. Both mappings and read(2) look at the same frame of the page cache.',
  steps: [
    {
      title: 'The parent reads',
      text: 'The parent has touched its mapping at {address}, and got {frame parent}. It is not only the process’s: {holder parent}, says the page cache.',
      stand: { at: { kind: 'fault', page: PARENTS, who: 'parent' } },
      select: PARENTS,
      bring: 'picture',
    },
    {
      title: 'The child maps for itself',
      text: 'The child has opened the file anew and mapped it at another address, {address}; the mapping that it had from its parent it has given up. It is about to store there.',
      stand: { at: CHILDS_STORE, when: 'before' },
      select: CHILDS,
      who: 'child',
      bring: 'picture',
      predict: { ask: 'next', who: 'child', when: 'at the store' },
    },
    {
      title: 'The page was there',
      text: 'The kernel looked in the page cache for this page of the file, found {frame child}, and mapped it: {mappings child} mappings now, at two addresses. The store goes through when it is tried again.',
      stand: { at: CHILDS_STORE },
      who: 'child',
      bring: 'picture',
      predict: {
        ask: 'value',
        who: 'parent',
        address: PARENTS,
        when: 'when the child has stored 42 and let it run',
        at: { at: { kind: 'return', call: 'sched_yield', who: 'child' } },
      },
    },
    {
      title: 'The parent finds it',
      text: 'At {address} the parent finds {number parent}: one frame, two addresses. No call was needed for that.',
      stand: { at: { kind: 'return', call: 'sched_yield', who: 'child' } },
      select: PARENTS,
      who: 'parent',
      bring: 'picture',
    },
    {
      title: 'And read(2)?',
      text: 'All mappings are gone. The program has opened the file again, and is about to read it with read(2), the old way. Before that the parent had stored once more.',
      stand: { at: { kind: 'syscall', call: 'read' }, when: 'before' },
      who: 'parent',
      bring: 'calls',
      predict: {
        ask: 'printed',
        who: 'parent',
        when: 'by the parent',
        at: { at: { kind: 'return', call: 'write', who: 'parent', nth: -1 } },
      },
    },
    {
      title: 'The same page',
      text: 'read(2) copied from the same page of the cache. msync(2), before that, has brought it to the disk; for others to see it that was not needed.',
      stand: { at: { kind: 'return', call: 'write', who: 'parent', nth: -1 } },
      bring: 'terminal',
    },
  ],
};

const MARKER = { of: { kind: 'return', call: 'mmap' } } as const;
const SLOT = { kind: 'fault', cause: 'demand zero', by: 'program', nth: 2 } as const;

export const commitMarker: Lesson = {
  id: 'commit-marker',
  title: 'First the data, then the marker',
  group: 'Files',
  program: 'commit_marker',
  about:
    'A store to a shared file mapping is in memory; on the disk it is when msync(2) has returned. In which order two pages get there decides what a crash leaves.',
  steps: [
    {
      title: 'A file of three pages',
      text: 'The first page, at {address}, is the marker: a version number, {number parent} now. It says which of the two other pages, the slots, is the good one.',
      stand: { at: { kind: 'fault', cause: 'demand zero', page: MARKER } },
      select: MARKER,
      bring: 'picture',
    },
    {
      title: 'The data',
      text: 'The new state is stored to the other slot, at {address}. That page of the file has never been touched.',
      stand: { at: SLOT, when: 'before' },
      select: { of: SLOT },
      predict: { ask: 'next', who: 'parent', when: 'at the store' },
    },
    {
      title: 'msync of the data',
      text: 'The slot holds {number parent} in {frame parent}. In memory: if power failed now, the disk would have the old state. The program asks for this page to be written, and waits for it.',
      stand: { at: { kind: 'syscall', call: 'msync' } },
      bring: 'calls',
      predict: {
        ask: 'value',
        who: 'parent',
        address: MARKER,
        when: 'when the data is on the disk',
        at: { at: { kind: 'return', call: 'msync' } },
      },
    },
    {
      title: 'Nothing has happened yet',
      text: 'The data is on the disk, and the marker at {address} still holds {number parent}: whoever starts now takes the old state. That is why the data goes first.',
      stand: { at: { kind: 'return', call: 'msync' } },
      select: MARKER,
      bring: 'picture',
      predict: {
        ask: 'value',
        who: 'parent',
        when: 'when the second msync begins',
        at: { at: { kind: 'syscall', call: 'msync', nth: 2 } },
      },
    },
    {
      title: 'The commit',
      text: 'One store has made the marker {number parent}, and the second msync brings it to the disk. Before it nothing has happened, after it all has. `--crash-at N` of the command lets the power fail after any instruction.',
      stand: { at: { kind: 'return', call: 'msync', nth: 2 } },
      bring: 'calls',
    },
  ],
};

const A = { of: { kind: 'return', call: 'mmap', who: 'child' } } as const;
const B = { of: { kind: 'return', call: 'mmap', who: 'second child', nth: 2 } } as const;
const B_READS = { kind: 'fault', who: 'second child', page: B } as const;

export const shmOpen: Lesson = {
  id: 'shm-open',
  title: 'Meet by a name',
  group: 'Files',
  program: 'shm_open',
  about:
    'POSIX shared memory: two processes that share no ancestor’s mapping open one name. What they map is the same frame, at whatever addresses.',
  steps: [
    {
      title: 'Process A makes it',
      text: 'The first child has started a program of its own, and opened `/dev/shm/pml4_lesson`. That is all that `shm_open` does. It has mapped it at {address}, and is about to store there: its own address first, then a greeting.',
      stand: { at: { kind: 'fault', who: 'child', page: A }, when: 'before' },
      select: A,
      who: 'child',
      bring: 'picture',
      predict: { ask: 'next', who: 'child', when: 'at the store' },
    },
    {
      title: 'A frame with a name',
      text: 'The frame is {frame child}: {holder child}. It belongs to the object, so it stays when all mappings go, until the name is unlinked.',
      stand: { at: { kind: 'fault', who: 'child', page: A } },
      bring: 'picture',
    },
    {
      title: 'Process B comes',
      text: 'The second child has opened the same name, and mapped it at {address}: another address, on purpose. It is about to read.',
      stand: { at: B_READS, when: 'before' },
      select: B,
      who: 'second child',
      bring: 'picture',
      predict: { ask: 'next', who: 'second child', when: 'at the load' },
    },
    {
      title: 'The same frame',
      text: 'B reaches {frame second child}, {mappings second child} mappings: A’s and its own. Addresses are each process’s own affair, frames are not.',
      stand: { at: B_READS },
      who: 'second child',
      bring: 'picture',
    },
    {
      title: 'Read and answered',
      text: 'B has printed what A had stored. When all have gone, the name would still be there: somebody has to unlink it.',
      stand: { at: { kind: 'exit', who: 'second child' } },
      bring: 'terminal',
    },
  ],
};

const POINTED = { kind: 'signal', signal: 'SIGSEGV' } as const;

export const pointerOrOffset: Lesson = {
  id: 'pointer-or-offset',
  title: 'Pointers do not travel',
  group: 'Files',
  program: 'pointer_or_offset',
  about:
    'A record in a shared file holds a pointer and an offset to the same number. In a process that maps the file elsewhere, one of them still holds.',
  steps: [
    {
      title: 'A record with a pointer',
      text: 'The parent has the file at {address}. The first eight bytes there are an address: {value parent}. In this process it leads to the number.',
      stand: { at: { kind: 'return', call: 'write' } },
      select: PARENTS,
      bring: 'picture',
    },
    {
      title: 'Mapped elsewhere',
      text: 'The child has mapped the same file at {address}, and given the parent’s mapping up. It is about to read the offset.',
      stand: { at: { kind: 'fault', cause: 'shared page', who: 'child' }, when: 'before' },
      select: CHILDS,
      who: 'child',
      predict: { ask: 'next', who: 'child', when: 'at the load' },
    },
    {
      title: 'The offset holds',
      text: 'The frame is the same, {frame child}. Offset plus beginning of the mapping, {address} here, leads to the number, and the child prints it.',
      stand: { at: { kind: 'return', call: 'write', who: 'child' } },
      who: 'child',
      bring: 'terminal',
    },
    {
      title: 'The pointer',
      text: 'Now it loads from where the pointer leads: {address}. That is an address of the parent’s; look for an area there, in the child.',
      stand: { at: POINTED, when: 'before' },
      select: { of: POINTED },
      who: 'child',
      bring: 'picture',
      predict: { ask: 'ending', who: 'child', when: 'in the end', at: { at: { kind: 'exit', who: 'child' } } },
    },
    {
      title: 'Dead',
      text: 'The child {ending child}. In shared memory store offsets, counted from where the mapping begins.',
      stand: { at: { kind: 'exit', who: 'child' } },
      who: 'parent',
      bring: 'faults',
    },
  ],
};

const FULL = { kind: 'blocked', call: 'write', who: 'parent' } as const;

export const pipes: Lesson = {
  id: 'pipe',
  title: 'A pipe, for comparison',
  group: 'Files',
  program: 'pipe_family',
  about:
    'The other way to hand bytes to a child. A pipe copies them into the kernel and out again, asks the kernel each time, and makes people wait; in exchange nobody has to synchronise.',
  steps: [
    {
      title: 'Two descriptors',
      text: 'The parent has made a pipe and forked. The child has copies of both descriptors; the pipe itself is one. Now the parent writes 200000 bytes.',
      stand: { at: { kind: 'syscall', call: 'write', who: 'parent' }, when: 'before' },
      who: 'parent',
      bring: 'calls',
      predict: {
        ask: 'runs',
        who: 'parent',
        when: 'when the pipe is full',
        at: { at: { kind: 'switch', after: FULL } },
      },
    },
    {
      title: 'Full',
      text: 'The kernel copied what fits, sixteen pages, and put the writer to sleep: {state parent}. Shared memory is never full, and nobody waits unless programs arrange it.',
      stand: { at: { kind: 'switch', after: FULL } },
      who: 'child',
      bring: 'calls',
    },
    {
      title: 'The reader',
      text: 'The child has asked for 4096 bytes.',
      stand: { at: { kind: 'syscall', call: 'read', who: 'child' }, when: 'before' },
      who: 'child',
      predict: {
        ask: 'result',
        who: 'child',
        when: 'now',
        at: { at: { kind: 'return', call: 'read', who: 'child' } },
      },
    },
    {
      title: 'Copied twice',
      text: 'The bytes went from the parent’s frames to the kernel’s, and from there to the child’s. Each read is a call; in shared memory a load would have done.',
      stand: { at: { kind: 'return', call: 'read', who: 'child' } },
      who: 'child',
      bring: 'faults',
    },
  ],
};
