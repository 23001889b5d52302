/** The lanes of a run as text and as SVG, with the titles of the chapters beside them. */
import type { Lane, Overview } from '../debug/story/overview.ts';
import { escapeHtml } from './escape.ts';

const COLUMN = 9;
/** What a line to a new lane makes of what it comes across. */
const CROSSED: Readonly<Record<string, string>> = { ' ': '-', '-': '-', '.': '.' };

/** `*`: the chapter is about this process; `x`: it ends there. */
export function drawOverview({ lanes, rows, more }: Overview, titles: readonly string[]): string {
  const heading = lanes.map(({ pid }) => `pid ${pid}`.padEnd(COLUMN)).join('') + (more > 0 ? `and ${more} more` : '');
  const lines = rows.map((about, row) => {
    const cells = [...' '.repeat(lanes.length * COLUMN)];
    const put = (lane: number, mark: string): void => {
      cells[lane * COLUMN + 3] = mark;
    };
    lanes.forEach((lane, i) => {
      if (isAlive(lane, row)) put(i, lane.last === row ? 'x' : about === i ? '*' : '|');
    });
    lanes.forEach(({ first, maker }, i) => {
      if (maker === undefined || first !== row) return;
      const [from, to] = [Math.min(maker, i) * COLUMN + 3, Math.max(maker, i) * COLUMN + 3];
      for (let at = from + 1; at < to; at++) cells[at] = CROSSED[cells[at]] ?? '+';
      put(i, '.');
    });
    return `${cells.join('')}${titles[row]}`.trimEnd();
  });
  return [heading.trimEnd(), ...lines].join('\n');
}

const isAlive = ({ first, last }: Lane, row: number): boolean => row >= first && (last === undefined || row <= last);

const LANE = 74;
const ROW = 34;
const TOP = 34;
/** Of a character in a title, about. */
const CHARACTER = 8;

/** `ids` are those of the chapters, which the titles lead to. */
export function drawOverviewSvg(
  { lanes, rows, more }: Overview,
  titles: readonly string[],
  ids: readonly string[],
): string {
  const x = (lane: number): number => 34 + lane * LANE;
  const y = (row: number): number => TOP + 16 + row * ROW;
  const labels = x(lanes.length - 1) + 34;
  const height = TOP + rows.length * ROW + 6;
  const lines = lanes.map(({ first, last, maker }, i) => {
    const end = last === undefined ? y(rows.length - 1) + 12 : y(last);
    const birth = maker === undefined ? '' : `<path class="lane" d="M${x(maker)} ${y(first)}H${x(i)}"/>`;
    return `${birth}<path class="lane" d="M${x(i)} ${y(first)}V${end}"/>`;
  });
  const marks = rows.map((about, row) =>
    about === undefined ? '' : `<circle class="lane-event" cx="${x(about)}" cy="${y(row)}" r="7"/>`,
  );
  const ends = lanes.map(({ last }, i) =>
    last === undefined ? '' : `<path class="lane-end" d="M${x(i) - 9} ${y(last)}H${x(i) + 9}"/>`,
  );
  const names = lanes.map(({ pid }, i) => `<text class="process middle" x="${x(i)}" y="20">pid ${pid}</text>`);
  const rest = more > 0 ? `<text class="note" x="${labels}" y="20">and ${more} more</text>` : '';
  const links = titles.map(
    (title, row) =>
      `<a href="#${ids[row]}"><text class="link" x="${labels}" y="${y(row) + 5}">${escapeHtml(title)}</text></a>`,
  );
  const width = labels + Math.max(...titles.map(({ length }) => length)) * CHARACTER;
  return `<svg role="group" aria-labelledby="overview-t" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg"><title id="overview-t">The run at a glance: a lane for each process, downwards in time</title><desc>${escapeHtml(describe({ lanes, rows, more }, titles))}</desc>${lines.join('')}${marks.join('')}${ends.join('')}${names.join('')}${rest}${links.join('')}</svg>`;
}

function describe({ lanes, rows }: Overview, titles: readonly string[]): string {
  const of = lanes.map(({ pid, first, last, maker }, i) => {
    const from = maker === undefined ? 'from the beginning' : `made by ${lanes[maker].pid} in chapter ${first + 1}`;
    const own = titles.filter((_, row) => rows[row] === i);
    return `Process ${pid}, ${from}${last === undefined ? '' : `, ends in chapter ${last + 1}`}: ${own.join('; ') || 'no chapter of its own'}.`;
  });
  return of.join(' ');
}
