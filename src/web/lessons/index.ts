/** All lessons, in the order in which they are best taken. */
import type { Lesson } from './lesson.ts';
import { sharedPage } from './shared-page.ts';

export type { Lesson, Step } from './lesson.ts';

export const LESSONS: readonly Lesson[] = [sharedPage];

export const findLesson = (id: string): Lesson | undefined => LESSONS.find((lesson) => lesson.id === id);
