/** What mmap(2) promises, when frames come, and how mappings split and go. */
import type { Lesson } from './lesson.ts';

const MAPPED = { of: { kind: 'return', call: 'mmap' } } as const;
const THIRD = { kind: 'fault', cause: 'demand zero', by: 'program' } as const;
const FIRST = { kind: 'fault', cause: 'zero page', by: 'program' } as const;

export const demandPaging: Lesson = {
  id: 'demand-paging',
  title: 'A promise, not memory',
  group: 'Mappings',
  program: 'demand_paging',
  about:
    'Four pages are mapped and two are touched. A page gets its frame when it is touched first, and what a read gets is not what a write gets.',
  steps: [
    {
      title: 'Four pages, no frame',
      text: '`mmap` has returned. Of {total parent} pages {present parent} have a frame. The program asks the kernel which are in memory, with mincore(2), and prints the answer.',
      stand: { at: { kind: 'return', call: 'mmap' } },
      select: MAPPED,
      bring: 'picture',
    },
    {
      title: 'A write to the third',
      text: 'The next instruction stores to {address}.',
      stand: { at: THIRD, when: 'before' },
      select: { of: THIRD },
      bring: 'picture',
      predict: { ask: 'next', who: 'parent', when: 'at the store' },
    },
    {
      title: 'Its frame has come',
      text: '{frame parent}, full of zeros, with {flags parent}. The other three pages have none still: {present parent} of {total parent}.',
      stand: { at: THIRD },
      bring: 'faults',
    },
    {
      title: 'A read of the first',
      text: 'Now it loads from {address}, a page that nobody has written.',
      stand: { at: FIRST, when: 'before' },
      select: { of: FIRST },
      predict: { ask: 'next', who: 'parent', when: 'at the load' },
    },
    {
      title: 'Zeros on loan',
      text: 'It has got {frame parent}: the one frame of zeros that all untouched pages share until they are written to. So the entry has no RW: {flags parent}.',
      stand: { at: FIRST },
      bring: 'picture',
      predict: {
        ask: 'frame',
        who: 'parent',
        address: { of: THIRD },
        when: 'after madvise(MADV_DONTNEED)',
        at: { at: { kind: 'return', call: 'madvise' } },
      },
    },
    {
      title: 'Given back',
      text: 'The program has said that it needs none of it: the entries are empty, {present parent} of {total parent} pages have a frame. The area is still there, and so is the promise.',
      stand: { at: { kind: 'return', call: 'madvise' } },
      select: { of: THIRD },
      bring: 'picture',
    },
  ],
};

const mapping = (nth: number) => ({ of: { kind: 'return', call: 'mmap', nth } }) as const;
const CHILD_GONE = { at: { kind: 'exit', who: 'child' } } as const;

export const fourMappings: Lesson = {
  id: 'four-mappings',
  title: 'Four kinds of mapping',
  group: 'Mappings',
  program: 'four_mappings',
  about:
    'Private or shared, anonymous or of a file: two switches, four kinds. The parent stores 1 to each, forks, and the child stores 2 to each.',
  steps: [
    {
      title: 'All four are there',
      text: 'The parent has stored to each of four areas, and is about to fork. `rw-p` is private, `rw-s` shared; two of them have the file’s name.',
      stand: { at: { kind: 'fork' }, when: 'before' },
      select: mapping(1),
      bring: 'picture',
    },
    {
      title: 'Private and anonymous',
      text: 'The child is about to store 2 to {address}. Parent and child have {frame parent} in common: {flags parent}.',
      stand: { at: { kind: 'fault', cause: 'copy-on-write break', who: 'child', page: mapping(1) }, when: 'before' },
      who: 'child',
      predict: { ask: 'frames', who: 'child', when: 'after the store' },
    },
    {
      title: 'A copy',
      text: 'The child has its own: {frame child}. The parent’s is {frame parent}.',
      stand: { at: { kind: 'fault', cause: 'copy-on-write break', who: 'child', page: mapping(1) } },
      bring: 'picture',
      predict: {
        ask: 'value',
        who: 'parent',
        address: mapping(2),
        when: '(shared, anonymous) when the child has stored 2 to all four',
        at: CHILD_GONE,
      },
    },
    {
      title: 'Shared and anonymous',
      text: 'The parent finds {number parent} at {address}: one frame, {frame parent}, no copy.',
      stand: CHILD_GONE,
      who: 'parent',
      select: mapping(2),
      bring: 'picture',
      predict: {
        ask: 'value',
        who: 'parent',
        address: mapping(3),
        when: '(private, of a file) now',
        at: CHILD_GONE,
      },
    },
    {
      title: 'Private, of a file',
      text: 'It finds {number parent}. Its frame, {frame parent}, has been its own since it stored there; neither the child’s store nor the file has to do with it.',
      stand: CHILD_GONE,
      who: 'parent',
      select: mapping(3),
      predict: {
        ask: 'value',
        who: 'parent',
        address: mapping(4),
        when: '(shared, of a file) now',
        at: CHILD_GONE,
      },
    },
    {
      title: 'Shared, of a file',
      text: 'It finds {number parent}, in {frame parent}: {holder parent}. The frame belongs to the file, and everybody who maps the file reaches it. Run on, and see what the program reads from the file itself.',
      stand: CHILD_GONE,
      who: 'parent',
      select: mapping(4),
      bring: 'picture',
    },
  ],
};

