/** The machine's worker: one session, which the page calls by messages. */
import { expose } from 'comlink';
import { Session } from './session.ts';

expose(new Session());
