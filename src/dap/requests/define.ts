/** One request of the protocol: what it wants of the machine, and what it answers. */
import type { Adapter } from '../adapter.ts';
import type { Arguments } from '../arguments.ts';
import type { After } from '../connection.ts';

export interface Handler {
  readonly command: string;
  /**
   * `standing`: waits until the program has stopped. `between`: a run that goes on until something stops it is held for a
   * moment. `any`: at once.
   */
  readonly when: 'standing' | 'between' | 'any';
  /** The response's body. Throws UsageError for what the client is told. */
  readonly run: (adapter: Adapter, given: Arguments, after: After) => object | undefined | Promise<object | undefined>;
}

export const standing = (command: string, run: Handler['run']): Handler => ({ command, when: 'standing', run });
export const between = (command: string, run: Handler['run']): Handler => ({ command, when: 'between', run });
export const anytime = (command: string, run: Handler['run']): Handler => ({ command, when: 'any', run });
