/** `pml4 dap`: a debug adapter on standard input and output, which VS Code and others start and drive. */
import { statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UsageError } from '../../base/invariant.ts';
import { Adapter } from '../../dap/adapter.ts';
import type { DapHost, LaunchOptions } from '../../dap/host.ts';
import type { Session } from '../../debug/commands/session.ts';
import { openSession } from '../debug/open.ts';
import { DAP_OPTIONS, DEBUG_OPTIONS, parseMount } from '../options.ts';
import { writeAll } from '../output.ts';
import { parseOptions } from '../parse-options.ts';

const STDOUT = 1;

export async function dap(words: readonly string[]): Promise<number> {
  const { rest } = parseOptions(DAP_OPTIONS, words);
  if (rest.length > 0) throw new UsageError('dap takes no PROGRAM: the client names it when it launches');
  return await new Promise((resolve) => {
    const adapter = new Adapter(
      HOST,
      (bytes) => writeAll(STDOUT, bytes),
      () => end(),
    );
    const end = (): void => {
      process.stdin.destroy();
      resolve(0);
    };
    process.stdin.on('data', (bytes: Uint8Array) => adapter.receive(bytes));
    process.stdin.on('end', () => adapter.close());
    process.stdin.on('error', () => adapter.close());
  });
}

export const HOST: DapHost = {
  open: openLaunched,
  findSource: (path, { root, mounts }) => {
    const given = mounts.flatMap((mount) => {
      const { host, guest } = parseMount(mount);
      return path === guest || path.startsWith(`${guest}/`) ? [join(host, path.slice(guest.length))] : [];
    });
    const candidates = [...given, ...(root === undefined ? [] : [join(root, path)]), path, basename(path)];
    return candidates.map((candidate) => resolve(candidate)).find(isFile);
  },
};

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** What the client gives is what the command line takes: its words go the same way, so that the same is refused. */
async function openLaunched(launch: LaunchOptions): Promise<Session> {
  const { program, args, env, cwd, root, mounts, memory, quantum, seed, cpu } = launch;
  const options = [
    ...Object.entries(env).map(([name, value]) => ['env', `${name}=${value}`] as const),
    ...mounts.map((mount) => ['mount', mount] as const),
    ...Object.entries({ cwd, root, memory, quantum, seed, cpu }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as const],
    ),
  ];
  const words = options.map(([name, value]) => `--${name}=${value}`);
  const { values, rest } = parseOptions(DEBUG_OPTIONS, [...words, '--', program, ...args]);
  const { session } = await openSession(values, rest);
  return session;
}
