/** What a terminal shows at a position: what was printed and what was typed until then, in order of time. */
import type { MachineView, Position, WriteModel } from '../../protocol.ts';

export interface Printed {
  readonly kind: 'out' | 'error' | 'typed';
  readonly bytes: Uint8Array;
  /** The same for the same piece, also when it was sent again. */
  readonly key: string;
}

export function printedAt(view: MachineView, writes: readonly WriteModel[]): Printed[] {
  const pieces: Printed[] = [];
  const put = (kind: Printed['kind'], { bytes, position }: { bytes: Uint8Array; position: Position }): void =>
    void pieces.push({ kind, bytes, key: `${kind} ${position.instruction} ${position.event} ${bytes.length}` });
  const typed = view.typed.filter(({ bytes }) => bytes.length > 0);
  let next = 0;
  for (const write of writes.slice(0, view.printed)) {
    while (next < typed.length && isEarlier(typed[next].position, write.position)) put('typed', typed[next++]);
    put(write.fd === 2 ? 'error' : 'out', write);
  }
  while (next < typed.length) put('typed', typed[next++]);
  return pieces;
}

const isEarlier = (a: Position, b: Position): boolean =>
  a.instruction < b.instruction || (a.instruction === b.instruction && a.event < b.event);

/** How many pieces both begin with, if the first is a beginning of the second; undefined: it is not. */
export function commonStart(shown: readonly string[], pieces: readonly Printed[]): number | undefined {
  if (shown.length > pieces.length) return undefined;
  return shown.every((key, i) => pieces[i].key === key) ? shown.length : undefined;
}
