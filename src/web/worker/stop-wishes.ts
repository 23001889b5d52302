/** What a user wants the run to stop at, made into the engine's stop points. */
import { UsageError } from '../../base/invariant.ts';
import type { Engine } from '../../debug/engine.ts';
import { walkAddress } from '../../debug/inspect/walk.ts';
import { conditionOf, resolveAddress, resolvePlaces } from '../model/expressions.ts';
import type { StopWish } from '../protocol.ts';

const WATCHED_BYTES = 8;

/** Throws UsageError for what is not there, or cannot be read. */
export function addStop(engine: Engine, wish: StopWish): void {
  const { task } = engine;
  if (wish.kind === 'catch') {
    const { what } = wish;
    const names = 'names' in what && what.names !== undefined ? ` ${what.names.join(', ')}` : '';
    const cause = what.kind === 'fault' && what.cause !== undefined ? `: ${what.cause}` : '';
    engine.addCatchpoint(what, { label: `${what.kind}${names}${cause}`, standsAfter: true });
    return;
  }
  if (task === undefined) throw new UsageError('every process has ended');
  const [, place, given] = /^(.*?)(?:(?:^|\s)if\b(.*))?$/s.exec(wish.text)!;
  const condition = given === undefined ? undefined : conditionOf(task, given.trim());
  const label = place.trim();
  if (wish.kind === 'break') {
    for (const address of resolvePlaces(task, label)) engine.addBreakpoint(address, { label, condition });
    return;
  }
  const address = resolveAddress(task, label);
  const { access, length = WATCHED_BYTES } = wish;
  if (!wish.ofFrame) {
    engine.addWatchpoint({ kind: 'virtual', pid: task.pid, address, length }, access, { label, condition });
    return;
  }
  const pfn = walkAddress(task, address)?.pfn;
  if (pfn === undefined) throw new UsageError(`${label}: the page has no frame yet`);
  const offset = Number(address & 0xfffn);
  engine.addWatchpoint({ kind: 'frame', pfn, offset, length }, access, { label, condition });
}
