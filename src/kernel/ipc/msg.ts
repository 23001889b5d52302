/** System V message queues: messages with a type, taken in order or by type. ipc/msg.c. */
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import { IpcObject, IpcTable } from './ipc-table.ts';

/** kernel.msgmax, msgmnb, msgmni. */
export const MSGMAX = 8192;
export const MSGMNB = 16384;
export const MSGMNI = 32000;

export interface Message {
  readonly type: bigint;
  readonly bytes: Uint8Array;
}

/** Which message is wanted: `find_msg`. */
export type Wanted =
  | { readonly how: 'any' }
  | { readonly how: 'equal' | 'other' | 'lowest'; readonly type: bigint }
  | { readonly how: 'number'; readonly index: bigint };

export class MessageQueue extends IpcObject {
  readonly messages: Message[] = [];
  maxBytes = MSGMNB;
  /** Seconds; 0 for never. */
  sentAt = 0;
  receivedAt = 0;
  changedAt: number;
  senderPid = 0;
  receiverPid = 0;
  /** A message has come, or the queue has gone. */
  readonly filled: WaitQueue = new WaitQueue();
  /** There is more room, or the queue has gone. */
  readonly drained: WaitQueue = new WaitQueue();

  constructor(task: Task, key: number, mode: number) {
    super(key, mode, task.credentials);
    this.changedAt = task.kernel.realTime().seconds;
  }

  get bytes(): number {
    return this.messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  hasRoom(length: number): boolean {
    return this.bytes + length <= this.maxBytes && this.messages.length < this.maxBytes;
  }

  /** Where the wanted message is; -1 when there is none. `lowest`: of the lowest type up to one, the oldest. */
  find(wanted: Wanted): number {
    const { messages } = this;
    switch (wanted.how) {
      case 'any':
        return messages.length > 0 ? 0 : -1;
      case 'equal':
        return messages.findIndex(({ type }) => type === wanted.type);
      case 'other':
        return messages.findIndex(({ type }) => type !== wanted.type);
      case 'number':
        return wanted.index >= 0n && wanted.index < BigInt(messages.length) ? Number(wanted.index) : -1;
      case 'lowest': {
        let best = -1;
        for (const [i, { type }] of messages.entries())
          if (type <= wanted.type && (best < 0 || type < messages[best].type)) best = i;
        return best;
      }
    }
  }
}

export class MessageQueues {
  readonly table = new IpcTable<MessageQueue>(MSGMNI);

  remove(queue: MessageQueue): void {
    this.table.remove(queue);
    queue.filled.wakeAll();
    queue.drained.wakeAll();
  }
}
