/** A physical frame: its number, what it is in a word, a shape and a colour, who leads to it, and bytes of it. */
import type { FrameModel } from '../../protocol.ts';
import { frameAddress } from './bits.ts';
import { Part, Texts } from './part.tsx';
import type { FrameBox as Box } from './scene-model.ts';
import { byteText, charText, clip, clipStart, counted, describeMappings, describeReferences } from './words.ts';

export const KIND_CLASS: Readonly<Record<FrameModel['kind'], string>> = {
  shared: 'shared',
  'copy on write': 'cow',
  private: 'private',
  file: 'file',
  zero: 'zero',
};

interface FrameProps {
  readonly box: Box;
  /** Where in a page the selected address is. */
  readonly offset: number;
  readonly changed: ReadonlySet<number> | undefined;
  readonly isFirst: boolean;
  readonly isLit: boolean;
  readonly isShown: boolean;
  /** It is the copy that is being made. */
  readonly isComing: boolean;
  readonly onOpen: (pfn: number) => void;
  readonly onLight: (pfn: number | undefined) => void;
}

export function FrameBox({ box, offset, changed, isFirst, isLit, isShown, isComing, onOpen, onLight }: FrameProps) {
  const { frame, isOpen, isNew, mappingsBefore, width, height } = box;
  const { pfn, kind } = frame;
  const label = `Frame ${frameAddress(pfn)}, ${kind}, ${describeMappings(frame)}, ${describeReferences(frame)}${isNew ? ', new' : ''}${mappingsBefore === undefined ? '' : `, had ${counted(mappingsBefore, 'mapping')}`}`;
  return (
    <g
      class={`frame ${KIND_CLASS[kind]}${isOpen ? ' open' : ''}${isNew || isComing ? ' new' : ''}${isLit ? ' lit' : ''}${isShown ? ' shown' : ''}`}
      data-frame={pfn}
      data-kind={kind}
      style={{ transform: `translate(${box.x}px, ${box.y}px)` }}
    >
      <Part
        class="frame-part"
        group="frames"
        label={label}
        action="Opens its details"
        isFirst={isFirst}
        isOn={isShown}
        onPress={() => onOpen(pfn)}
        onPoint={(isOn) => onLight(isOn ? pfn : undefined)}
        data={{ 'data-opens': pfn }}
      >
        <rect class="frame-box" width={width} height={height} rx={8} />
      </Part>
      <Texts>
        {kind === 'zero' && <rect class="frame-inner" x={3} y={3} width={width - 6} height={height - 6} rx={5} />}
        {isOpen ? (
          <OpenFrame
            frame={frame}
            width={width}
            height={height}
            offset={offset}
            changed={changed}
            isNew={isNew || isComing}
            mappingsBefore={mappingsBefore}
          />
        ) : (
          <SmallFrame frame={frame} width={width} changed={changed} isNew={isNew} mappingsBefore={mappingsBefore} />
        )}
      </Texts>
    </g>
  );
}

interface ContentProps {
  readonly frame: FrameModel;
  readonly width: number;
  readonly changed: ReadonlySet<number> | undefined;
  readonly isNew: boolean;
  readonly mappingsBefore: number | undefined;
}

function SmallFrame({ frame, width, changed, isNew, mappingsBefore }: ContentProps) {
  const { pfn, kind, mappings, bytes } = frame;
  const isWide = width > 190;
  const count = `${mappingsBefore === undefined ? '' : `${mappingsBefore} → `}${mappings.length}×`;
  const start = bytes === undefined ? 0 : firstInteresting(bytes, changed);
  const row = bytes?.subarray(start, start + 8);
  return (
    <g>
      <text class="mono small strong" x={8} y={12}>
        {frameAddress(pfn)}
      </text>
      {isWide && (
        <text class="small end kind" x={width - 8} y={12}>
          {isNew && <tspan class="fresh">new </tspan>}
          {kind} {count}
        </text>
      )}
      {isWide ? (
        <ByteRow bytes={row} start={start} x={8} y={23} changed={changed} letter={Math.min(5.6, (width - 16) / 23)} />
      ) : (
        <text class="tiny kind" x={8} y={23}>
          {isNew && <tspan class="fresh">new </tspan>}
          {kind === 'copy on write' && width < 120 ? 'COW' : kind} {count}
        </text>
      )}
    </g>
  );
}

const LINE = 14;

