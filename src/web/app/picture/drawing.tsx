/**
 * The picture as one SVG: columns at the sides, frames and arrows between them. Its parts are reached by Tab (one stop for
 * each group) and the arrow keys (whatever is nearest in that direction), and each says in a tip what it is.
 */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { MachineView } from '../../protocol.ts';
import type { Changes } from './changes.ts';
import { Column, Head } from './column.tsx';
import { FrameBox, KIND_CLASS } from './frame-box.tsx';
import { type Arrow, HEADER, type Scene } from './scene-model.ts';
import type { Remark } from './walk.tsx';

interface DrawingProps {
  readonly view: MachineView;
  readonly scene: Scene;
  readonly changes: Changes;
  readonly description: string;
  readonly lit: number | undefined;
  readonly shownFrame: number | undefined;
  readonly comingFrame: number | undefined;
  /** What is just happening to a process's last entry. */
  readonly remark: (Partial<Remark> & { readonly pid: number }) | undefined;
  readonly svg: RefObject<SVGSVGElement | null>;
  readonly onSelect: (address: bigint, pid: number) => void;
  readonly onOpenFrame: (pfn: number) => void;
  readonly onLight: (pfn: number | undefined) => void;
}

export function Drawing(props: DrawingProps) {
  const {
    view,
    scene,
    changes,
    description,
    lit,
    shownFrame,
    comingFrame,
    remark,
    svg,
    onSelect,
    onOpenFrame,
    onLight,
  } = props;
  const { width, height, columns, frames, arrows, middle, copy } = scene;
  const offset = Number((view.address ?? 0n) & 0xfffn);
  const kinds = new Map(view.frames.map(({ pfn, kind }) => [pfn, KIND_CLASS[kind]]));
  const heads = useRef<SVGGElement>(null);
  useStaying(heads, svg);
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset
    <svg
      ref={svg}
      class="drawing"
      role="group"
      aria-label="Address spaces and physical frames"
      aria-describedby="picture-description"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      xmlns="http://www.w3.org/2000/svg"
    >
      <title>Address spaces and physical frames</title>
      <desc id="picture-description">{description}</desc>
      {columns.map((box) => (
        <Column
          key={box.process.pid}
          box={box}
          lit={lit}
          remark={remarkFor(remark, box.process.pid)}
          onSelect={onSelect}
          onLight={onLight}
        />
      ))}
      <g class="arrows">
        {arrows.map((arrow) => (
          <ArrowLine
            key={arrow.key}
            arrow={arrow}
            kind={kinds.get(arrow.pfn) ?? 'private'}
            isLit={arrow.pfn === lit}
            onLight={onLight}
          />
        ))}
      </g>
      <g class="frames">
        {frames.map((box, i) => (
          <FrameBox
            key={box.key}
            box={box}
            offset={offset}
            changed={changes.bytes.get(box.frame.pfn)}
            isFirst={i === 0}
            isLit={box.frame.pfn === lit}
            isShown={box.frame.pfn === shownFrame}
            isComing={box.frame.pfn === comingFrame}
            onOpen={onOpenFrame}
            onLight={onLight}
          />
        ))}
      </g>
      {copy !== undefined && (
        <g class="copy">
          <path class="copy-line" d={`M${copy.x} ${copy.from}V${copy.to + (copy.from < copy.to ? -8 : 8)}`} />
          <path
            class="copy-head"
            d={`M${copy.x - 6} ${copy.to + (copy.from < copy.to ? -9 : 9)}L${copy.x} ${copy.to}L${copy.x + 6} ${copy.to + (copy.from < copy.to ? -9 : 9)}Z`}
          />
          <text class="small strong copy-text" x={copy.x + 10} y={(copy.from + copy.to) / 2 + 4}>
            copy of 4096 bytes
          </text>
        </g>
      )}
      <g class="heads" ref={heads}>
        <rect class="heads-back" width={width} height={HEADER - 2} />
        <text class="small strong soft middle" x={middle.x + middle.width / 2} y={18}>
          physical frames
        </text>
        <text class="tiny soft middle" x={middle.x + middle.width / 2} y={33}>
          {view.memoryInUse.frames.toLocaleString('en')} in use
        </text>
        {columns.map((box) => (
          <Head
            key={box.process.pid}
            box={box}
            rank={view.processes.findIndex(({ pid }) => pid === box.process.pid)}
            isCurrent={box.process.threads.some(({ isCurrent }) => isCurrent)}
          />
        ))}
      </g>
    </svg>
  );
}

const remarkFor = (remark: DrawingProps['remark'], pid: number): Remark | undefined =>
  remark?.pid === pid && remark.text !== undefined
    ? { text: remark.text, isFault: remark.isFault === true }
    : undefined;

/** What stands at the top stays there while the panel scrolls. */
function useStaying(heads: RefObject<SVGGElement | null>, svg: RefObject<SVGSVGElement | null>): void {
  useEffect(() => {
    const scroller = svg.current?.closest('.picture-scroll');
    if (!scroller) return;
    const stay = (): void => {
      const top = scroller.getBoundingClientRect().top - (svg.current?.getBoundingClientRect().top ?? 0);
      heads.current?.setAttribute('transform', `translate(0 ${Math.max(0, top)})`);
    };
    scroller.addEventListener('scroll', stay, { passive: true });
    return () => scroller.removeEventListener('scroll', stay);
  }, [heads, svg]);
}

interface ArrowProps {
  readonly arrow: Arrow;
  readonly kind: string;
  readonly isLit: boolean;
  readonly onLight: DrawingProps['onLight'];
}

function ArrowLine({ arrow, kind, isLit, onLight }: ArrowProps) {
  const { path, tip, isLoud, isChanged, pid, pfn, address } = arrow;
  const back = tip.toLeft ? 8 : -8;
  const pointing = { onMouseEnter: () => onLight(pfn), onMouseLeave: () => onLight(undefined) };
  return (
    <g
      class={`arrow ${kind}${isLoud ? ' loud' : ''}${isLit ? ' lit' : ''}${isChanged ? ' altered' : ''}`}
      data-arrow-from={`${pid}:0x${address.toString(16)}`}
      data-arrow-to={pfn}
      {...pointing}
    >
      <path class="arrow-line" d={path} />
      <path
        class="arrow-head"
        d={`M${tip.x + back} ${tip.y - 4.5}L${tip.x} ${tip.y}L${tip.x + back} ${tip.y + 4.5}Z`}
      />
    </g>
  );
}