export const procMaps: Lesson = {
  id: 'proc-maps',
  title: 'Areas join and split',
  group: 'Mappings',
  program: 'proc_maps',
  about:
    'What /proc/self/maps lists is what the kernel keeps: areas. Neighbours that are alike are one; mprotect splits, munmap leaves a hole.',
  steps: [
    {
      title: 'One area',
      text: 'The first mapping is there: {area parent}, {total parent} pages, none of them in use. The next call maps as much again, right behind it, with the same rights.',
      stand: { at: { kind: 'syscall', call: 'mmap', nth: 2 }, when: 'before' },
      select: mapping(1),
      bring: 'picture',
      predict: {
        ask: 'areas',
        who: 'parent',
        when: 'after that call',
        at: { at: { kind: 'return', call: 'mmap', nth: 2 } },
      },
    },
    {
      title: 'Still one',
      text: 'Neighbours that are alike are one area: it has {total parent} pages now.',
      stand: { at: { kind: 'return', call: 'mmap', nth: 2 } },
      bring: 'picture',
    },
    {
      title: 'Before mprotect',
      text: 'Now one page in the middle of it is made read-only.',
      stand: { at: { kind: 'syscall', call: 'mprotect' }, when: 'before' },
      predict: { ask: 'areas', who: 'parent', when: 'after mprotect' },
    },
    {
      title: 'Three out of one',
      text: 'An area has one set of rights, so there are three: before, the page, and after. The first has {total parent} pages left.',
      stand: { at: { kind: 'return', call: 'mprotect' } },
      bring: 'picture',
    },
    {
      title: 'Before munmap',
      text: 'One page of a shared mapping of a file goes. Its area begins at {address}, and has {total parent} pages.',
      stand: { at: { kind: 'syscall', call: 'munmap' }, when: 'before' },
      select: mapping(3),
      predict: { ask: 'areas', who: 'parent', when: 'after munmap' },
    },
    {
      title: 'A hole',
      text: 'What is left before the hole has {total parent} page. Run on to see the program print its own list.',
      stand: { at: { kind: 'return', call: 'munmap' } },
      bring: 'picture',
    },
  ],
};

const MIDDLE = { of: { kind: 'return', call: 'mmap' }, plus: 2 * 4096 } as const;

export const munmapHoles: Lesson = {
  id: 'munmap-holes',
  title: 'Holes',
  group: 'Mappings',
  program: 'munmap_holes',
  about:
    'Five pages, and the middle one is unmapped. The pages beside the hole keep their frames, a hole is no error, and a touch of it is.',
  steps: [
    {
      title: 'Five pages',
      text: 'All five have been written to: {present parent} of {total parent} have a frame. The middle one is at {address}, in {frame parent}.',
      stand: { at: { kind: 'syscall', call: 'munmap' }, when: 'before' },
      select: MIDDLE,
      bring: 'picture',
      predict: { ask: 'frame', who: 'parent', when: 'after munmap of this page' },
    },
    {
      title: 'The middle is gone',
      text: 'The entry is empty, and the area is two. What is before and behind has its frames as before.',
      stand: { at: { kind: 'return', call: 'munmap' } },
      bring: 'picture',
    },
    {
      title: 'A hole in the range',
      text: 'The program now unmaps pages 1 to 3. Page 2 has gone already.',
      stand: { at: { kind: 'syscall', call: 'munmap', nth: 2 }, when: 'before' },
      who: 'parent',
      predict: { ask: 'result', who: 'parent', when: 'with a hole in its range' },
    },
    {
      title: 'No error',
      text: 'Unmapping what is not mapped is allowed. An address within a page is not: that comes later, with EINVAL.',
      stand: { at: { kind: 'return', call: 'munmap', nth: 2 } },
      bring: 'calls',
    },
    {
      title: 'A touch of the hole',
      text: 'A child of the program is about to load from {address}: {instruction}.',
      stand: { at: { kind: 'signal', signal: 'SIGSEGV' }, when: 'before' },
      who: 'child',
      bring: 'picture',
      predict: { ask: 'ending', who: 'child', when: 'in the end', at: { at: { kind: 'exit', who: 'child' } } },
    },
    {
      title: 'SIGSEGV',
      text: 'No area covers the address, so the kernel has nothing to put there. The child {ending child}.',
      stand: { at: { kind: 'exit', who: 'child' } },
      who: 'parent',
      bring: 'faults',
    },
  ],
};

