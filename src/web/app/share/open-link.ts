/** Brings the page to where a link says: its program, its place in the run, what is selected, and what is shown of it. */
import { UsageError } from '../../../base/invariant.ts';
import { comparePositions, type Position } from '../../../debug/position.ts';
import { findLesson } from '../../lessons/index.ts';
import { catalogue, programSpec } from '../catalogue.ts';
import { layout } from '../layout.ts';
import { lessons } from '../lesson/lesson-store.ts';
import type { MachineStore } from '../machine-store.ts';
import { type Link, type LinkedProgram, parseLink } from './link.ts';
import { loadLinked } from './linked-program.ts';

/** The link that the page is opened with, and those that follow in the same page. */
export class LinkOpener {
  private readonly _machine: MachineStore;
  /** What is open: another place in the same run needs no new one. */
  private _run = '';

  constructor(machine: MachineStore) {
    this._machine = machine;
  }

  /** One after the other: a link may change while the one before is being followed. */
  open(fragment: string): Promise<void> {
    this._queue = this._queue.then(() => this._follow(fragment));
    return this._queue;
  }
  private _queue: Promise<void> = Promise.resolve();

  /** A link that cannot be followed is one line; the page has a program all the same. */
  private async _follow(fragment: string): Promise<void> {
    try {
      await this._open(parseLink(fragment));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof UsageError)) return this._machine.fail(message);
      if (this._machine.view.value === undefined) await this._openFirst();
      this._machine.notice.value = message;
    }
  }

  private async _openFirst(): Promise<void> {
    const [first] = await catalogue();
    await this._machine.open(await programSpec(first));
  }

  private async _open(link: Link): Promise<void> {
    layout.embed(link.isEmbedded === true, link.show);
    await this._openRun(link);
    const { tid, position } = link;
    if (position !== undefined) await this._goTo(position);
    const machine = this._machine;
    if (
      tid !== undefined &&
      !machine.view.value?.processes.some(({ threads }) => threads.some((one) => one.tid === tid))
    )
      throw new UsageError(`the link selects ${tid}, and there is no such process here`);
    if (tid !== undefined) machine.tid.value = tid;
    if (link.address !== undefined) machine.address.value = link.address;
    if (tid !== undefined || link.address !== undefined) await machine.refresh();
  }

  private async _openRun({ program, args, env, stdin, seed, quantum, isPrivate, typed = [] }: Link): Promise<void> {
    const machine = this._machine;
    const run = JSON.stringify([program, args, env, stdin, seed, quantum, isPrivate, typed]);
    // Of what was typed since, the link knows nothing.
    if (run === this._run && machine.view.value?.typed.length === typed.length) return;
    this._run = '';
    if (program === undefined) await this._openFirst();
    else {
      if (program.kind === 'lesson') return await this._openLesson(program);
      const spec = await loadLinked(program);
      const asked = Object.entries({ args, env, stdin, seed, quantum, asPrivate: isPrivate || undefined });
      const given = Object.fromEntries(asked.filter(([, value]) => value !== undefined));
      if (!(await machine.open({ ...spec, ...given })))
        throw new UsageError(machine.message.value ?? 'it cannot be run');
    }
    for (const { position, text } of typed) {
      await this._goTo(position);
      await (text === '' ? machine.endInput() : machine.input(text));
    }
    this._run = run;
  }

  private async _openLesson({ name, step = 1 }: LinkedProgram & { kind: 'lesson' }): Promise<void> {
    const lesson = findLesson(name);
    if (lesson === undefined) throw new UsageError(`the link is for the lesson '${name}', which is none of this page`);
    if (step > lesson.steps.length)
      throw new UsageError(`the link is for step ${step} of a lesson that has ${lesson.steps.length}`);
    await lessons.open(this._machine, lesson);
    if (step > 1) await lessons.goTo(step - 1);
  }

  private async _goTo(position: Position): Promise<void> {
    const machine = this._machine;
    if (!(await machine.goto(position))) throw new UsageError(machine.message.value ?? 'the machine is busy');
    const reached = machine.view.value?.position;
    if (reached === undefined || comparePositions(reached, position) !== 0)
      throw new UsageError(
        `the link's position ${position.instruction}.${position.event} is none of this run, which stands at ${reached?.instruction}.${reached?.event}`,
      );
  }
}
