/** Parts of sentences that several events have in common. */
import { hex, PAGE_SIZE } from '../../base/ints.ts';
import { describePteFlags, PTE_P, PTE_RW, type Pte, ptePfn } from '../../mem/pte.ts';
import type { PageEvent, PagePicture, PageWalk } from '../page-events.ts';
import { baseName, type CodePlace } from './places.ts';
import { address, type Cast, type Code, code, type Prose, prose } from './words.ts';

export const ownWalk = ({ pictures, process }: PageEvent): PageWalk | undefined =>
  pictures[0]?.walks.find(({ pid }) => pid === process);

export const leafOf = ({ steps }: PageWalk): Pte => (steps.length === 4 ? steps[3].entry : 0n);

export const isSharedArea = ({ walks }: PagePicture): boolean =>
  walks.length > 1 &&
  walks.every((walk) => walk.area?.charAt(3) === 's' && leafOf(walk) & PTE_P && leafOf(walk) & PTE_RW);

export const mappingsOf = ({ pictures }: PageEvent, pfn: number): number | undefined =>
  pictures.flatMap(({ frames }) => frames).find((shown) => shown.pfn === pfn)?.mappings;

export function inArea(event: PageEvent): Prose {
  const area = ownWalk(event)?.area;
  return area === undefined ? [] : prose`, in ${code(area)}`;
}

export function whereWalkEnds(event: PageEvent): Prose {
  const steps = ownWalk(event)?.steps ?? [];
  const last = steps[steps.length - 1];
  return last === undefined || last.entry !== 0n
    ? []
    : prose`, and the walk ends with nothing in entry ${String(last.index)} of the ${last.level}`;
}

/** ``mov [r12], rax` at `0x40105a`, `_start+0x5a` ``. */
export const instruction = (text: string | undefined, place: CodePlace | undefined, cast: Cast): Prose =>
  prose`${text ? code(text) : 'an instruction'}${place === undefined ? '' : prose` at ${address(place.rip)}${nameOf(place, cast)}`}`;

/** Its name, file and line, and the line itself where somebody has the source. */
export function nameOf(place: CodePlace | undefined, cast: Cast): Prose {
  if (place === undefined) return [];
  const { name, line } = place;
  const file = line && `${baseName(line.path)}:${line.number}`;
  const source = line && cast.sourceLine(line.path, line.number)?.trim().replaceAll(/\s+/g, ' ');
  const where = [name, file].flatMap((one) => (one === undefined ? [] : [code(one)]));
  if (where.length === 0) return [];
  const names = where.length === 1 ? prose`${where[0]}` : prose`${where[0]}, ${where[1]}`;
  return source ? prose` (${names}: ${code(source)})` : prose` (${names})`;
}

export const calledAt = (place: CodePlace | undefined, cast: Cast): Prose =>
  place === undefined ? [] : prose`, at ${address(place.rip)}${nameOf(place, cast)}`;

export const entry = (pte: Pte): Code => code(`${hex(ptePfn(pte) * PAGE_SIZE, 8)} ${describePteFlags(pte)}`);
