/** A story whose program has four pages at hand and notes what it sees. */
import type { Kernel } from '../../src/kernel/kernel.ts';
import { PAGE, PRIVATE_ANON, RW } from './bare-process.ts';
import { type GuestMemory, guestMemory } from './guest-memory.ts';
import { type Program, story, sys } from './story.ts';

export type Note = (...values: unknown[]) => void;

export interface Noted {
  readonly noted: unknown[][];
  readonly stop: ReturnType<ReturnType<typeof story>['play']>;
  readonly kernel: Kernel;
}

/** Plays to the end. The memory is that of whichever process runs. */
export function playNoted(program: (page: bigint, memory: GuestMemory, note: Note) => Program): Noted {
  const noted: unknown[][] = [];
  const played = story(function* () {
    const page = BigInt(yield sys.call('mmap', 0, 4n * PAGE, RW, PRIVATE_ANON, -1, 0));
    yield* program(page, memory, (...values) => noted.push(values))();
  });
  const memory = guestMemory(() => played.kernel.current!.mm);
  const stop = played.play();
  return { noted, stop, kernel: played.kernel };
}
