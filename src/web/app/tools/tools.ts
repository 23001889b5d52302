/** What can be done with the open program besides moving it: each a record, for the menu and for lessons. */
import { signal } from '@preact/signals';
import { sharedAreas } from '../../model/alignment.ts';
import { lessons } from '../lesson/lesson-store.ts';
import type { MachineStore } from '../machine-store.ts';

export interface Tool {
  readonly title: string;
  /** One sentence. */
  readonly help: string;
  readonly run: (machine: MachineStore) => void;
  /** Undefined: yes. Otherwise why it makes no sense for the open program. */
  readonly whyNot?: (machine: MachineStore) => string | undefined;
}

/** Which of the tools that are dialogs is open. */
export const openTool = signal<'compare' | 'explore' | 'story' | undefined>(undefined);

export const TOOLS = {
  quiz: {
    title: 'Quiz me here',
    help: 'A question about what happens next, from wherever the machine stands',
    run: (machine) => void lessons.quiz(machine),
    whyNot: ({ view }) => (view.value?.isOver ? 'the run is over: go back a little' : undefined),
  },
  compare: {
    title: 'What would MAP_PRIVATE do?',
    help: 'Runs the program again, its shared anonymous mappings private, and lays both histories side by side',
    run: () => {
      openTool.value = 'compare';
    },
    whyNot: ({ events, spec }) =>
      spec.value?.asPrivate
        ? 'it runs with private mappings already'
        : sharedAreas(events.value).length === 0
          ? 'the program maps nothing MAP_SHARED|MAP_ANONYMOUS, as far as its run is known'
          : undefined,
  },
  explore: {
    title: 'Explore schedules',
    help: 'Runs the program under many interleavings, and counts what comes of them',
    run: () => {
      openTool.value = 'explore';
    },
    whyNot: ({ spec }) => (spec.value?.asPrivate ? 'it runs with private mappings; open it as it is' : undefined),
  },
  story: {
    title: 'Save the story (HTML)',
    help: 'What happened in the page tables, in words and pictures, as one file that needs nothing else',
    run: () => {
      openTool.value = 'story';
    },
    whyNot: ({ spec }) =>
      spec.value?.asPrivate ? 'the story tells of the private twin by itself; open the program as it is' : undefined,
  },
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolId = keyof typeof TOOLS;
