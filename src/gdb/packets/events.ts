/** Which events stop the program. Signals are numbered as gdb does, calls as Linux does; all in hexadecimal. */
import { numberOfHex } from '../bytes.ts';
import { linuxSignal } from '../signals.ts';
import { OK, type Packet, packet } from './define.ts';

const listOf = (args: string): number[] =>
  args
    .replace(/^:/, '')
    .split(';')
    .filter((number) => number !== '')
    .map(numberOfHex);

export const EVENTS: readonly Packet[] = [
  packet({
    name: 'QPassSignals',
    run(session, args) {
      session.debuggee.passSignals(
        listOf(args).flatMap((number) => {
          const signal = linuxSignal(number);
          return signal === undefined ? [] : [signal];
        }),
      );
      return OK;
    },
  }),
  // A signal is always delivered: what a client says here changes nothing.
  packet({ name: 'QProgramSignals', run: () => OK }),
  packet({
    name: 'QCatchSyscalls',
    run(session, args) {
      const [isOn, ...numbers] = args.replace(/^:/, '').split(';');
      session.debuggee.catchSyscalls(
        session.pid(),
        isOn !== '1' ? undefined : numbers.length === 0 ? 'all' : new Set(numbers.map(numberOfHex)),
      );
      return OK;
    },
  }),
];
