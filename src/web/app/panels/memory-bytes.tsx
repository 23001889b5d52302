/**
 * The bytes of the memory panel as a grid: 8 or 16 to a line, page by page, each a cell that selects its address. Arrow
 * keys move; while bytes can be changed, hexadecimal digits are typed over them.
 */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { hex, u64 } from '../../../base/ints.ts';
import type { MemoryModel, MemoryPageModel } from '../../protocol.ts';
import { useMachine } from '../machine-context.ts';
import { frameAddress } from '../picture/bits.ts';
import { byteText } from './numbers.ts';

interface BytesProps {
  readonly memory: MemoryModel;
  readonly isEditing: boolean;
  /** Shows earlier or later addresses, by so many. */
  readonly onTurn: (by: number) => void;
}

/** Below that width there are 8 bytes to a line. */
const WIDE_REM = 29;

export function MemoryBytes({ memory, isEditing, onTurn }: BytesProps) {
  const machine = useMachine();
  const grid = useRef<HTMLDivElement>(null);
  const [perLine, setPerLine] = useState(8);
  const [focused, setFocused] = useState<bigint | undefined>(undefined);
  const [digit, setDigit] = useState('');
  const wantsFocus = useRef(false);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setPerLine(contentRect.width >= WIDE_REM * rem ? 16 : 8);
    });
    if (grid.current !== null) observer.observe(grid.current);
    return () => observer.disconnect();
  }, []);
  const { address: start, bytes, pages } = memory;
  const end = start + BigInt(bytes.length);
  const selected = machine.address.value;
  const active = [focused, selected, start].find((at) => at !== undefined && at >= start && at < end)!;
  const cell = (at: bigint): HTMLElement | null | undefined => grid.current?.querySelector(`[data-at="${at}"]`);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    cell(active)?.focus();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is selected comes into sight, and may be scrolled away
  useLayoutEffect(() => {
    if (selected !== undefined) cell(selected)?.scrollIntoView({ block: 'nearest' });
  }, [selected, start]);
  const before = machine.previous.value;
  const old = before?.pid === machine.view.value?.pid ? before?.memory : undefined;

  const moveTo = (at: bigint): void => {
    setDigit('');
    wantsFocus.current = true;
    setFocused(at);
    if (at < start) onTurn(-bytes.length);
    else if (at >= end) onTurn(bytes.length);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perLine, ArrowDown: perLine, PageUp: -bytes.length, PageDown: bytes.length }[event.key]; // biome-ignore format: one line
    if (by !== undefined) moveTo(u64(active + BigInt(by)));
    else if (isEditing && /^[\da-f]$/i.test(event.key)) {
      if (digit === '') setDigit(event.key);
      else {
        void machine.writeMemory(active, Uint8Array.of(Number.parseInt(digit + event.key, 16)));
        moveTo(active + 1n);
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const lines: preact.JSX.Element[] = [];
  let page: MemoryPageModel | undefined;
  for (let at = 0; at < bytes.length; at += perLine) {
    const address = start + BigInt(at);
    const found = pages.find((one) => one.address === (address & ~0xfffn));
    if (found !== undefined && found !== page) lines.push(<PageHeading key={`page ${found.address}`} page={found} />);
    page = found;
    lines.push(
      // biome-ignore lint/a11y/useSemanticElements: a table of so many cells would have to be one, here it is a grid
      // biome-ignore lint/a11y/useFocusableInteractive: its cells have the focus
      <div key={address} class="memory-line" role="row">
        {/* biome-ignore lint/a11y/useSemanticElements: of a grid */}
        <span class="memory-at" role="rowheader" tabIndex={-1}>
          {address.toString(16).padStart(12, '0')}
        </span>
        <span class="memory-bytes" role="presentation">
          {Array.from({ length: perLine }, (_, i) => {
            const own = address + BigInt(i);
            const byte = bytes[at + i];
            const isMapped = found?.area !== undefined;
            const was = old === undefined ? undefined : byteAt(old, own);
            const isChanged = isMapped && was !== undefined && was !== byte;
            const isPending = own === active && digit !== '';
            return (
              // biome-ignore lint/a11y/useSemanticElements: a cell that is chosen by a click
              <button
                key={own}
                type="button"
                role="gridcell"
                class={`memory-byte${isChanged ? ' is-changed' : ''}${own === selected ? ' selected' : ''}${byte === 0 ? ' zero' : ''}`}
                data-at={own}
                tabIndex={own === active ? 0 : -1}
                aria-selected={own === selected}
                aria-label={`${hex(own)}: ${isMapped ? byteText(byte) : 'not mapped'}${isChanged ? `, was ${byteText(was)}` : ''}`}
                title={isChanged ? `before: ${byteText(was)}` : undefined}
                onFocus={() => setFocused(own)}
                onClick={() => machine.select(own)}
              >
                {isPending ? `${digit}_` : isMapped ? byteText(byte) : '--'}
              </button>
            );
          })}
        </span>
        <span class="memory-text" aria-hidden="true">
          {[...bytes.subarray(at, at + perLine)]
            .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'))
            .join('')}
        </span>
      </div>,
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: as above
    <div class="memory-grid" role="grid" aria-label="Bytes" tabIndex={-1} ref={grid} onKeyDown={onKeyDown}>
      {lines}
    </div>
  );
}

function byteAt({ address, bytes, pages }: MemoryModel, at: bigint): number | undefined {
  const index = Number(at - address);
  if (index < 0 || index >= bytes.length) return undefined;
  return pages.some((page) => page.address === (at & ~0xfffn) && page.area !== undefined) ? bytes[index] : undefined;
}

function PageHeading({ page: { address, pfn, area } }: { readonly page: MemoryPageModel }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of the grid
    // biome-ignore lint/a11y/useFocusableInteractive: nothing in it can be chosen
    <div class="memory-page" role="row">
      {/* biome-ignore lint/a11y/useSemanticElements: the row's only cell */}
      <span role="rowheader" tabIndex={-1}>
        page {hex(address)} · {area ?? 'not mapped'}
        {area === undefined ? '' : pfn === undefined ? ' · no frame yet' : ` · frame ${frameAddress(pfn)}`}
      </span>
    </div>
  );
}
