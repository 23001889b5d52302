/** All kinds of questions, each in a file of its own. */
import { areas } from './areas.ts';
import { ending } from './ending.ts';
import { flags } from './flags.ts';
import { frame } from './frame.ts';
import { frames } from './frames.ts';
import { next } from './next.ts';
import { printed } from './printed.ts';
import type { QuestionKind } from './question.ts';
import { result } from './result.ts';
import { runs } from './runs.ts';
import { value } from './value.ts';

export const QUESTIONS = { frame,
  areas, frames, next, flags, value, ending, result, printed, runs } as const satisfies Readonly<Record<string, QuestionKind>>; // biome-ignore format: one line

export type QuestionKindId = keyof typeof QUESTIONS;