/** Ten processes have loaded the library, and none has gone. */
const ALL_LOADED = { at: { kind: 'exit' }, when: 'before' } as const;

export const sharedLibrary: Lesson = {
  id: 'shared-library',
  title: 'One library, ten processes',
  group: 'Mappings',
  program: 'shared_library',
  about:
    'Ten processes load the same library, each for itself, all of it MAP_PRIVATE. Private does not mean a copy: what nobody writes to is there once.',
  steps: [
    {
      title: 'The first one maps',
      text: 'A child has mapped the library’s text at {address}, private, read and execute. It has not run any of it.',
      stand: { at: { kind: 'return', call: 'mmap', who: 'child' } },
      select: { of: { kind: 'return', call: 'mmap', who: 'child' } },
      who: 'child',
      bring: 'picture',
      predict: { ask: 'frames', who: 'child', when: 'when all ten processes run it', at: ALL_LOADED },
    },
    {
      title: 'The text: one frame',
      text: 'All ten have run the library’s function, and reach {frame child} for it: {mappings child} mappings, {flags child}. Nobody may write there, so nobody has ever needed a copy.',
      stand: ALL_LOADED,
      who: 'child',
      bring: 'picture',
      predict: {
        ask: 'frames',
        who: 'child',
        address: { of: { kind: 'return', call: 'mmap', who: 'child', nth: 2 } },
        when: 'when each process has written to the library’s data there',
        at: ALL_LOADED,
      },
    },
    {
      title: 'The data: ten frames',
      text: 'Each process has counted in the library’s data at {address}, and got a copy for that: {frames} frames. This one is {frame child}, with {flags child}.',
      stand: ALL_LOADED,
      who: 'child',
      select: { of: { kind: 'return', call: 'mmap', who: 'child', nth: 2 } },
      bring: 'picture',
    },
    {
      title: 'What the program found',
      text: 'It has looked its frames up in /proc/self/pagemap, and counted different ones: the last lines of its output say the same as the picture.',
      stand: { at: { kind: 'exit', who: 'parent' } },
      bring: 'terminal',
    },
  ],
};

const GROWTH = { kind: 'fault', cause: 'demand zero', by: 'program' } as const;

export const stackGrowth: Lesson = {
  id: 'stack-growth',
  title: 'The stack grows',
  group: 'Mappings',
  program: 'stack_growth',
  about:
    'A function calls itself two thousand times, half a KiB of stack each. Nobody maps that memory: the stack’s area grows when it is touched.',
  steps: [
    {
      title: 'Down to the next page',
      text: 'RSP is {register rsp}. The next store goes to a page of the stack that has no frame; {present parent} of {total parent} pages have one.',
      stand: { at: { ...GROWTH }, when: 'before' },
      select: { of: { kind: 'fault', cause: 'demand zero', by: 'program', nth: 1 } },
      bring: 'stack',
      predict: { ask: 'next', who: 'parent', when: 'at the store' },
    },
    {
      title: 'A frame of zeros',
      text: 'As in any anonymous private area: {frame parent}, {flags parent}.',
      stand: { at: GROWTH },
      bring: 'faults',
    },
    {
      title: 'Forty pages further',
      text: 'The area began with room for some pages; by now the recursion has come to its lower end, and below it. Of {total parent} pages {present parent} are in use.',
      stand: { at: { ...GROWTH, nth: 40 } },
      select: { of: { ...GROWTH, nth: 40 } },
      bring: 'picture',
    },
    {
      title: 'The bottom',
      text: 'The deepest call has been made: {total parent} pages, {present parent} of them in use. Each was one page fault; {executed} instructions have been executed so far.',
      stand: { at: { ...GROWTH, nth: -1 } },
      select: { of: { ...GROWTH, nth: -1 } },
      bring: 'picture',
      predict: { ask: 'printed', who: 'parent', when: 'in the end', at: { at: { kind: 'exit', who: 'parent' } } },
    },
    {
      title: 'It does not shrink',
      text: 'The function has returned two thousand times, and the sum is printed. The frames are not given back for that: they were still there when the process ended.',
      stand: { at: { kind: 'exit', who: 'parent' } },
      bring: 'terminal',
    },
  ],
};