function OpenFrame({
  frame,
  width,
  height,
  offset,
  changed,
  isNew,
  mappingsBefore,
}: ContentProps & { readonly height: number; readonly offset: number }) {
  const { pfn, kind, bytes, holders } = frame;
  const letters = Math.floor((width - 20) / 6);
  const lines = [
    `${describeMappings(frame, 3)}${mappingsBefore === undefined ? '' : ` (had ${mappingsBefore})`}`,
    describeReferences(frame),
    ...holders.slice(0, 1),
  ];
  const isTight = height < 130;
  const shown = isTight ? lines.slice(0, 1) : lines;
  const letter = Math.min(6.6, (width - 20) / 23);
  const withText = (width - 20) / 32 >= 6;
  const isNarrow = width < 190;
  const head = isNarrow ? 50 : 36;
  const top = head + 4 + shown.length * LINE;
  const rows = Math.max(1, Math.min(8, Math.floor((height - top - 18) / 13)));
  const start = startOf(offset, changed, rows);
  return (
    <g>
      <text class="mono strong" x={10} y={19}>
        {frameAddress(pfn)}
      </text>
      <text class={`small strong kind${isNarrow ? '' : ' end'}`} x={isNarrow ? 10 : width - 10} y={isNarrow ? 34 : 19}>
        {isNew && <tspan class="fresh">new </tspan>}
        {kind}
      </text>
      {shown.map((line, i) => (
        <text key={line} class={`small ${i === 0 ? '' : 'soft'}`} x={10} y={head + i * LINE}>
          {i === 2 ? clipStart(line, letters) : clip(line, letters)}
        </text>
      ))}
      <line class="rule" x1={10} x2={width - 10} y1={top - 7} y2={top - 7} />
      <text class="tiny soft" x={10} y={top + 6}>
        {start === 0 ? 'from its first byte' : `from byte 0x${start.toString(16)}`}
        {changed !== undefined && `, ${counted(changed.size, 'byte')} changed`}
      </text>
      {bytes === undefined ? (
        <text class="tiny soft" x={10} y={top + 20}>
          bytes of more than 64 frames are not read
        </text>
      ) : (
        Array.from({ length: rows }, (_, i) => i).map((i) => (
          <g key={i}>
            <ByteRow
              bytes={bytes.subarray(start + i * 8, start + i * 8 + 8)}
              start={start + i * 8}
              x={10}
              y={top + 20 + i * 13}
              changed={changed}
              letter={withText ? 6 : letter}
              selected={offset}
            />
            {withText && (
              <text class="mono bytes soft" x={width - 10} y={top + 20 + i * 13} text-anchor="end" textLength={8 * 6}>
                {[...bytes.subarray(start + i * 8, start + i * 8 + 8)].map(charText).join('')}
              </text>
            )}
          </g>
        ))
      )}
    </g>
  );
}

/** So that the selected byte is in it, and the first that changed if possible. */
function startOf(offset: number, changed: ReadonlySet<number> | undefined, rows: number): number {
  const first = changed === undefined || changed.size === 0 ? offset : Math.min(...changed);
  const at =
    first <= offset && offset < first + rows * 8 ? first : first > offset && first < offset + rows * 8 ? offset : first;
  return Math.min(at & ~7, 4096 - rows * 8);
}

function firstInteresting(bytes: Uint8Array, changed: ReadonlySet<number> | undefined): number {
  if (changed !== undefined && changed.size > 0) return Math.min(...changed) & ~7;
  const found = bytes.findIndex((byte) => byte !== 0);
  return found < 0 ? 0 : found & ~7;
}

interface ByteRowProps {
  readonly bytes: Uint8Array | undefined;
  readonly start: number;
  readonly x: number;
  readonly y: number;
  readonly changed: ReadonlySet<number> | undefined;
  /** The width of one. */
  readonly letter: number;
  /** Offset in the frame. */
  readonly selected?: number;
}

function ByteRow({ bytes, start, x, y, changed, letter, selected }: ByteRowProps) {
  if (bytes === undefined) return null;
  return (
    <text class="mono bytes" x={x} y={y} textLength={23 * letter} lengthAdjust="spacingAndGlyphs">
      {runsOf(bytes, start, changed, selected).map(({ at, looks, text }) => (
        <tspan key={at} class={looks}>
          {text}
        </tspan>
      ))}
    </text>
  );
}

interface Run {
  readonly at: number;
  readonly looks: string;
  text: string;
}

/** Neighbours that look the same, together: most of a page is zeros. */
function runsOf(
  bytes: Uint8Array,
  start: number,
  changed: ByteRowProps['changed'],
  selected: number | undefined,
): Run[] {
  const runs: Run[] = [];
  for (const [i, byte] of bytes.entries()) {
    const at = start + i;
    const looks = `${changed?.has(at) ? 'byte-changed' : byte === 0 ? 'byte-zero' : 'byte'}${at === selected ? ' byte-selected' : ''}`;
    const text = byteText(byte) + (i < bytes.length - 1 ? ' ' : '');
    const last = runs.at(-1);
    if (last?.looks === looks) last.text += text;
    else runs.push({ at, looks, text });
  }
  return runs;
}
