/** All requests that are answered, by name. */
import { invariant } from '../../base/invariant.ts';
import { CODE_REQUESTS } from './code.ts';
import type { Handler } from './define.ts';
import { POINT_REQUESTS } from './points.ts';
import { RUN_REQUESTS } from './running.ts';
import { SESSION_REQUESTS } from './session.ts';
import { STATE_REQUESTS } from './state.ts';

const HANDLERS = new Map<string, Handler>();
for (const handler of [...SESSION_REQUESTS, ...POINT_REQUESTS, ...RUN_REQUESTS, ...STATE_REQUESTS, ...CODE_REQUESTS]) {
  invariant(!HANDLERS.has(handler.command), `two handlers of ${handler.command}`);
  HANDLERS.set(handler.command, handler);
}

export const findHandler = (command: string): Handler | undefined => HANDLERS.get(command);
