/** How many areas (lines of /proc/PID/maps) a process has: mappings join, split and go. */
import { ordered, processName, type QuestionKind } from './question.ts';

export const areas: QuestionKind = {
  make(asked) {
    const { now, later, pid, when } = asked;
    const countIn = (view: typeof now): number | undefined =>
      view.processes.find((process) => process.pid === pid)?.space?.areas.length;
    const [before, after] = [countIn(now), countIn(later.view)];
    if (before === undefined || after === undefined) return undefined;
    const numbers = [...new Set([before - 1, before, before + 1, before + 2, after])].filter((n) => n > 0);
    const options = numbers.sort((a, b) => a - b).map((n) => (n === before ? `${n}, as now` : String(n)));
    const right = options.find((option) => Number.parseInt(option, 10) === after)!;
    const name = processName(asked, pid);
    return {
      ...ordered(options, right),
      text: `${name[0].toUpperCase()}${name.slice(1)} has ${before} areas now. How many ${when}?`,
      truth: `${after} areas, each a line of /proc/${pid}/maps and a box in the picture.`,
      look: { panel: 'picture', pid },
    };
  },
};
