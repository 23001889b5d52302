/** Text of a lesson: code, and what was read from the machine, which stands out. */
import type { JSX } from 'preact';
import type { Piece } from '../../lessons/words.ts';

const draw = ({ kind, text }: Piece): JSX.Element | string =>
  kind === 'text' ? text : <code class={kind}>{text}</code>;

export const Pieces = ({ of }: { readonly of: readonly Piece[] }) => <>{of.map(draw)}</>;

/** `code` between backticks. */
export const CodeText = ({ text }: { readonly text: string }) => (
  <Pieces of={text.split('`').map((part, i) => ({ kind: i % 2 === 1 ? 'code' : 'text', text: part }))} />
);
