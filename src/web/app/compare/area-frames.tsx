/** One page of memory in all processes: an entry for each, and the frames they lead to, each drawn once. */
import { hex } from '../../../base/ints.ts';
import { describePteFlags } from '../../../mem/pte.ts';
import { walksOf } from '../../lessons/words.ts';
import type { MachineView } from '../../protocol.ts';

const WIDTH = 550;
const ENTRY = { width: 200, height: 44 };
const FRAME = { x: 310, width: 236, height: 56 };
const GAP = 12;
const BYTES = 8;

export function AreaFrames({ view, address }: { readonly view: MachineView; readonly address: bigint }) {
  const walks = walksOf(view);
  const frames = [...new Set(walks.map(({ pfn }) => pfn))];
  const rows = Math.max(walks.length * (ENTRY.height + GAP), frames.length * (FRAME.height + GAP), ENTRY.height + GAP);
  const entryY = (i: number): number => (rows * (i + 0.5)) / Math.max(1, walks.length) - ENTRY.height / 2;
  const frameY = (i: number): number => (rows * (i + 0.5)) / Math.max(1, frames.length) - FRAME.height / 2;
  const kindOf = (pfn: number): string => {
    const kind = view.frames.find((frame) => frame.pfn === pfn)?.kind;
    return kind === 'shared' ? 'shared' : kind === 'copy on write' ? 'cow' : 'private';
  };
  const told = walks.map(({ pid, pfn }) => `${pid} reaches frame ${hex(pfn * 4096, 8)}`).join(', ');
  return (
    <figure class="area-frames">
      <figcaption>
        The page at <code>{hex(address)}</code>:{' '}
        {frames.length === 0 ? 'no frame yet' : `${frames.length} frame${frames.length === 1 ? '' : 's'}`}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${rows}`} role="img" aria-label={told === '' ? 'No process has a frame there' : told}>
        {walks.map(({ pfn }, i) => {
          const [y1, y2] = [entryY(i) + ENTRY.height / 2, frameY(frames.indexOf(pfn)) + FRAME.height / 2];
          const [x1, x2] = [ENTRY.width + 1, FRAME.x - 8];
          return (
            <g key={walks[i].pid} class={kindOf(pfn)}>
              <path class="af-arrow" d={`M${x1} ${y1}C${x1 + 50} ${y1} ${x2 - 50} ${y2} ${x2} ${y2}`} />
              <path class="af-head" d={`M${x2} ${y2 - 5}L${x2 + 8} ${y2}L${x2} ${y2 + 5}Z`} />
            </g>
          );
        })}
        {walks.map(({ pid, pfn, entry }, i) => (
          <g key={pid} class={kindOf(pfn)} transform={`translate(1 ${entryY(i)})`}>
            <rect class="af-box" width={ENTRY.width} height={ENTRY.height} rx="6" />
            <text class="af-name" x="10" y="18">
              process {pid}
            </text>
            <text class="af-bits" x="10" y="35">
              {describePteFlags(entry)}
            </text>
          </g>
        ))}
        {frames.map((pfn, i) => {
          const frame = view.frames.find((one) => one.pfn === pfn);
          return (
            <g key={pfn} class={kindOf(pfn)} transform={`translate(${FRAME.x} ${frameY(i)})`}>
              <rect class="af-box" width={FRAME.width} height={FRAME.height} rx="8" />
              <text class="af-name" x="10" y="20">
                {hex(pfn * 4096, 8)}
                <tspan class="af-kind" dx="8">
                  {frame?.kind}
                </tspan>
              </text>
              <text class="af-bits" x="10" y="42">
                {[...(frame?.bytes?.subarray(Number(address & 0xfffn), Number(address & 0xfffn) + BYTES) ?? [])]
                  .map((byte) => byte.toString(16).padStart(2, '0'))
                  .join(' ')}
              </text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
