/** Requests about the session as a whole: what the adapter can do, launch, restart, the end. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UsageError } from '../../base/invariant.ts';
import type { Adapter } from '../adapter.ts';
import { Arguments } from '../arguments.ts';
import { EXCEPTION_FILTERS, setExceptionFilters } from '../exceptions.ts';
import { parseLaunch } from '../host.ts';
import { anytime, standing } from './define.ts';

const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsEvaluateForHovers: true,
  supportsStepBack: true,
  supportsRestartRequest: true,
  supportsGotoTargetsRequest: true,
  supportsCompletionsRequest: true,
  supportsModulesRequest: true,
  supportsValueFormattingOptions: true,
  supportsExceptionInfoRequest: true,
  supportsExceptionFilterOptions: true,
  supportsDelayedStackTraceLoading: true,
  supportsLoadedSourcesRequest: true,
  supportsTerminateRequest: true,
  supportsDataBreakpoints: true,
  supportsDataBreakpointBytes: true,
  supportsReadMemoryRequest: true,
  supportsDisassembleRequest: true,
  supportsSteppingGranularity: true,
  supportsInstructionBreakpoints: true,
  supportsBreakpointLocationsRequest: true,
  exceptionBreakpointFilters: EXCEPTION_FILTERS,
};

/** Goes on from the entry, or stops there, as the launch has said. */
function begin(adapter: Adapter): void {
  const { session, launch } = adapter.open;
  const { engine } = session;
  if (launch.noDebug) {
    for (const { id } of [...engine.stopPoints]) engine.removeStopPoint(id);
    setExceptionFilters(session, [], new Arguments({ filters: [] }));
  }
  if (!launch.stopOnEntry || launch.noDebug) adapter.start(() => engine.continue(), { goesOn: true });
  else adapter.tellEntry();
}

export const SESSION_REQUESTS = [
  anytime('initialize', (adapter, given) => {
    adapter.firstLine = given.findFlag('linesStartAt1') === false ? 0 : 1;
    adapter.wantsInvalidated = given.findFlag('supportsInvalidatedEvent') === true;
    adapter.firstColumn = given.findFlag('columnsStartAt1') === false ? 0 : 1;
    return CAPABILITIES;
  }),

  standing('launch', async (adapter, given, after) => {
    if (adapter.debuggee !== undefined) throw new UsageError('a program has been launched already');
    await adapter.launch(given, parseLaunch(given));
    // Breakpoints can be looked up from here on.
    after(() => adapter.event('initialized'));
    return undefined;
  }),

  standing('attach', () => {
    throw new UsageError('there is nothing to attach to: a program runs in a machine of its own; use launch');
  }),

  standing('configurationDone', (adapter, _given, after) => {
    after(() => begin(adapter));
    return undefined;
  }),

  /** The machine is deterministic: the beginning of the run is where it begins again. */
  standing('restart', async (adapter, given, after) => {
    const wanted = given.findObject('arguments');
    const { launch, session } = adapter.open;
    const isOther = wanted !== undefined && JSON.stringify(parseLaunch(wanted)) !== JSON.stringify(launch);
    if (isOther) await adapter.relaunch(wanted, parseLaunch(wanted));
    else await session.engine.goto({ instruction: 0 });
    after(() => begin(adapter));
    return undefined;
  }),

  anytime('terminate', async (adapter, _given, after) => {
    await adapter.interrupt();
    after(() => adapter.event('terminated'));
    return undefined;
  }),

  anytime('disconnect', async (adapter, _given, after) => {
    await adapter.interrupt();
    after(() => adapter.close());
    return undefined;
  }),
];
