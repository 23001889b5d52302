/** Where mappings end: at execve(2), at what a file was opened for, and at the file's own end. */
import type { Lesson } from './lesson.ts';

const NAMED = { of: { kind: 'return', call: 'mmap' } } as const;
const NEW_PROGRAM = { kind: 'exec', nth: 2 } as const;
const MAPPED_AGAIN = { of: { kind: 'return', call: 'mmap', after: NEW_PROGRAM } } as const;
const FOUND = { kind: 'fault', page: MAPPED_AGAIN, after: NEW_PROGRAM } as const;
const SEGV = { kind: 'signal', signal: 'SIGSEGV' } as const;

export const execMappings: Lesson = {
  id: 'exec',
  title: 'What execve leaves',
  group: 'Mappings',
  program: 'exec_mappings',
  about:
    'fork hands all mappings on; execve drops them all, shared ones too. What is to survive needs a name, or a descriptor that stays open.',
  steps: [
    {
      title: 'Before execve',
      text: 'The process has stored {number parent} to shared memory with a name, mapped at {address}: {frame parent}, {holder parent}. Its CR3 is {cr3 parent}. Now it starts a program anew, in its own place.',
      stand: { at: { kind: 'syscall', call: 'execve' }, when: 'before' },
      select: NAMED,
      bring: 'picture',
      predict: { ask: 'frame', who: 'parent', when: 'after execve', at: { at: NEW_PROGRAM } },
    },
    {
      title: 'A new address space',
      text: 'Page tables and all: CR3 is {cr3 parent}, and nothing is mapped at {address}. The process is the same, with its pid and its open descriptors. It asks mincore(2) about the old address.',
      stand: { at: NEW_PROGRAM },
      bring: 'picture',
    },
    {
      title: 'Is it in memory?',
      text: 'The call is about to be made.',
      stand: { at: { kind: 'syscall', call: 'mincore' }, when: 'before' },
      bring: 'code',
      predict: { ask: 'result', who: 'parent', when: 'now', at: { at: { kind: 'return', call: 'mincore' } } },
    },
    {
      title: 'By the descriptor',
      text: 'ENOMEM: not mapped. But the descriptor has survived, and the program has mapped it again, at {address}. It is about to read there.',
      stand: { at: FOUND, when: 'before' },
      select: MAPPED_AGAIN,
      predict: { ask: 'value', who: 'parent', when: 'when it reads', at: { at: FOUND } },
    },
    {
      title: 'Still there',
      text: 'It finds {number parent} in {frame parent}: {holder parent}. The frame belongs to the object, not to a mapping of it.',
      stand: { at: FOUND },
      bring: 'picture',
    },
    {
      title: 'The old address',
      text: 'A child now loads from the address that was good before execve.',
      stand: { at: SEGV, when: 'before' },
      select: { of: SEGV },
      who: 'child',
      bring: 'picture',
      predict: { ask: 'ending', who: 'child', when: 'in the end', at: { at: { kind: 'exit', who: 'child' } } },
    },
    {
      title: 'Nothing there',
      text: 'The child {ending child}: no area covers that address any more.',
      stand: { at: { kind: 'exit', who: 'child' } },
      who: 'parent',
      bring: 'faults',
    },
  ],
};

const attempt = (nth: number) => ({ at: { kind: 'syscall', call: 'mmap', nth }, when: 'before' }) as const;
const answer = (nth: number) => ({ at: { kind: 'return', call: 'mmap', nth } }) as const;

export const fileModes: Lesson = {
  id: 'file-modes',
  title: 'Opened for what?',
  group: 'Files',
  program: 'file_modes',
  about:
    'A shared mapping that can be written to needs a file that was opened for writing. A private one never writes to the file, so reading is enough.',
  steps: [
    {
      title: 'Read and write',
      text: 'Opened O_RDWR, a file may be mapped shared and writable: {event}.',
      stand: answer(1),
      bring: 'calls',
    },
    {
      title: 'Read only, shared, writable',
      text: 'The file was closed and opened O_RDONLY. The program asks for the same mapping again.',
      stand: attempt(2),
      bring: 'calls',
      predict: { ask: 'result', who: 'parent', when: 'now', at: answer(2) },
    },
    {
      title: 'No',
      text: 'EACCES: through such a mapping the file could be changed by who may only read it. Next it asks for MAP_PRIVATE instead.',
      stand: attempt(3),
      bring: 'calls',
      predict: { ask: 'result', who: 'parent', when: 'now', at: answer(3) },
    },
    {
      title: 'Private is allowed',
      text: 'What is written there goes to copies, and never to the file. Later the program maps the file shared and read-only, which is allowed, and asks mprotect(2) for the right to write.',
      stand: { at: { kind: 'syscall', call: 'mprotect' }, when: 'before' },
      bring: 'calls',
      predict: { ask: 'result', who: 'parent', when: 'now', at: { at: { kind: 'return', call: 'mprotect' } } },
    },
    {
      title: 'No way around',
      text: '{event}. The mapping remembers what the file was opened for.',
      stand: { at: { kind: 'return', call: 'mprotect' } },
      bring: 'calls',
    },
  ],
};

const LAST_PAGE = { of: { kind: 'fault', cause: 'demand zero', by: 'program' } } as const;
const BUS = { kind: 'signal', signal: 'SIGBUS' } as const;
const TRUNCATED = { at: { kind: 'return', call: 'ftruncate', nth: 2 } } as const;

export const pastTheEnd: Lesson = {
  id: 'past-the-end',
  title: 'Past the end of the file',
  group: 'Faults',
  program: 'past_end_of_file',
  about:
    'A file of one page and ten bytes, mapped with three pages. The mapping is longer than the file, and that is no error until somebody goes there.',
  steps: [
    {
      title: 'The last page of the file',
      text: 'The store to {address} has brought the page that holds the file’s last ten bytes: {holder parent}, in {frame parent}. The rest of that page is zeros, and may be touched.',
      stand: { at: LAST_PAGE.of },
      select: LAST_PAGE,
      bring: 'picture',
    },
    {
      title: 'One page further',
      text: 'A child is about to touch {address}: {instruction}. The area covers it ({area third child}), the file does not.',
      stand: { at: BUS, when: 'before' },
      select: { of: BUS },
      who: 'third child',
      bring: 'picture',
      predict: {
        ask: 'ending',
        who: 'third child',
        when: 'in the end',
        at: { at: { kind: 'exit', who: 'third child' } },
      },
    },
    {
      title: 'SIGBUS, not SIGSEGV',
      text: 'The child {ending third child}. There is an area, so the address is good; but the file has no page to put there.',
      stand: { at: { kind: 'exit', who: 'third child' } },
      who: 'parent',
      bring: 'faults',
    },
    {
      title: 'The file gets shorter',
      text: 'The parent still reaches {frame parent} at {address}. It is about to cut the file to ten bytes.',
      stand: { at: { kind: 'syscall', call: 'ftruncate', nth: 2 }, when: 'before' },
      select: LAST_PAGE,
      who: 'parent',
      bring: 'picture',
      predict: { ask: 'frame', who: 'parent', when: 'after that' },
    },
    {
      title: 'Taken from the mapping',
      text: 'The kernel has taken the page out of every mapping of the file: who touches it now gets SIGBUS, too. The next child tries.',
      stand: TRUNCATED,
      who: 'parent',
      bring: 'picture',
    },
  ],
};
