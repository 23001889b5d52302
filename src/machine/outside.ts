/** Waiting for what comes from outside, and turns for the host, in Node.js and in browsers. */
import type { Kernel } from '../kernel/kernel.ts';

const NS_PER_MS = 1e6;
/** The longest time that a timer of JavaScript takes: 2^31 - 1. */
const LONGEST_MS = 0x7fff_ffff;

/**
 * After the kernel's 'outside': until something has come, or the next task wakes up, or `deadline` (host.now()). Time
 * that everybody sleeps through passes in the machine as it does outside.
 */
export async function waitOutside(kernel: Kernel, deadline: number): Promise<void> {
  const { host, outside } = kernel;
  const started = host.now();
  const idle = outside.isHeld ? Infinity : kernel.untilWakeUp();
  const wait = Math.min(idle / NS_PER_MS, deadline - started, LONGEST_MS);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    if (wait < LONGEST_MS) timer = setTimeout(resolve, Math.ceil(wait));
  });
  await Promise.race([outside.arrival(), timeUp]);
  clearTimeout(timer);
  if (!outside.isHeld) kernel.passIdle(Math.min(idle, Math.floor((host.now() - started) * NS_PER_MS)));
}

/**
 * Lets what has happened in the host be told. In browsers by a message to oneself: timers that follow each other are made
 * to wait for 4 ms there.
 */
export const hostTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else messageToOneself(resolve);
  });

let channel: MessageChannel | undefined;
function messageToOneself(resolve: () => void): void {
  channel ??= new MessageChannel();
  channel.port1.addEventListener('message', () => resolve(), { once: true });
  channel.port1.start();
  channel.port2.postMessage(undefined);
}
