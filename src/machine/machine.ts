/**
 * The machine: memory, CPU, kernel and host wired together; what every front end drives. `run` alone is asynchronous: it
 * awaits what comes from outside, and gives the host its turns while something may come.
 */
import { ENOENT, ENOTDIR, Errno } from '../abi/errno.ts';
import { signalName } from '../abi/signal.ts';
import { PAGE_SIZE } from '../base/ints.ts';
import { invariant, UsageError } from '../base/invariant.ts';
import type { CpuLevel } from '../cpu/isa/features.ts';
import { Cpu } from '../cpu/run.ts';
import type { ElfImage } from '../elf/image.ts';
import type { Console, Terminal } from '../host/host.ts';
import { DEFAULT_QUANTUM, Kernel, type KernelCpu } from '../kernel/kernel.ts';
import type { KernelObserver } from '../kernel/observer.ts';
import { Held } from '../kernel/outside.ts';
import type { Process } from '../kernel/task/process.ts';
import type { SchedulePolicy } from '../kernel/task/schedule.ts';
import type { Task } from '../kernel/task/task.ts';
import type { Dentry } from '../kernel/vfs/dentry.ts';
import { findProgram, readWhole } from '../kernel/vfs/first-tree.ts';
import { walk } from '../kernel/vfs/first-walk.ts';
import { type Disk, DiskFs, type WrittenEarly } from '../kernel/vfs/fs/diskfs.ts';
import { type GuestFile, putFile } from '../kernel/vfs/given-files.ts';
import { isDirectory, type RegularFile } from '../kernel/vfs/inode.ts';
import { DEFAULT_MEMORY_BYTES, Frames, type SpareMemory } from '../mem/frames.ts';
import { CapturingConsole, type ConsoleOptions } from './console.ts';
import { FrameRecorder } from './frame-recorder.ts';
import { openTree, type TreeOptions } from './host-tree.ts';
import { hostTurn, waitOutside } from './outside.ts';
import { combineObservers, SyscallRecorder } from './recorder.ts';
import type { Outcome, ProcessResult, RunResult } from './result.ts';
import { ScriptedTerminal, type TtyOptions } from './scripted-terminal.ts';

export interface MachineOptions extends ConsoleOptions, TreeOptions {
  /** Physical memory for guests, in bytes. Default: 1 GiB. It is taken from the host as it is used. */
  readonly memory?: number | undefined;
  /** In the place of the one that `stdin`, `onStdout`, `onStderr` and `capture` describe; the result then has no output. */
  readonly console?: Console | undefined;
  /** The guest has a terminal, where `stdin` is typed line by line as somebody reads. Default: it has none. */
  readonly tty?: TtyOptions | Terminal | undefined;
  /** Where the guest's time comes from: retired instructions, the default; or the host, and then sleeps are real. */
  readonly clock?: 'virtual' | 'host' | undefined;
  /** Instructions of a time slice. Default: 1,000,000. */
  readonly quantum?: number | undefined;
  /** What all randomness follows from, and the interleaving of tasks. Default: 0, which is round-robin. */
  readonly seed?: number | undefined;
  /** Makes the scheduler's choices in place of what follows from the seed. */
  readonly schedule?: SchedulePolicy | undefined;
  /** What the kernel runs tasks on in place of the CPU itself; `stop` of its `run` gives the next task its turn. */
  readonly interpose?: ((cpu: Cpu) => KernelCpu) | undefined;
  /** The processor is an x86-64-v1, v2 or v3 one; 3 if nothing is said. */
  readonly cpu?: CpuLevel | undefined;
  /** Where memory comes from and goes to after `dispose`, for who runs many machines one after the other. */
  readonly spare?: SpareMemory | undefined;
  /** The files of `/` are on a disk, which holds these already: see `powerFailure`. Without: in memory. */
  readonly disk?: Disk | undefined;
  /** Watches what the kernel does. */
  readonly observer?: KernelObserver | undefined;
  /** Whether the result lists the system calls. Default: true. */
  readonly recordSyscalls?: boolean | undefined;
  /** Whether the result lists the frames that processes shared. Default: true. */
  readonly recordFrames?: boolean | undefined;
  /** Called with each of pml4's own messages; the result has them, too. */
  readonly onDiagnostic?: ((message: string) => void) | undefined;
}

