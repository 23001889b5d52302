/**
 * The lesson that is open on this page: which step, its words as the machine showed them, its question and what was
 * answered. Or a question of its own, asked anywhere. The machine may be moved meanwhile; "next" finds the way from anywhere.
 */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { UsageError } from '../../../base/invariant.ts';
import type { Lesson } from '../../lessons/lesson.ts';
import { goToStep, type Posed, questionOf, quizHere } from '../../lessons/tour.ts';
import { fillWords, type Piece } from '../../lessons/words.ts';
import { catalogue, programSpec } from '../catalogue.ts';
import { hidesFuture } from '../future.ts';
import { layout } from '../layout.ts';
import type { MachineStore } from '../machine-store.ts';
import { remember, remembered } from '../remember.ts';
import { PageMachine } from './page-machine.ts';

/** Of one lesson: answers that were right at the first attempt, by step. */
export type Score = Readonly<Record<number, boolean>>;

export class LessonStore {
  readonly lesson: Signal<Lesson | undefined> = signal(undefined);
  readonly index: Signal<number> = signal(0);
  readonly words: Signal<readonly Piece[]> = signal([]);
  readonly posed: Signal<Posed | undefined> = signal(undefined);
  readonly answer: Signal<number | undefined> = signal(undefined);
  /** On the way to a step, or to a question. */
  readonly isBusy: Signal<boolean> = signal(false);
  readonly message: Signal<string | undefined> = signal(undefined);
  /** Asked outside of a lesson. */
  readonly isQuiz: Signal<boolean> = signal(false);
  readonly scores: Signal<Readonly<Record<string, Score>>> = signal(readScores());
  /** There is something that the panel shows. */
  readonly isOpen: ReadonlySignal<boolean> = computed(() => this.lesson.value !== undefined || this.isQuiz.value);

  private _machine: MachineStore | undefined;
  private _quizzes = 0;
  private _unwatch: (() => void) | undefined;

  /** Opens a lesson's program in the machine, and stands at its first step. */
  async open(machine: MachineStore, lesson: Lesson): Promise<void> {
    this._unwatch?.();
    this._machine = machine;
    batch(() => {
      this.lesson.value = lesson;
      this.isQuiz.value = false;
      this.index.value = 0;
      this.words.value = [];
      this._close();
    });
    layout.bring('lesson');
    await this._try(async () => {
      const entry = (await catalogue()).find(({ name }) => name === lesson.program);
      if (entry === undefined) throw new UsageError(`this page has no program ${lesson.program}`);
      const spec = await programSpec(entry, lesson.spec);
      const opening = machine.open(spec);
      this._watch(machine);
      if (!(await opening)) throw new UsageError(machine.message.peek() ?? 'the program was not opened');
      await this._goTo(0);
    });
  }

  close(): void {
    this._unwatch?.();
    batch(() => {
      this.lesson.value = undefined;
      this.isQuiz.value = false;
      this._close();
    });
  }

  /** Who opens another program has left the lesson. */
  private _watch(machine: MachineStore): void {
    this._machine = machine;
    this._unwatch?.();
    const spec = machine.spec.peek();
    this._unwatch = machine.spec.subscribe((now) => {
      if (now !== spec) this.close();
    });
  }

  goTo(index: number): Promise<void> {
    return this._try(() => this._goTo(index));
  }
  next(): Promise<void> {
    return this.goTo(this.index.value + 1);
  }
  back(): Promise<void> {
    return this.goTo(this.index.value - 1);
  }

  /** Says which option it is; then the machine goes to where the answer shows. */
  async choose(option: number): Promise<void> {
    const posed = this.posed.value;
    const machine = this._machine;
    if (posed === undefined || machine === undefined || this.answer.value !== undefined) return;
    const { question, moves } = posed;
    batch(() => {
      this.answer.value = option;
      hidesFuture.value = false;
      if (this.lesson.value !== undefined) this._keepScore(this.lesson.value.id, option === question.right);
    });
    await this._try(async () => {
      const page = new PageMachine(machine);
      for (const move of moves) await page.move(move);
      const { panel, address = page.view.address, pid } = question.look;
      const tid = page.view.processes.find((process) => process.pid === pid)?.threads[0].tid;
      await page.select({ address, tid });
      layout.bringBeside(panel);
    });
  }

  /** A question about the place at hand, whatever program it is. */
  async quiz(machine: MachineStore): Promise<void> {
    this._watch(machine);
    batch(() => {
      this.lesson.value = undefined;
      this.isQuiz.value = true;
      this._close();
    });
    layout.bring('lesson');
    await this._try(async () => {
      const page = new PageMachine(machine);
      const { instruction, event } = page.view.position;
      const posed = await quizHere(page, `${instruction} ${event} ${this._quizzes++}`);
      if (posed === undefined) throw new UsageError('nothing is left to ask here: go back a little, or open a program');
      this._pose(posed);
    });
  }

  private async _goTo(index: number): Promise<void> {
    const lesson = this.lesson.value;
    const machine = this._machine;
    const step = lesson?.steps[index];
    if (lesson === undefined || machine === undefined || step === undefined) return;
    const page = new PageMachine(machine);
    this._close();
    const words = fillWords(step.text, await goToStep(page, lesson, index));
    const posed = await questionOf(page, lesson, index);
    if (this.lesson.value !== lesson) return;
    batch(() => {
      this.index.value = index;
      this.words.value = words;
      if (posed !== undefined) this._pose(posed);
    });
    if (step.bring !== undefined) layout.bringBeside(step.bring);
  }

  private _pose(posed: Posed): void {
    this.posed.value = posed;
    hidesFuture.value = true;
  }
  private _close(): void {
    batch(() => {
      this.posed.value = this.answer.value = this.message.value = undefined;
      hidesFuture.value = false;
    });
  }

  private async _try(go: () => Promise<void>): Promise<void> {
    if (this.isBusy.value) return;
    this.isBusy.value = true;
    try {
      await go();
    } catch (error) {
      this.message.value = error instanceof Error ? error.message : String(error);
    } finally {
      this.isBusy.value = false;
    }
  }

  private _keepScore(id: string, isRight: boolean): void {
    const { [this.index.value]: first = isRight, ...others } = this.scores.value[id] ?? {};
    this.scores.value = { ...this.scores.value, [id]: { ...others, [this.index.value]: first } };
    remember('scores', JSON.stringify(this.scores.value));
  }
}

/** What another version of the page has kept is not ours to understand. */
function readScores(): Readonly<Record<string, Score>> {
  try {
    const kept: unknown = JSON.parse(remembered('scores') ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Readonly<Record<string, Score>>) : {};
  } catch {
    return {};
  }
}

export const lessons = new LessonStore();

effect(() => {
  layout.hasLesson.value = lessons.isOpen.value;
});
