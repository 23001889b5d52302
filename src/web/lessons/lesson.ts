/** What a lesson is: a guided tour through the run of one program, as data. Text is in lessons; numbers never are (words.ts). */
import type { ProgramSpec } from '../protocol.ts';
import type { AddressOf, Stand, Who } from './places.ts';
import type { QuestionKindId } from './questions/index.ts';

export interface Lesson {
  /** As in a link: `lesson=shared-page`. */
  readonly id: string;
  readonly title: string;
  readonly group: LessonGroup;
  /** A file of fixtures/. */
  readonly program: string;
  /** What its run follows from, besides. */
  readonly spec?: Pick<ProgramSpec, 'seed' | 'quantum' | 'asPrivate' | 'stdin'>;
  /** What it is about, in two sentences. */
  readonly about: string;
  readonly steps: readonly Step[];
}

export type LessonGroup = 'Shared memory' | 'Copy on write' | 'Mappings' | 'Files' | 'Races' | 'Faults';

export interface Step {
  readonly title: string;
  /** `code`, and {placeholders} that are read from the machine (words.ts). */
  readonly text: string;
  /** Where the machine stands. Default: where the step before left it. */
  readonly stand?: Stand;
  /** Whose registers and code are shown. Default: whose doing the event is. */
  readonly who?: Who;
  /** The address whose walks are drawn. Default: as it was. */
  readonly select?: AddressOf;
  readonly bring?: PanelName;
  readonly predict?: Prediction;
  /** What the step offers besides. */
  readonly offer?: 'compare' | 'explore';
}

/** Panels that a step can bring to the front. */
export type PanelName = 'picture' | 'code' | 'registers' | 'stack' | 'memory' | 'calls' | 'faults' | 'terminal';

/** A question about where the next step stands. */
export interface Prediction {
  readonly ask: QuestionKindId;
  readonly who: Who;
  /** Default: the step's. */
  readonly address?: AddressOf;
  /** `after the fork`, `when the parent has stored`. */
  readonly when: string;
  /** Default: where the next step stands. */
  readonly at?: Stand;
  /** Answers that are wrong, in place of made-up ones. */
  readonly wrong?: readonly string[];
}
