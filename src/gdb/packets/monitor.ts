/** `monitor` in gdb: a line of text there, lines of text back. */
import { stringOfHex } from '../bytes.ts';
import { OK, type Packet, packet } from './define.ts';

export const MONITOR: readonly Packet[] = [
  packet({
    name: 'qRcmd',
    async run(session, args) {
      session.print(await session.debuggee.monitor(stringOfHex(args.slice(1)), session.findTask()));
      return OK;
    },
  }),
];
