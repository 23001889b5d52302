/**
 * One packet: what its body begins with, and what is answered. The table of all of them finds one by its name, and refuses
 * two of one name. What is not in the table gets the empty answer, by which a client knows that it is not supported.
 */
import { invariant } from '../../base/invariant.ts';
import type { Session } from '../session.ts';

/** The body of the answer; undefined: none is sent. */
export type Answer = string | undefined;

export interface Packet {
  readonly name: string;
  /** `args` is what follows the name. A mistake of the client is a UsageError, answered with E01. */
  run(session: Session, args: string): Answer | Promise<Answer>;
}

export const packet = (record: Packet): Packet => record;

export class PacketTable {
  private readonly _packets = new Map<string, Packet>();

  constructor(packets: readonly Packet[]) {
    for (const one of packets) {
      invariant(!this._packets.has(one.name), `two packets are called ${one.name}`);
      this._packets.set(one.name, one);
    }
  }

  get names(): string[] {
    return [...this._packets.keys()];
  }

  /** Undefined: not supported. */
  find(body: string): { readonly packet: Packet; readonly args: string } | undefined {
    const name = nameOf(body);
    const found = this._packets.get(name);
    return found && { packet: found, args: body.slice(name.length) };
  }
}

/** `vCont?`, `qXfer`, `bs`: what begins with q, Q or v is a word, the others are a letter. */
function nameOf(body: string): string {
  const word = /^(?:[qQv][A-Za-z]*\??|b[cs])/.exec(body);
  return word === null ? body.slice(0, 1) : word[0];
}

export const OK = 'OK';
/** Errors have numbers that no client looks at. */
export const FAILED = 'E01';
