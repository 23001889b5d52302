/** All lessons, in the order in which they are best taken. */
import { copyOnWrite, privateTwin, vfork } from './copying.ts';
import { guardPage, useAfterMunmap } from './faults.ts';
import { commitMarker, pageCache, pipes, pointerOrOffset, shmOpen } from './files.ts';
import { fixedDemo } from './fixed-demo.ts';
import type { Lesson } from './lesson.ts';
import { execMappings, fileModes, pastTheEnd } from './limits.ts';
import { demandPaging, fourMappings, munmapHoles, procMaps, sharedLibrary, stackGrowth } from './mapping.ts';
import { atomicUpdate, lostUpdate, mutexUpdate } from './races.ts';
import { sharedPage } from './shared-page.ts';

export type { Lesson, Step } from './lesson.ts';

export const LESSONS: readonly Lesson[] = [
  sharedPage,
  fixedDemo,
  privateTwin,
  copyOnWrite,
  vfork,
  demandPaging,
  fourMappings,
  procMaps,
  munmapHoles,
  sharedLibrary,
  stackGrowth,
  execMappings,
  pageCache,
  fileModes,
  shmOpen,
  pointerOrOffset,
  commitMarker,
  pipes,
  lostUpdate,
  atomicUpdate,
  mutexUpdate,
  useAfterMunmap,
  guardPage,
  pastTheEnd,
];

export const findLesson = (id: string): Lesson | undefined => LESSONS.find((lesson) => lesson.id === id);
