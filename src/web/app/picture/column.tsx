/** One process at its side of the picture: who it is, its areas by address, and their pages that have entries. */
import { hex } from '../../../base/ints.ts';
import { ptePfn } from '../../../mem/pte.ts';
import { processClass, processShape } from '../panels/process-mark.tsx';
import { flagsOf, frameAddress } from './bits.ts';
import { Part, Texts } from './part.tsx';
import type { AreaBox, ColumnBox, PageBox } from './scene-model.ts';
import { type Remark, Walk } from './walk.tsx';
import { clip, clipStart, counted, hasEnded, rangeOf } from './words.ts';

interface ColumnProps {
  readonly box: ColumnBox;
  /** The frame that everything about is to stand out of. */
  readonly lit: number | undefined;
  /** Of the walk, when something is just happening to it. */
  readonly remark: Remark | undefined;
  readonly onSelect: (address: bigint, pid: number) => void;
  readonly onLight: (pfn: number | undefined) => void;
}

export function Column({ box, lit, remark, onSelect, onLight }: ColumnProps) {
  const { process, areas, pages, folds, walk } = box;
  return (
    <g class={`column ${box.side}${hasEnded(process) ? ' ended' : ''}`} data-pid={process.pid}>
      <Instead box={box} />
      {areas.map((area) => (
        <Area key={area.key} box={area} />
      ))}
      {folds.map(({ key, x, y, height, item }) => (
        <text key={key} class="small soft fold" x={x + 10} y={y + height - 6}>
          and {counted(item.hidden, 'page')} more in use
        </text>
      ))}
      {pages.map((page, i) => (
        <Page
          key={page.key}
          box={page}
          isFirst={i === 0}
          isLit={lit !== undefined && page.item.page?.pfn === lit}
          onSelect={onSelect}
          onLight={onLight}
        />
      ))}
      {walk !== undefined && <Walk box={walk} process={process} remark={remark} />}
    </g>
  );
}

interface HeadProps {
  readonly box: ColumnBox;
  /** Of the order of birth: its colour. */
  readonly rank: number;
  readonly isCurrent: boolean;
}

/** Who it is, what it does, and its page table. Stays in sight while the rest scrolls. */
export function Head({ box, rank, isCurrent }: HeadProps) {
  const { x, width, process, sharesWith } = box;
  const { pid, parentPid, comm, stateText, threads, space } = process;
  const letters = Math.floor((width - 12) / (isCurrent ? 7 : 6.3));
  const alive = threads.filter(({ state }) => state !== 'zombie' && state !== 'gone').length;
  const place = threads.find(({ isCurrent: has }) => has)?.place?.symbol ?? threads[0]?.place?.symbol;
  const doing = isCurrent ? `has the CPU${place === undefined ? '' : `, at ${place}`}` : stateText;
  const table =
    space === undefined
      ? hasEnded(process)
        ? 'no page table any more'
        : 'page table not read'
      : sharesWith === undefined
        ? `CR3 ${hex(space.cr3, 8)}, ${counted(space.tables, 'table')}`
        : `CR3 ${hex(space.cr3, 8)}: the table of ${sharesWith}`;
  return (
    <g class={`process-head${hasEnded(process) ? ' ended' : ''}`}>
      <rect class={`process-bar ${processClass(rank)}`} x={x} y={6} width={4} height={44} rx={2} />
      <path class={`process-bar ${processClass(rank)}`} d={processShape(rank)} transform={`translate(${x + 11} 8)`} />
      <text class="process-pid" x={x + 26} y={18}>
        {pid}
        <tspan class="soft small process-comm" dx={6}>
          {clip(
            `${comm}${alive > 1 ? `, ${alive} threads` : ''}${rank === 0 ? '' : `, child of ${parentPid}`}`,
            letters - 5,
          )}
        </tspan>
      </text>
      <text class={`small ${isCurrent ? 'current' : 'soft'}`} x={x + 11} y={33}>
        {clip(doing, letters)}
      </text>
      <text class="mono small soft" x={x + 11} y={48}>
        {table}
      </text>
    </g>
  );
}

/** In place of areas. */
function Instead({ box }: { readonly box: ColumnBox }) {
  const { x, process, sharesWith } = box;
  if (sharesWith !== undefined)
    return (
      <g class="shares">
        {[
          `One address space with ${sharesWith}:`,
          'the same tables, so a store of',
          'one is at once seen by the other.',
        ].map((line, i) => (
          <text key={line} class={`small ${i === 0 ? 'strong' : 'soft'}`} x={x + 11} y={76 + i * 15}>
            {line}
          </text>
        ))}
      </g>
    );
  if (process.space !== undefined) return null;
  const lines = hasEnded(process)
    ? ['Its page tables and its share', 'of the frames were given back.']
    : ['With so many processes, not all', 'are read. Select this one above.'];
  return (
    <g>
      {lines.map((line, i) => (
        <text key={line} class="small soft" x={x + 11} y={76 + i * 15}>
          {line}
        </text>
      ))}
    </g>
  );
}