export interface ProgramOptions {
  /** Arguments after the program's name. */
  readonly args?: readonly string[] | undefined;
  /** The environment, and nothing else of the host's. Default: empty. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** argv[0]; by default the path. */
  readonly argv0?: string | undefined;
}

export interface RunLimits {
  /** The run ends when so many instructions have been retired in all. Default: none. */
  readonly maxInstructions?: number | undefined;
  /** Seconds of the host's time, looked at every few milliseconds. Default: none. */
  readonly timeout?: number | undefined;
}

/**
 * Instructions between two looks at the clock, where there is a deadline: as many as take a few milliseconds, which a
 * loop and a series of forks disagree about.
 */
const CLOCK_INTERVAL = { least: 1000, first: 10_000, most: 50_000_000 } as const;
/** Where programs are looked for when the environment does not say. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';
const CLOCK_MS = { soon: 5, late: 20 } as const;

export class Machine {
  readonly frames: Frames;
  readonly cpu: Cpu;
  readonly kernel: Kernel;
  private readonly _captured: CapturingConsole | undefined;
  private readonly _recorder: SyscallRecorder | undefined;
  private readonly _frameRecorder: FrameRecorder | undefined;
  private readonly _spare: SpareMemory | undefined;
  private readonly _diagnostics: string[] = [];
  private _first: Process | undefined;
  private readonly _cwd: Dentry;
  private readonly _hasGivenFiles: boolean;

  constructor(options: MachineOptions = {}) {
    const { memory = DEFAULT_MEMORY_BYTES, quantum = DEFAULT_QUANTUM, seed = 0 } = options;
    atLeast('memory', memory, PAGE_SIZE);
    wholeFrom(1, 'quantum', quantum);
    if (!Number.isSafeInteger(seed)) throw new UsageError(`seed is ${seed}; it must be a whole number`);
    this._spare = options.spare;
    this.frames = new Frames(memory, options.spare);
    this.cpu = new Cpu(this.frames, { level: options.cpu ?? 3, seed });
    if (options.console === undefined) this._captured = new CapturingConsole(options);
    const console = options.console ?? this._captured!;
    this._recorder = options.recordSyscalls === false ? undefined : new SyscallRecorder();
    this._frameRecorder = options.recordFrames === false ? undefined : new FrameRecorder();
    this.kernel = new Kernel({
      frames: this.frames,
      cpu: options.interpose?.(this.cpu) ?? this.cpu,
      host: {
        console,
        terminal: terminalOf(options, console),
        now: () => performance.now(),
        wallClock: () => Date.now(),
        diagnose: (message) => {
          this._diagnostics.push(message);
          options.onDiagnostic?.(message);
        },
      },
      quantum,
      seed,
      schedule: options.schedule,
      disk: options.disk,
      observer: combineObservers([this._recorder, this._frameRecorder, options.observer]),
      hostTree: openTree(options),
      clock: options.clock,
    });
    const { mounts = [], files = {} } = options;
    this._hasGivenFiles = options.root !== undefined || mounts.length > 0 || Object.keys(files).length > 0;
    const { root } = this.kernel.vfs;
    for (const [path, file] of Object.entries(files)) {
      if (!path.startsWith('/')) throw new UsageError(`file ${path}: not an absolute path`);
      if (!options.disk?.has(onDisk(path))) putFile(root, root, path, file);
    }
    const cwd = walk(root, root, options.cwd ?? '/');
    if (cwd instanceof Errno || !isDirectory(cwd.inode))
      throw new UsageError(`cwd: ${options.cwd}: ${cwd instanceof Errno ? 'no such directory' : 'not a directory'}`);
    this._cwd = cwd;
  }

  /** What is in a file of the guest now, in a copy; links are followed. Undefined: there is none. */
  readFile(path: string): Uint8Array | undefined {
    const found = findProgram(this.kernel.vfs.root, this._cwd, path);
    return found && bytesOf(found.inode, path);
  }

  /** Puts a file into the guest's tree, as `files` does, also between two programs. UsageError: it cannot be there. */
  writeFile(path: string, file: GuestFile): void {
    putFile(this.kernel.vfs.root, this._cwd, path, file);
  }

  /**
   * A program that is among the files that the guest was given; a name without a slash is looked for where PATH says,
   * and then in the working directory. Undefined: there is none. `path` is then what `load` is to get.
   */
  findProgram(name: string, searchPath = DEFAULT_PATH): { readonly path: string; bytes(): Uint8Array } | undefined {
    if (!this._hasGivenFiles) return undefined;
    const directories = name.includes('/') ? [] : searchPath.split(':').map((directory) => `${directory || '.'}/`);
    for (const path of [...directories.map((directory) => directory + name), name]) {
      const found = findProgram(this.kernel.vfs.root, this._cwd, path);
      if (found !== undefined) return { path, bytes: () => bytesOf(found.inode, path) };
    }
    return undefined;
  }

  /** What the guest has written to files of the host is brought there; a run that ends by itself has done so. */
  sync(): void {
    this.kernel.vfs.syncAll();
  }

  /**
   * Makes the first process. `image` becomes the file of that path in the guest; without one the guest's own file is run.
   * UsageError: there is none (status 127), or it cannot be run (126). When every process has ended, another program may
   * follow: it finds the files as they were left, and code that has been translated already.
   */
  async load(image: ElfImage | undefined, path: string, options: ProgramOptions = {}): Promise<Task> {
    if (this.kernel.processes().length > 0) throw new UsageError(`${path}: another program is still running`);
    const { args = [], env = {}, argv0 = path } = options;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const request = { image, path, args: [argv0, ...args], env: variables, cwd: this._cwd };
    let task = this.kernel.start(request);
    while (task instanceof Held) {
      await this.kernel.outside.arrival();
      task = this.kernel.start({ ...request, image: undefined });
    }
    if (task instanceof Errno) throw cannotStart(path, image, task);
    this._first = task.process;
    return task;
  }

  /** Runs until every process has ended, or a limit is reached; may be called again with higher limits. */
  async run({ maxInstructions = Infinity, timeout = Infinity }: RunLimits = {}): Promise<RunResult> {
    wholeFrom(0, 'maxInstructions', maxInstructions);
    atLeast('timeout', timeout, 0);
    const { host, outside } = this.kernel;
    // Node loads its clock only when it is first asked for the time (1 ms).
    let now = timeout === Infinity ? 0 : host.now();
    const deadline = now + timeout * 1000;
    let interval: number = timeout === Infinity ? CLOCK_INTERVAL.most : CLOCK_INTERVAL.first;
    for (;;) {
      const left = maxInstructions - this.cpu.retired;
      if (left <= 0) return this.result('limit');
      const stop = this.kernel.run(Math.min(left, interval));
      if (stop === 'finished') {
        this.sync();
        return this.result();
      }
      if (stop === 'deadlock') return this.result('deadlock');
      if (stop === 'outside') await waitOutside(this.kernel, deadline);
      else if (outside.isPending()) await hostTurn();
      else if (timeout === Infinity) continue;
      const before = now;
      now = host.now();
      if (now >= deadline) return this.result('timeout');
      if (now - before < CLOCK_MS.soon) interval = Math.min(interval * 2, CLOCK_INTERVAL.most);
      else if (now - before > CLOCK_MS.late) interval = Math.max(Math.ceil(interval / 2), CLOCK_INTERVAL.least);
    }
  }

  /** Ends every process that is left, as if it had never been: another program may follow. */
  endAll(): void {
    this.kernel.endAll();
  }

  /** How things stand. `cut`: why the run ended early. */
  result(cut?: 'limit' | 'timeout' | 'deadlock'): RunResult {
    const first = this._first?.ending;
    const outcome: Outcome = cut ?? first?.kind ?? 'limit';
    const stdoutBytes = this._captured?.written(1) ?? new Uint8Array(0);
    const stderrBytes = this._captured?.written(2) ?? new Uint8Array(0);
    return {
      outcome,
      status: first?.kind === 'exited' ? first.status : undefined,
      signal: first?.kind === 'killed' ? signalName(first.signal) : undefined,
      exitCode: first && (first.kind === 'exited' ? first.status : 128 + first.signal),
      stdout: textOf(stdoutBytes),
      stderr: textOf(stderrBytes),
      stdoutBytes,
      stderrBytes,
      processes: this.kernel.allProcesses.map(processResult),
      syscalls: this._recorder?.calls ?? [],
      syscallsDropped: this._recorder?.dropped ?? 0,
      sharedFrames: this._frameRecorder?.shared ?? [],
      waiting: cut === 'deadlock' ? this.kernel.describeWaits() : [],
      instructions: this.cpu.retired,
      files: {},
      diagnostics: this._diagnostics,
    };
  }

  /**
   * What another machine finds on the disk when this one stops dead now: what was written to the file system's journal or
   * by fsync(2) and msync(2), and those pages of which `writtenEarly` says so. The machine has been made with a disk.
   */
  powerFailure(writtenEarly?: WrittenEarly): Disk {
    const { fs } = this.kernel.vfs.root.inode;
    invariant(fs instanceof DiskFs, 'a machine without a disk');
    return fs.disk(writtenEarly);
  }

  /** Ends what still runs and gives every frame back; the machine must not be used afterwards. */
  dispose(): void {
    this.kernel.endAll();
    this.kernel.shutDown();
    if (this._spare !== undefined) this.frames.giveUp(this._spare);
  }
}

