/** Programs come and go: run, attach, detach, kill. GDB manual, "Packets". */
import { UsageError } from '../../base/invariant.ts';
import { bytesOfHex, numberOfHex, stringOfHex } from '../bytes.ts';
import { OK, type Packet, packet } from './define.ts';

const pidOf = (text: string): number => numberOfHex(text.replace(/^;/, ''));

export const PROCESSES: readonly Packet[] = [
  // Without a file name: the program that pml4 was started with.
  packet({
    name: 'vRun',
    run(session, args) {
      const [file, ...words] = args.replace(/^;/, '').split(';').map(stringOfHex);
      return session.start(
        file === '' || file === undefined ? undefined : file,
        args.includes(';', 1) ? words : undefined,
      );
    },
  }),
  // Older than vRun: the same program once more, and no answer.
  packet({
    name: 'R',
    async run(session) {
      await session.start(undefined, undefined);
      return undefined;
    },
  }),
  packet({ name: 'vAttach', run: (session, args) => session.attach(pidOf(args)) }),
  packet({
    name: 'vKill',
    run(session, args) {
      const refused = session.debuggee.kill(pidOf(args));
      return refused === undefined ? OK : session.refuse(refused);
    },
  }),
  // Everything ends, and there is no answer.
  packet({
    name: 'k',
    run(session) {
      session.debuggee.killAll();
      return undefined;
    },
  }),
  packet({
    name: 'D',
    run(session, args) {
      const pids = args === '' ? session.debuggee.attachedPids() : [pidOf(args)];
      for (const pid of pids) if (!session.debuggee.detach(pid)) throw new UsageError('not attached to it');
      return OK;
    },
  }),
];

const variable = (args: string): string => new TextDecoder().decode(bytesOfHex(args.replace(/^:/, '')));

/** How the next `run` starts the program. */
export const STARTING: readonly Packet[] = [
  packet({
    name: 'QEnvironmentHexEncoded',
    run(session, args) {
      const text = variable(args);
      const equals = text.indexOf('=');
      if (equals < 1) throw new UsageError('not NAME=VALUE');
      session.environment.set(text.slice(0, equals), text.slice(equals + 1));
      return OK;
    },
  }),
  packet({
    name: 'QEnvironmentUnset',
    run(session, args) {
      session.environment.set(variable(args), undefined);
      return OK;
    },
  }),
  packet({
    name: 'QEnvironmentReset',
    run(session) {
      session.environment.clear();
      return OK;
    },
  }),
  packet({
    name: 'QSetWorkingDir',
    run(session, args) {
      session.workingDirectory = args === ':' || args === '' ? undefined : variable(args);
      return OK;
    },
  }),
  // Addresses are never random, and there is no shell: either way is as asked.
  packet({ name: 'QDisableRandomization', run: () => OK }),
  packet({ name: 'QStartupWithShell', run: () => OK }),
];
