/** The chapter that compares a run with its twin, in which shared anonymous mappings were private. */
import type { RunResult } from '../../machine/result.ts';
import type { Block } from './document.ts';
import { describeEnding } from './endings.ts';
import type { AreaEnd, SharedMemoryFacts } from './private-twin.ts';
import { tellPageItem } from './prose.ts';
import type { PageItem, Story } from './story.ts';
import { address, bytesText, type Cast, code, count, type Prose, plural, prose } from './words.ts';

/** What was measured in one of the two runs. */
export interface TwinRun {
  readonly facts: SharedMemoryFacts;
  readonly result: RunResult;
  /** The first copy-on-write break in that memory. */
  readonly first?: PageItem | undefined;
}

/** The two runs; or why there is no second one. */
export type Comparison = { readonly shared: TwinRun; readonly twin: TwinRun } | { readonly reason: string };

const OUTPUT_SHOWN = 300;

export function compare(story: Story, comparison: Comparison, cast: Cast): Block[] {
  if ('reason' in comparison) return [{ kind: 'text', lines: [prose`It was not tried: ${comparison.reason}.`] }];
  const { shared, twin } = comparison;
  const calls = plural(shared.facts.mappings, 'call');
  const { first } = twin;
  const blocks: Block[] = [
    {
      kind: 'text',
      lines: [
        prose`The program asks for ${code('MAP_SHARED|MAP_ANONYMOUS')} in ${calls} of ${code('mmap')}. The same program has run a second time, with ${code('MAP_PRIVATE|MAP_ANONYMOUS')} in ${shared.facts.mappings === 1 ? 'its' : 'their'} place and nothing else changed.`,
      ],
    },
    {
      kind: 'table',
      head: ['', 'MAP_SHARED, as it is', 'MAP_PRIVATE, instead'],
      rows: tableOf(story, shared, twin, cast),
    },
  ];
  shared.facts.ends.forEach((end, i) => {
    const other = twin.facts.ends.find(({ start }) => start === end.start);
    if (i >= 2) return;
    const which = shared.facts.ends.length === 1 ? '' : ` at ${address(end.start).text}`;
    blocks.push({ kind: 'text', lines: [describeEnd(end, other, cast)] });
    blocks.push({
      kind: 'picture',
      picture: end.picture,
      title: `Shared: the page${which} before the first process lets go of it`,
    });
    if (other)
      blocks.push({
        kind: 'picture',
        picture: other.picture,
        title: `Private: the same page${which} at the same point of its run`,
      });
  });
  if (first !== undefined) {
    const when = `in the second run: instruction ${count(first.event.instructions)}, pid ${first.event.pid}`;
    blocks.push(
      { kind: 'heading', level: 3, text: prose`Where the ways part: ${first.event.title}`, note: when },
      { kind: 'text', lines: tellPageItem(first, cast) },
      { kind: 'event', event: first.event },
    );
  }
  return blocks;
}

function tableOf({ processes }: Story, shared: TwinRun, twin: TwinRun, cast: Cast): Prose[][] {
  const own = processes.filter(({ pid, process }) => pid === process).slice(0, 8);
  const endingIn = ({ result }: TwinRun, pid: number): Prose => {
    const found = result.processes.find((process) => process.pid === pid)?.ending;
    return [found === undefined ? 'has not ended' : describeEnding(found)];
  };
  const both = (name: string, tell: (run: TwinRun) => Prose): Prose[] => [prose`${name}`, tell(shared), tell(twin)];
  const framesOf = ({ facts }: TwinRun): string =>
    facts.ends.length === 0 ? 'never in use by two' : count(facts.ends.reduce((sum, { frames }) => sum + frames, 0));
  return [
    both('frames that hold the memory', (run) => [framesOf(run)]),
    both('copy-on-write breaks in it', ({ facts }) => [count(facts.copies)]),
    ...findsOf(shared, twin, cast),
    ...own.map(({ pid }) =>
      both(own.length === 1 ? 'the program' : `${cast.name(pid)} (${pid})`, (run) => endingIn(run, pid)),
    ),
    both('instructions', ({ result }) => [count(result.instructions)]),
    both('the run', ({ result }) => [describeShort(result)]),
    both('printed', ({ result }) => printed(result.stdout)),
  ];
}

/** What each process has in its first page of the first such area, when one of them is about to let go of it. */
function findsOf(shared: TwinRun, twin: TwinRun, cast: Cast): Prose[][] {
  const [end] = shared.facts.ends;
  const other = twin.facts.ends.find(({ start }) => start === end?.start);
  if (end === undefined) return [];
  const finds = (of: AreaEnd | undefined, pid: number): Prose => {
    const walk = of?.picture.walks.find((own) => own.pid === pid);
    const frame = of?.picture.frames.find(({ pfn }) => pfn === walk?.pfn);
    return walk === undefined ? ['is not there'] : frame === undefined ? ['nothing yet'] : [bytesText(frame.bytes)];
  };
  return end.picture.walks.map(({ pid }) => [
    prose`${cast.name(pid)} finds at ${address(end.picture.address)}`,
    finds(end, pid),
    finds(other, pid),
  ]);
}

function describeShort({ outcome }: RunResult): string {
  switch (outcome) {
    case 'exited':
    case 'killed':
      return 'comes to its end';
    case 'limit':
    case 'timeout':
      return 'does not end: it was stopped';
    case 'deadlock':
      return 'does not end: all wait, for ever';
  }
}

function printed(text: string): Prose {
  if (text === '') return ['nothing'];
  const lines = text.slice(0, OUTPUT_SHOWN).trimEnd().split('\n');
  return lines
    .flatMap((line, i) => [...(i === 0 ? [] : ['; ']), code(line)])
    .concat(text.length > OUTPUT_SHOWN ? [' ...'] : []);
}

function describeEnd(end: AreaEnd, other: AreaEnd | undefined, cast: Cast): Prose {
  const names = cast.names(end.picture.walks.map(({ pid }) => pid));
  if (other === undefined)
    return prose`Shared, ${names} have ${address(end.start)} in ${plural(end.frames, 'frame')}. In the second run there is no such moment.`;
  return prose`Shared, ${names} have the memory at ${address(end.start)} in ${plural(end.frames, 'frame')}: what one stores there, all find. Private, it takes ${plural(other.frames, 'frame')}${other.frames > end.frames ? ': the processes have frames of their own, and what one stores the others do not find' : ''}.`;
}
