/**
 * Breakpoints and watchpoints: Z0 to Z4 put one, z0 to z4 take it away, in the selected process. Nothing is written into
 * the program for them, so software and hardware breakpoints are the same, and there may be any number of watchpoints of any
 * length. Conditions are the client's to decide: none is offered to us.
 */
import { UsageError } from '../../base/invariant.ts';
import { bigintOfHex, numberOfHex } from '../bytes.ts';
import type { Point, PointKind } from '../debuggee.ts';
import type { Session } from '../session.ts';
import { OK, type Packet, packet } from './define.ts';

const KINDS: readonly PointKind[] = ['break', 'hardware break', 'write', 'read', 'access'];

function parse(session: Session, args: string): Point | undefined {
  const match = /^(\d),([\da-f]+),([\da-f]+)$/i.exec(args.replace(/;.*$/s, ''));
  if (match === null) throw new UsageError('not a kind, an address and a length');
  const kind = KINDS[Number(match[1])];
  return kind && { kind, pid: session.pid(), address: bigintOfHex(match[2]), length: numberOfHex(match[3]) };
}

export const POINTS: readonly Packet[] = [
  packet({
    name: 'Z',
    run(session, args) {
      const point = parse(session, args);
      if (point === undefined) return '';
      session.debuggee.insert(point);
      return OK;
    },
  }),
  packet({
    name: 'z',
    run(session, args) {
      const point = parse(session, args);
      if (point === undefined) return '';
      session.debuggee.remove(point);
      return OK;
    },
  }),
];
