/** Machines that stand in the middle of a run, for what is to be looked at there. */
import { loadImage, Machine, type MachineOptions } from '../../../src/index.ts';
import type { KernelObserver } from '../../../src/kernel/observer.ts';
import type { Task } from '../../../src/kernel/task/task.ts';
import { fixturePath } from '../../helpers/fixtures.ts';

export interface Standing {
  readonly machine: Machine;
  readonly task: Task;
}

/** A fixture after so many instructions. */
export async function standAt(name: string, instructions: number, options: MachineOptions = {}): Promise<Standing> {
  const image = await loadImage(fixturePath(name));
  const machine = new Machine(options);
  const task = await machine.load(image, `./${name}`);
  if (instructions > 0) machine.kernel.run(instructions);
  return { machine, task };
}

/** Instructions after which what happens is no longer waited for one by one. */
const STEPPED = 10_000;

/** A fixture after something has happened for the first time: at once, if it is early in the run. */
export async function standAfter(name: string, event: keyof KernelObserver): Promise<Standing> {
  let happened = false;
  const observer: KernelObserver = { [event]: () => void (happened = true) };
  const standing = await standAt(name, 0, { observer });
  const { kernel } = standing.machine;
  while (!happened) kernel.run(kernel.cpu.retired < STEPPED ? 1 : 1_000_000);
  return standing;
}
