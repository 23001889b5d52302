/** What an adapter needs of the outside, and what it is told by a launch request. */
import { UsageError } from '../base/invariant.ts';
import type { Session } from '../debug/commands/session.ts';
import type { FollowMode } from '../debug/commands/settings.ts';
import type { Arguments } from './arguments.ts';

export interface LaunchOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly root: string | undefined;
  /** As on the command line: `HOST:GUEST[:ro|rw]`. */
  readonly mounts: readonly string[];
  readonly memory: string | undefined;
  readonly quantum: number | undefined;
  readonly seed: number | undefined;
  readonly cpu: string | undefined;
  /** All that the program reads; undefined: it is asked for when it is wanted. */
  readonly stdin: string | undefined;
  readonly stopOnEntry: boolean;
  /** The session stays when the program has ended, so that one can go back. */
  readonly stopAtEnd: boolean;
  readonly follow: FollowMode;
  readonly noDebug: boolean;
}

export interface DapHost {
  /** Throws UsageError for what cannot be launched. */
  open(launch: LaunchOptions): Promise<Session>;
  /**
   * Where the host has a source file that line tables name so: in what the guest is given of the host, as the compiler
   * called it, or beside us. Undefined: nowhere.
   */
  findSource(path: string, launch: LaunchOptions): string | undefined;
}

const FOLLOW_MODES: readonly string[] = ['parent', 'child', 'both'];
/** Those of ours; clients add some of their own, which is no mistake. */
export function parseLaunch(given: Arguments): LaunchOptions {
  const follow = given.findText('follow') ?? 'both';
  if (!FOLLOW_MODES.includes(follow)) throw new UsageError(`follow must be one of ${FOLLOW_MODES.join(', ')}`);
  return {
    program: given.getText('program'),
    args: given.findTexts('args') ?? [],
    env: given.findTextsByName('env') ?? {},
    cwd: given.findText('cwd'),
    root: given.findText('root'),
    mounts: given.findTexts('mounts') ?? [],
    memory: given.findText('memory'),
    quantum: given.findNumber('quantum'),
    seed: given.findNumber('seed'),
    cpu: given.findText('cpu'),
    stdin: given.findText('stdin'),
    stopOnEntry: given.findFlag('stopOnEntry') ?? false,
    stopAtEnd: given.findFlag('stopAtEnd') ?? false,
    follow: follow as FollowMode,
    noDebug: given.findFlag('noDebug') ?? false,
  };
}