function Area({ box }: { readonly box: AreaBox }) {
  const { x, y, width, height } = box;
  const area = box.item.area!;
  const isShared = area.rights.endsWith('s');
  const isTight = height <= 30 || width <= 190;
  const letters = Math.floor((width - (isTight ? 78 : 46)) / 6.3);
  const label = `${area.rights} ${area.title}, ${hex(area.start)} to ${hex(area.end)}, ${area.backing}, ${area.present} of ${counted(area.total, 'page')} in use${area.backing === 'file' ? `, from byte ${hex(area.offset)} of the file` : ''}`;
  return (
    <g class={`area ${isShared ? 'shared' : ''}`} data-area={hex(area.start)} data-tip={label}>
      <rect class="area-box" x={x} y={y} width={width} height={height} rx={7} />
      <text class="mono small area-rights" x={x + 9} y={y + 15}>
        {area.rights}
      </text>
      <text class="small strong" x={x + 39} y={y + 15}>
        {clipStart(area.title, letters)}
      </text>
      {height > 30 && (
        <text class="mono tiny soft" x={x + 9} y={y + 28}>
          {rangeOf(area)}
        </text>
      )}
      <text class="mono tiny soft end" x={x + width - 8} y={y + (isTight ? 14 : 28)}>
        {area.present}/{area.total}
      </text>
    </g>
  );
}

interface PageProps {
  readonly box: PageBox;
  readonly isFirst: boolean;
  readonly isLit: boolean;
  readonly onSelect: ColumnProps['onSelect'];
  readonly onLight: ColumnProps['onLight'];
}

function Page({ box, isFirst, isLit, onSelect, onLight }: PageProps) {
  const { x, y, width, pid, address, item, change, isSelected, height } = box;
  const { page, area } = item;
  const isChanged = change !== undefined;
  const select = (): void => onSelect(address, pid);
  const what =
    page !== undefined
      ? `frame ${frameAddress(page.pfn)}, ${flagsOf(page.entry)}`
      : area === undefined
        ? 'no area'
        : 'no entry yet';
  const was =
    change === undefined
      ? ''
      : change.before === 0n
        ? ', was empty'
        : `, was ${frameAddress(ptePfn(change.before))} ${flagsOf(change.before)}`;
  const label = `Page ${hex(address)} of process ${pid}: ${what}${was}`;
  const kind =
    page === undefined ? 'none' : page.entry & (1n << 9n) ? 'cow' : area?.rights.endsWith('s') ? 'shared' : 'private';
  return (
    <g
      class={`page ${kind}${isSelected ? ' selected' : ''}${isChanged ? ' altered' : ''}${isLit ? ' lit' : ''}`}
      data-page={`${pid}:${hex(address)}`}
      data-pfn={page?.pfn}
    >
      {isSelected && <rect class="page-open" x={x + 1.5} y={y + 1} width={width - 3} height={height - 2} rx={6} />}
      <Part
        class="page-line"
        group={`space${pid}`}
        label={label}
        isFirst={isFirst}
        isOn={isSelected}
        onPress={select}
        onPoint={(isOn) => onLight(isOn ? page?.pfn : undefined)}
      >
        <rect class="page-box" x={x + 6} y={y + 2} width={width - 12} height={28} rx={5} />
      </Part>
      <Texts>
        <text class="mono page-address" x={x + 13} y={y + 14}>
          {hex(address)}
        </text>
        {isSelected && (
          <text class="tiny strong end selected-mark" x={x + width - 13} y={y + 14}>
            selected
          </text>
        )}
        <text class={`mono tiny ${page === undefined ? 'soft' : ''}`} x={x + 13} y={y + 25}>
          {page === undefined
            ? isChanged
              ? `gone: was → ${frameAddress(ptePfn(change.before))}`
              : what
            : flagsOf(page.entry)}
        </text>
        {isChanged && page !== undefined && !isSelected && (
          <text class="tiny end was-mark" x={x + width - 13} y={y + 25}>
            {change.before === 0n ? 'new' : ptePfn(change.before) === page.pfn ? 'changed' : 'other frame'}
          </text>
        )}
      </Texts>
    </g>
  );
}
