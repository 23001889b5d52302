/** What client and server agree on at first. GDB manual, "General Query Packets". */
import { OK, type Packet, packet } from './define.ts';

/** Bytes of a packet's body that both sides take: what gdb itself asks for at most. */
export const PACKET_BYTES = 0x3fff;

/** What there is beyond the oldest protocol; each is there for every client. */
const FEATURES = [
  `PacketSize=${PACKET_BYTES.toString(16)}`,
  'QStartNoAckMode+',
  'multiprocess+',
  'swbreak+',
  'hwbreak+',
  'vContSupported+',
  'fork-events+',
  'vfork-events+',
  'exec-events+',
  'no-resumed+',
  'ReverseStep+',
  'ReverseContinue+',
  'QCatchSyscalls+',
  'QPassSignals+',
  'QProgramSignals+',
  'QDisableRandomization+',
  'QStartupWithShell+',
  'QEnvironmentHexEncoded+',
  'QEnvironmentReset+',
  'QEnvironmentUnset+',
  'QSetWorkingDir+',
  'binary-upload+',
  'qXfer:features:read+',
  'qXfer:auxv:read+',
  'qXfer:exec-file:read+',
  'qXfer:threads:read+',
  'qXfer:siginfo:read+',
  'qXfer:osdata:read+',
];

export const HANDSHAKE: readonly Packet[] = [
  packet({
    name: 'qSupported',
    run(session, args) {
      const offers = new Set(
        args
          .replace(/^:/, '')
          .split(';')
          .filter((feature) => feature.endsWith('+'))
          .map((feature) => feature.slice(0, -1)),
      );
      session.debuggee.offer(offers);
      return FEATURES.join(';');
    },
  }),
  packet({
    name: 'QStartNoAckMode',
    run(session) {
      session.endAcknowledgements();
      return OK;
    },
  }),
  packet({
    name: '!',
    run(session) {
      session.isExtended = true;
      return OK;
    },
  }),
  // All threads stop at once, always.
  packet({ name: 'QNonStop', run: (_, args) => (args === ':0' ? OK : '') }),
  // gdb offers to look up symbols; nothing here needs one.
  packet({ name: 'qSymbol', run: () => OK }),
];
