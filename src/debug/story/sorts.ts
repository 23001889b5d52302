/** What sort of event a page event is: what chapter it begins, and which others are like it. */
import type { PageEvent } from '../page-events.ts';
import type { ChapterKind } from './story.ts';

/** What a page event makes begin. */
export function chapterOf({ occasion, changes }: PageEvent): ChapterKind | undefined {
  switch (occasion.kind) {
    case 'exec':
      return occasion.isFirst ? 'start' : 'exec';
    case 'fork':
      return occasion.memory === 'thread' ? 'thread' : 'fork';
    case 'store':
    case 'load':
    case 'exit':
      return occasion.kind;
    case 'fault':
      return occasion.resolution === 'copied' ? 'copy' : undefined;
    case 'mapping':
      return occasion.cause === 'munmap' && changes.length > 0 ? 'unmap' : undefined;
    case 'refused':
      return undefined;
  }
}

/** Events of one sort look alike. */
export function sortOf(event: PageEvent): string {
  const { occasion, pid } = event;
  switch (occasion.kind) {
    case 'fault':
      return `fault ${occasion.resolution} ${areaOf(event)?.slice(0, 4)}`;
    case 'mapping':
      return `${occasion.cause} ${areaOf(event)?.slice(0, 4)}`;
    case 'store':
    case 'load':
      return `${occasion.kind} ${pid}`;
    case 'refused':
      return `refused ${occasion.signal} ${occasion.why}`;
    case 'exec':
    case 'fork':
    case 'exit':
      return occasion.kind;
  }
}

/** The page that it is about. */
export function addressOf({ occasion, pictures }: PageEvent): bigint {
  if (occasion.kind === 'fault' || occasion.kind === 'refused') return occasion.address & ~0xfffn;
  if (occasion.kind === 'mapping') return occasion.start;
  return pictures[0]?.address ?? 0n;
}

export const areaOf = ({ pictures, process }: PageEvent): string | undefined =>
  pictures[0]?.walks.find(({ pid }) => pid === process)?.area;