function cannotStart(path: string, image: ElfImage | undefined, error: Errno): UsageError {
  const linker = image?.interpreter;
  if (linker !== undefined && error === ENOENT)
    return new UsageError(
      `${path}: needs ${linker}, which is not there; --root DIR gives a file system that has it`,
      126,
    );
  if (error === ENOENT || error === ENOTDIR) return new UsageError(`${path}: no such file in the guest`, 127);
  return new UsageError(`${path}: cannot be started: ${error.text}`, 126);
}

/** A path as a Disk has it. */
const onDisk = (path: string): string =>
  path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/');

/** Node makes its first decoder in a quarter of a millisecond. */
const textOf = (bytes: Uint8Array): string => (bytes.length === 0 ? '' : new TextDecoder().decode(bytes));

function terminalOf({ tty, stdin }: MachineOptions, console: Console): Terminal | undefined {
  return tty === undefined || 'want' in tty ? tty : new ScriptedTerminal(tty, stdin, console);
}

function bytesOf(inode: RegularFile, path: string): Uint8Array {
  const bytes = readWhole(inode);
  if (bytes === undefined) throw new UsageError(`${path}: does not fit into the machine's memory`, 126);
  return bytes;
}

function atLeast(option: string, value: number, least: number): void {
  if (!(value >= least)) throw new UsageError(`${option} is ${value}; it must be at least ${least}`);
}

/** Infinity counts as whole. */
function wholeFrom(least: number, option: string, value: number): void {
  atLeast(option, value, least);
  if (value % 1 > 0) throw new UsageError(`${option} is ${value}; it must be a whole number`);
}

function processResult({ pid, creatorPid, ending, usage }: Process): ProcessResult {
  return {
    pid,
    ppid: creatorPid,
    status: ending?.kind === 'exited' ? ending.status : undefined,
    signal: ending?.kind === 'killed' ? signalName(ending.signal) : undefined,
    ending,
    instructions: usage.instructions,
  };
}
