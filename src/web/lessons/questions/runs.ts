/** Who runs next: the scheduler's choice, or the only one that can. */
import { processName, type QuestionKind } from './question.ts';

const NOBODY = 'nobody: all wait';

export const runs: QuestionKind = {
  make(asked) {
    const { now, later, events } = asked;
    const turn = later.events.findLast(({ detail }) => detail.kind === 'switch');
    const pidOfThread = (tid: number): number =>
      now.processes.find(({ threads }) => threads.some((thread) => thread.tid === tid))?.pid ?? tid;
    const pid = turn?.detail.kind === 'switch' ? pidOfThread(turn.detail.toTid) : undefined;
    const living = now.processes
      .filter(({ state }) => state !== 'zombie' && state !== 'gone')
      .map((process) => process.pid);
    if (pid === undefined || living.length < 2 || !living.includes(pid)) return undefined;
    const options = [...living.map((one) => processName({ events }, one)), NOBODY];
    const state = later.view.processes.filter((process) => process.pid !== pid).map((process) => `${process.pid}: ${process.stateText}`); // biome-ignore format: one line
    return {
      options,
      right: living.indexOf(pid),
      text: `Who runs ${asked.when}?`,
      truth: `${processName(asked, pid)} has the processor; ${state.join('; ')}.`,
      look: { panel: 'calls', pid },
    };
  },
};
