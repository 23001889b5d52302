/** RLIMIT_CPU: getrlimit(2), kernel/time/posix-cpu-timers.c. SIGXCPU at the soft limit and each second after it, SIGKILL at the hard one. */
import { RLIMIT_CPU } from '../../abi/resource.ts';
import { SIGKILL, SIGXCPU } from '../../abi/signal.ts';
import { NS_PER_SECOND } from '../../abi/structs.ts';
import type { Process } from './process.ts';
import { fromKernel, sendToProcess } from './signal.ts';
import { Timer, Timers } from './timers.ts';

/** Seconds of a limit that are exact as a number; more is none. */
const MOST_SECONDS = 1n << 32n;

/** The limit of a process is another one, or it begins with one. */
export function watchCpuLimit(process: Process): void {
  const { soft, hard } = process.limits[RLIMIT_CPU];
  const next = soft < hard ? soft : hard;
  if (process.cpuLimit !== undefined) process.cpuTimers?.cancel(process.cpuLimit);
  if (next >= MOST_SECONDS) return;
  process.cpuLimit ??= new Timer(() => reached(process));
  process.cpuTimers ??= new Timers();
  // Nothing is not enough to begin with.
  process.cpuTimers.set(process.cpuLimit, Math.max(1, Number(next)) * NS_PER_SECOND);
}

function reached(process: Process): void {
  const { soft, hard } = process.limits[RLIMIT_CPU];
  const used = BigInt(Math.floor(process.usage.instructions / NS_PER_SECOND));
  if (used >= hard) {
    sendToProcess(process, fromKernel(SIGKILL));
    return;
  }
  sendToProcess(process, fromKernel(SIGXCPU));
  process.limits[RLIMIT_CPU] = { soft: (soft > used ? soft : used) + 1n, hard };
  watchCpuLimit(process);
}
