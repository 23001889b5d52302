/**
 * Lines as panes make them: pieces of text with a few styles, no control sequences. What a style says is said by a sign,
 * too, since a terminal may have no colours. Widths count characters: everything that is shown here is one cell wide.
 */
export interface Style {
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
  readonly color?: 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';
}
export interface Span extends Style {
  readonly text: string;
}
export type Line = readonly Span[];

export const line = (text: string, style: Style = {}): Line => [{ text, ...style }];

export const widthOf = (spans: Line): number => spans.reduce((sum, { text }) => sum + text.length, 0);

/** Control characters and what is wider than a cell would move everything that follows. */
export const printable = (text: string): string =>
  text.replaceAll('\t', '        ').replaceAll(/[^\x20-\x7e\u00a1-\u024f\u2500-\u257f]/g, '.');

/** Exactly so wide: cut, with `~` where something is missing, or filled up. */
export function exactly(spans: Line, width: number): Line {
  const cut: Span[] = [];
  let left = width;
  for (const span of spans) {
    if (left <= 0) break;
    cut.push({ ...span, text: span.text.slice(0, left) });
    left -= span.text.length;
  }
  if (left > 0) return [...cut, { text: ' '.repeat(left) }];
  if (left < 0 && cut.length > 0) {
    const last = cut[cut.length - 1];
    cut[cut.length - 1] = { ...last, text: `${last.text.slice(0, -1)}~` };
  } else if (left === 0 && widthOf(spans) > width && cut.length > 0) {
    const last = cut[cut.length - 1];
    cut[cut.length - 1] = { ...last, text: `${last.text.slice(0, -1)}~` };
  }
  return cut;
}

/** So many lines of that width; what does not fit below is left out. */
export function fill(lines: readonly Line[], width: number, height: number): Line[] {
  return Array.from({ length: height }, (_, i) => exactly(lines[i] ?? [], width));
}

export const plain = (spans: Line): string => spans.map(({ text }) => text).join('');
