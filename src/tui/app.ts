/**
 * The screen as Ink draws it: one text for each row, from draw.ts, and the terminal's cursor where the line is typed. It
 * decides nothing.
 */
import { Box, Text, useCursor } from 'ink';
import { createElement, type ReactElement } from 'react';
import type { Drawn } from './draw.ts';
import type { Line, Span } from './text.ts';

export interface ScreenProps {
  readonly drawn: Drawn;
  readonly columns: number;
  readonly rows: number;
  /** NO_COLOR: bold and inverse are left. */
  readonly hasColors: boolean;
}

export function ScreenView({ drawn, columns, rows, hasColors }: ScreenProps): ReactElement {
  const { setCursorPosition } = useCursor();
  setCursorPosition(drawn.cursor);
  const lines = drawn.rows.map((spans, i) =>
    createElement(Text, { key: i, wrap: 'truncate-end' }, ...merged(spans).map((span, j) => piece(span, j, hasColors))),
  );
  return createElement(Box, { flexDirection: 'column', width: columns, height: rows }, ...lines);
}

function piece({ text, bold, dim, inverse, color }: Span, key: number, hasColors: boolean): ReactElement | string {
  if (!bold && !dim && !inverse && !(color && hasColors)) return text;
  const style = { bold: bold ?? false, dimColor: dim ?? false, inverse: inverse ?? false };
  return createElement(Text, color && hasColors ? { key, ...style, color } : { key, ...style }, text);
}

/** Neighbours of one style as one piece. */
function merged(spans: Line): Span[] {
  const pieces: Span[] = [];
  for (const span of spans) {
    const last = pieces.at(-1);
    if (last !== undefined && sameStyle(last, span))
      pieces[pieces.length - 1] = { ...last, text: last.text + span.text };
    else pieces.push(span);
  }
  return pieces;
}

const sameStyle = (a: Span, b: Span): boolean =>
  a.bold === b.bold && a.dim === b.dim && a.inverse === b.inverse && a.color === b.color;
