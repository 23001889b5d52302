/** Runs a program and makes its story; runs it a second time for what private mappings would have done. */
import type { ElfImage } from '../../elf/image.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import { Machine, type MachineOptions, type RunLimits } from '../../machine/machine.ts';
import { combineObservers } from '../../machine/recorder.ts';
import type { Engine } from '../engine.ts';
import { PageStory } from '../page-story.ts';
import { findCauses, hasAccesses } from './causes.ts';
import { StoryCollector } from './collector.ts';
import type { Comparison, TwinRun } from './comparison.ts';
import { placeOf } from './places.ts';
import { asksForShared, PrivateMappings, SharedMemoryWatch } from './private-twin.ts';
import type { PageItem, Story } from './story.ts';

export interface StoryRequest {
  /** What the program is called, and its arguments: as they are shown. */
  readonly program: string;
  readonly args: readonly string[];
  /** For each machine that the story needs. `stdin` begins anew with each. */
  readonly machine: () => Omit<MachineOptions, 'observer' | 'interpose'>;
  /** Finds the program for a machine; `start` loads it there. */
  readonly open: (machine: Machine) => Promise<{ readonly image: ElfImage; start(): Promise<unknown> }>;
  readonly limits: RunLimits;
  /** The same run, to be gone through again for the instructions that have read and written shared memory. */
  readonly engine?: (() => Promise<Engine>) | undefined;
  /** Why the program must not run a second time, if it must not. */
  readonly onlyOnce?: string | undefined;
}

/** Of the second run, which may wait for ever: what it may take beyond the first one's instructions. */
const TWIN_TIMES = 2;
const TWIN_MORE = 1_000_000;

export async function tellStory(request: StoryRequest): Promise<Story> {
  const { program, args } = request;
  let image: ElfImage | undefined;
  const collector = new StoryCollector(() => image!);
  const watch = new SharedMemoryWatch(({ args: { flags } }) => asksForShared(Number(flags)));
  const machine = new Machine({
    ...QUIET,
    ...request.machine(),
    onStdout: (bytes) => collector.onOutput(1, bytes),
    onStderr: (bytes) => collector.onOutput(2, bytes),
    observer: combineObservers([watch, collector]),
  });
  const opened = await request.open(machine);
  image = opened.image;
  await opened.start();
  const result = await machine.run(request.limits);
  const shared: TwinRun = { facts: watch.facts(), result };
  const comparison = shared.facts.mappings === 0 ? undefined : await runTwin(request, shared);
  const story = { ...collector.finish(program, args, result), comparison };
  machine.dispose();
  if (request.engine !== undefined && request.onlyOnce === undefined && hasAccesses(story)) {
    const engine = await request.engine();
    await findCauses(story, engine);
    engine.machine.dispose();
  }
  return story;
}

const QUIET = { recordSyscalls: false, recordFrames: false } as const satisfies MachineOptions;

async function runTwin(request: StoryRequest, shared: TwinRun): Promise<Comparison> {
  if (request.onlyOnce !== undefined) return { reason: request.onlyOnce };
  let machine: Machine | undefined;
  let changed: PrivateMappings | undefined;
  const watch = new SharedMemoryWatch(({ task }) => changed?.hasChanged(task) === true);
  let image: ElfImage | undefined;
  let first: PageItem | undefined;
  const pages = new PageStory(
    () => image!,
    (event) => {
      const { occasion, process, rip } = event;
      if (first !== undefined || occasion.kind !== 'fault' || occasion.resolution !== 'copied') return;
      if (!watch.covers(process, occasion.address)) return;
      const task = machine?.kernel.current;
      first = { kind: 'page', event, place: task && rip !== undefined ? placeOf(task, rip) : undefined };
    },
  );
  machine = new Machine({
    ...QUIET,
    ...request.machine(),
    observer: combineObservers([watch, faultsOnly(pages)]),
    interpose: (cpu) => (changed = new PrivateMappings(cpu, () => machine?.kernel.current)),
  });
  const opened = await request.open(machine);
  image = opened.image;
  await opened.start();
  const maxInstructions = shared.result.instructions * TWIN_TIMES + TWIN_MORE;
  const result = await machine.run({ ...request.limits, maxInstructions });
  const twin: TwinRun = { facts: watch.facts(), result, first };
  machine.dispose();
  return { shared, twin };
}

/** Without what looks for stores and loads at each call and slice: only breaks are wanted. */
const faultsOnly = (pages: PageStory): KernelObserver => ({
  onExec: (event) => pages.onExec(event),
  onFork: (event) => pages.onFork(event),
  onMapping: (event) => pages.onMapping(event),
  onSyscallExit: (event) => pages.onSyscallExit(event),
  onSignal: (event) => pages.onSignal(event),
  onFirstTouch: (event) => pages.onFirstTouch(event),
  onCopyOnWrite: (event) => pages.onCopyOnWrite(event),
  onExit: (event) => pages.onExit(event),
});
