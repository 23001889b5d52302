/**
 * A long list of rows of one height, of which those in sight are in the document. One row is kept in sight when it
 * changes. Arrow keys move from row to row: of each row the element with `data-row` gets the focus.
 */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  /** Height of a row. */
  readonly rowRem: number;
  /** The row to keep in sight, by number. */
  readonly keep?: number | undefined;
  /** `tabIndex` is for the row's element with `data-row`; undefined: the list itself gets the focus, and only scrolls. */
  readonly row: (index: number, tabIndex: 0 | -1) => ComponentChildren;
  readonly class?: string;
  /** What lies behind the rows, in the scrolling space. */
  readonly behind?: (sight: Sight) => ComponentChildren;
  /** What stays above the rows, and its height. */
  readonly head?: ComponentChildren;
  readonly headRem?: number;
  /** Where the left and right arrow keys lead from a row. */
  readonly toSide?: (index: number, by: 1 | -1) => number | undefined;
  readonly hasFocusableRows?: boolean;
}

/** Rows beyond what is in sight, on either side. */
const BEYOND = 12;

export interface Sight {
  readonly first: number;
  readonly last: number;
  readonly rowHeight: number;
  readonly headHeight: number;
}

const remPixels = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Which rows of a scrolling element are in sight, and a few beyond. */
export function useSight(count: number, rowRem: number, keep: number | undefined, headRem = 0) {
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = Math.round(rowRem * remPixels());
  const headHeight = Math.round(headRem * remPixels());
  const [range, setRange] = useState({ first: 0, last: 60 });
  const look = (): void => {
    const { current } = scroller;
    if (current === null) return;
    const first = Math.max(0, Math.floor(current.scrollTop / rowHeight) - BEYOND);
    const last = Math.ceil((current.scrollTop + current.clientHeight) / rowHeight) + BEYOND;
    setRange((old) => (old.first === first && old.last === last ? old : { first, last }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: one observer, as long as it is shown
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look);
    if (scroller.current !== null) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  /** Brings a row into sight; into the upper middle, if it was out of it. */
  const show = (index: number, isGentle = false): void => {
    const { current } = scroller;
    if (current === null) return;
    const top = index * rowHeight;
    const margin = isGentle ? 0 : 2 * rowHeight;
    const height = current.clientHeight - headHeight;
    const isSeen = top >= current.scrollTop + margin && top + rowHeight <= current.scrollTop + height - margin;
    if (isSeen) return;
    if (!isGentle) current.scrollTop = top - height * 0.35;
    else if (top < current.scrollTop) current.scrollTop = top;
    else current.scrollTop = top + rowHeight - height;
    look();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only then
  useLayoutEffect(() => {
    if (keep !== undefined) show(keep);
    look();
  }, [keep, count, rowHeight]);
  const last = Math.min(count - 1, range.last);
  const sight: Sight = { first: Math.min(range.first, Math.max(0, last)), last, rowHeight, headHeight };
  return { scroller, look, show, sight };
}

export function VirtualList({
  label,
  count,
  rowRem,
  keep,
  row,
  class: own = '',
  behind,
  head,
  headRem,
  toSide,
  hasFocusableRows = true,
}: VirtualListProps) {
  const { scroller, look, show, sight } = useSight(count, rowRem, keep, headRem);
  const { first, last, rowHeight } = sight;
  const [active, setActive] = useState<number | undefined>(undefined);
  const wantsFocus = useRef(false);
  const tabbable = Math.min(active ?? keep ?? 0, count - 1);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    scroller.current?.querySelector<HTMLElement>(`[data-row="${tabbable}"]`)?.focus({ preventScroll: true });
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is kept in sight becomes the active one
  useLayoutEffect(() => setActive(undefined), [keep]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count }[event.key];
    const from = Number((event.target as HTMLElement).closest<HTMLElement>('[data-row]')?.dataset.row ?? tabbable);
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key] as 1 | -1 | undefined;
    const wanted = by !== undefined ? from + by : side === undefined ? undefined : toSide?.(from, side);
    if (wanted === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(count - 1, wanted));
    wantsFocus.current = true;
    setActive(next);
    show(next, true);
  };
  const rows: ComponentChildren[] = [];
  for (let i = first; i <= last; i++) rows.push(row(i, i === tabbable ? 0 : -1));
  return (
    // biome-ignore lint/a11y/useSemanticElements: only some of its items are in the document
    <div
      class={`virtual ${own}`}
      ref={scroller}
      role="group"
      aria-label={label}
      tabIndex={hasFocusableRows ? -1 : 0}
      onScroll={look}
      onKeyDown={hasFocusableRows ? onKeyDown : undefined}
    >
      {head}
      <div class="virtual-space" style={{ height: `${count * rowHeight}px` }}>
        {behind?.(sight)}
        <div
          class="virtual-rows"
          style={{ transform: `translateY(${first * rowHeight}px)`, '--row': `${rowHeight}px` }}
        >
          {rows}
        </div>
      </div>
    </div>
  );
}
