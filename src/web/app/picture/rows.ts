/**
 * The rows of the picture: areas and pages of the drawn address spaces, by address from the top downwards, so that what two
 * processes have at one address stands side by side. Of an area with many pages a few get rows, the others are counted.
 */
import { PAGE } from '../../../base/ints.ts';
import type { AreaModel, PageModel, SpaceModel } from '../../protocol.ts';
import { type Changes, isWithinList, pageKey } from './changes.ts';

/** Pages of one area that get a row when none of them is special. */
const MOST_PAGES = 3;
/** Special ones: selected, changed. */
const MOST_SPECIAL = 8;

export type RowKind = 'area' | 'page' | 'fold';

export interface Item {
  /** Undefined: the page is in no area of this process. */
  readonly area: AreaModel | undefined;
  /** Undefined: no entry. */
  readonly page: PageModel | undefined;
  /** Of a fold: pages in use that have no row. */
  readonly hidden: number;
}

export interface Row {
  readonly kind: RowKind;
  readonly address: bigint;
  /** By column; undefined: nothing of this process is here. */
  readonly items: readonly (Item | undefined)[];
  readonly isSelected: boolean;
}

export interface Column {
  readonly pid: number;
  readonly space: SpaceModel | undefined;
}

export function layRows(columns: readonly Column[], selected: bigint | undefined, changes: Changes): Row[] {
  const page = selected === undefined ? undefined : selected & ~(PAGE - 1n);
  const shown = choosePages(columns, page, changes);
  const lists = columns.map((column) => listItems(column, shown, page, changes));
  const next = lists.map(() => 0);
  const rows: Row[] = [];
  for (;;) {
    const heads = lists.map((list, i) => list[next[i]] as Placed | undefined);
    const first = heads.reduce(
      (a, b) => (a === undefined || (b !== undefined && compare(b, a) < 0) ? b : a),
      undefined,
    );
    if (first === undefined) return rows;
    const items = heads.map((head, i) => {
      if (head === undefined || compare(head, first) !== 0) return undefined;
      next[i]++;
      return head.item;
    });
    const { kind, address } = first;
    rows.push({ kind, address, items, isSelected: kind === 'page' && address === page });
  }
}

interface Placed {
  readonly kind: RowKind;
  readonly address: bigint;
  readonly item: Item;
}
const ORDER: readonly RowKind[] = ['area', 'page', 'fold'];
const compare = (a: Placed, b: Placed): number =>
  a.address < b.address ? -1 : a.address > b.address ? 1 : ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);

/** Pages that get a row in every column that can have them. */
function choosePages(columns: readonly Column[], selected: bigint | undefined, changes: Changes): ReadonlySet<bigint> {
  const chosen = new Set<bigint>();
  if (selected !== undefined) chosen.add(selected);
  for (const { pid, space } of columns) {
    let special = 0;
    const isSpecial = (address: bigint): boolean => changes.entries.has(pageKey(pid, address));
    for (const { pages } of space?.areas ?? []) {
      const plain = pages.length <= MOST_PAGES + 1 ? pages : pages.slice(0, MOST_PAGES);
      for (const { address } of plain) chosen.add(address);
      for (const { address } of pages)
        if (special < MOST_SPECIAL && !chosen.has(address) && isSpecial(address)) {
          chosen.add(address);
          special++;
        }
    }
    // Those that have gone, with what they were.
    if (space === undefined) continue;
    for (const [key, { after }] of changes.entries)
      if (after === 0n && special < MOST_SPECIAL && key.startsWith(`${pid}:`)) {
        chosen.add(BigInt(`0x${key.slice(key.indexOf(':') + 1)}`));
        special++;
      }
  }
  return chosen;
}

function listItems(
  { pid, space }: Column,
  shown: ReadonlySet<bigint>,
  selected: bigint | undefined,
  changes: Changes,
): Placed[] {
  if (space === undefined) return [];
  const placed: Placed[] = [];
  const rest = new Set(shown);
  for (const area of space.areas) {
    placed.push({ kind: 'area', address: area.start, item: { area, page: undefined, hidden: 0 } });
    const byAddress = new Map(area.pages.map((page) => [page.address, page]));
    let rows = 0;
    for (const address of shown) {
      if (address < area.start || address >= area.end) continue;
      rest.delete(address);
      const page = byAddress.get(address);
      if (page === undefined && address !== selected && !isWithinList(area, address)) continue;
      if (page !== undefined) rows++;
      placed.push({ kind: 'page', address, item: { area, page, hidden: 0 } });
    }
    const hidden = area.present - rows;
    if (hidden > 0) placed.push({ kind: 'fold', address: area.end - 1n, item: { area, page: undefined, hidden } });
  }
  for (const address of rest)
    if (address === selected || changes.entries.get(pageKey(pid, address))?.after === 0n)
      placed.push({ kind: 'page', address, item: { area: undefined, page: undefined, hidden: 0 } });
  return placed.sort(compare);
}
