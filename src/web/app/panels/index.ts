/** All panels, and the groups that they share a place in: of a group one is shown at a time, chosen by tabs. */
import type { ReadonlySignal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { EditorPanel } from '../editor/editor-panel.tsx';
import { LessonPanel } from '../lesson/lesson-panel.tsx';
import { lessons } from '../lesson/lesson-store.ts';
import { PicturePanel } from '../picture/picture.tsx';
import { CallsPanel } from './calls.tsx';
import { CodePanel } from './code.tsx';
import { FaultsPanel } from './faults.tsx';
import { MemoryPanel } from './memory.tsx';
import { RegistersPanel } from './registers.tsx';
import { StackPanel } from './stack.tsx';
import { StopsPanel } from './stops.tsx';
import { TerminalPanel } from './terminal.tsx';

export const PANELS = {
  picture: { title: 'Picture', group: 'centre', component: PicturePanel },
  editor: { title: 'Editor', group: 'centre', component: EditorPanel },
  lesson: { title: 'Lesson', group: 'left', component: LessonPanel, isThere: lessons.isOpen },
  code: { title: 'Code', group: 'left', component: CodePanel },
  registers: { title: 'Registers', group: 'right', component: RegistersPanel },
  stack: { title: 'Stack', group: 'right', component: StackPanel },
  memory: { title: 'Memory', group: 'right', component: MemoryPanel },
  stops: { title: 'Breakpoints', group: 'right', component: StopsPanel },
  calls: { title: 'System calls', group: 'events', component: CallsPanel },
  faults: { title: 'Page faults', group: 'events', component: FaultsPanel },
  terminal: { title: 'Terminal', group: 'terminal', component: TerminalPanel },
} as const satisfies Readonly<Record<string, PanelRecord>>;

export interface PanelRecord {
  readonly title: string;
  readonly group: string;
  readonly component: FunctionComponent;
  /** Whether there is something in it. Default: always. */
  readonly isThere?: ReadonlySignal<boolean>;
}

export type PanelId = keyof typeof PANELS;
export type GroupId = (typeof PANELS)[PanelId]['group'];
