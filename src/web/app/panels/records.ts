/** All panels by name, and the groups that they share a place in: of a group one is shown at a time, chosen by tabs. */

export const PANELS = {
  picture: { title: 'Picture', group: 'centre' },
  editor: { title: 'Editor', group: 'centre' },
  lesson: { title: 'Lesson', group: 'left' },
  code: { title: 'Code', group: 'left' },
  registers: { title: 'Registers', group: 'right' },
  stack: { title: 'Stack', group: 'right' },
  memory: { title: 'Memory', group: 'right' },
  stops: { title: 'Breakpoints', group: 'right' },
  calls: { title: 'System calls', group: 'events' },
  faults: { title: 'Page faults', group: 'events' },
  terminal: { title: 'Terminal', group: 'terminal' },
} as const;

export type PanelId = keyof typeof PANELS;
export type GroupId = (typeof PANELS)[PanelId]['group'];
