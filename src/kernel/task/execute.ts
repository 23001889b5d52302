/**
 * Another program in the place of the one that runs: execve(2), fs/exec.c (`begin_new_exec`). Up to the point of no
 * return everything can fail without a trace; from there on the old program is gone.
 */
import { Errno } from '../../abi/errno.ts';
import { O_RDONLY } from '../../abi/fcntl.ts';
import { RLIMIT_STACK } from '../../abi/resource.ts';
import { bytesOfName } from '../../base/names.ts';
import type { Held } from '../outside.ts';
import { Blocked } from '../syscalls/define.ts';
import type { Dentry } from '../vfs/dentry.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { exec } from './exec.ts';
import { endThread, releaseWaiters } from './exit.ts';
import { type Executable, findProgram } from './program.ts';
import type { Task } from './task.ts';

/** Bytes of `comm`, its NUL aside. */
const COMM_BYTES = 15;

export interface ExecuteRequest {
  readonly dentry: Dentry;
  /** As it was given: AT_EXECFN, and the argument of a script's interpreter. */
  readonly path: string;
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
}

/** 0 when the task is at the start of the new program; else nothing has changed. */
export function execute(task: Task, request: ExecuteRequest, isFirst = false): Errno | Held | 0 {
  const { kernel, process } = task;
  const program = findProgram(task, request.dentry, request.path, request.args);
  if (program instanceof Errno || program instanceof Blocked) return program;
  const { image, file, interpreter, args } = program;
  const opened = open(task, program);
  const linker = interpreter && { image: interpreter.image, file: open(task, interpreter) };
  const loaded = exec(kernel, {
    image,
    file: opened,
    interpreter: linker,
    path: request.path,
    args,
    env: request.env,
    random: kernel.random(16),
    stackLimit: process.limits[RLIMIT_STACK].soft,
    credentials: task.credentials,
  });
  opened.close();
  linker?.file.close();
  if (loaded instanceof Errno) return loaded;

  becomeOnlyThread(task);
  releaseWaiters(task);
  loaded.space.runs(file);
  kernel.enterProgram(task, loaded.space, loaded.context);
  task.files = task.files.forNewProgram();
  task.startProgram();
  process.startProgram(program.dentry);
  task.comm = commOf(request.path);
  kernel.report.exec(task, request, loaded, isFirst);
  return 0;
}

/** For the areas to name: each keeps it open. */
const open = (task: Task, { dentry, file }: Executable): OpenRegular =>
  new OpenRegular({ task, dentry, flags: O_RDONLY, memo: undefined }, file);

/** Every other thread ends; the one that is left has the process's number. */
function becomeOnlyThread(task: Task): void {
  const { process, kernel } = task;
  for (const other of process.liveThreads()) if (other !== task) endThread(other, { kind: 'exited', status: 0 });
  if (process.leader !== task) kernel.makeLeader(task);
}

function commOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const bytes = bytesOfName(name);
  return bytes.length <= COMM_BYTES ? name : new TextDecoder().decode(bytes.subarray(0, COMM_BYTES));
}
