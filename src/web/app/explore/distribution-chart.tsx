/** Bars, one below the other; each that stands for a run opens it. The table beside it says the same in words. */
import type { Distribution } from '../../model/distribution.ts';

const ROW = 26;
const LABEL = 300;
const WIDTH = 860;
const COUNT = 54;

interface ChartProps {
  readonly distribution: Distribution;
  readonly runs: number;
  readonly open: (seed: number) => void;
}

export function DistributionChart({ distribution: { bars, title, kind }, runs, open }: ChartProps) {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const room = WIDTH - LABEL - COUNT - 10;
  return (
    <figure class="chart">
      <figcaption>
        {kind === 'numbers' ? (
          <>
            Runs by the number in <code>{title}</code>
          </>
        ) : (
          'Runs by outcome'
        )}
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${bars.length * ROW}`}
        role="img"
        aria-label={`${bars.length} bars; the table says the same in words`}
      >
        {bars.map(({ label, count, seed }, i) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: a mouse's shortcut to what the table's buttons do
          <g
            key={label}
            transform={`translate(0 ${i * ROW})`}
            class={seed === undefined ? 'chart-row' : 'chart-row can-open'}
            onClick={() => seed !== undefined && open(seed)}
          >
            <title>{`${label}: ${count} of ${runs}${seed === undefined ? '' : `; open seed ${seed}`}`}</title>
            <rect class="chart-hit" width={WIDTH} height={ROW} />
            <text class="chart-label" x={LABEL - 10} y={ROW / 2 + 4}>
              {clip(label)}
            </text>
            <rect
              class="chart-bar"
              x={LABEL}
              y="4"
              width={Math.max(count === 0 ? 0 : 2, (room * count) / most)}
              height={ROW - 8}
              rx="3"
            />
            <text class="chart-count" x={LABEL + (room * count) / most + 8} y={ROW / 2 + 4}>
              {count}
            </text>
          </g>
        ))}
      </svg>
    </figure>
  );
}

const MOST_LETTERS = 42;
const clip = (text: string): string => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text);
