/**
 * What qXfer reads: whole texts by name, of which a client asks for one piece after the other. GDB manual, "qXfer".
 * Bytes are text with one character for each.
 */
import { siginfoBytes } from '../abi/siginfo.ts';
import { UsageError } from '../base/invariant.ts';
import { bytesOfName } from '../base/names.ts';
import type { Process } from '../kernel/task/process.ts';
import { numberOfHex, textOfBytes } from './bytes.ts';
import type { Session } from './session.ts';
import { TARGET_XML } from './target-xml.ts';

/** `annex` says which one. */
export type ReadObject = (session: Session, annex: string) => string;

const utf8 = (text: string): string => textOfBytes(bytesOfName(text));

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);

/** In `info os`: columns of text. */
const osTable = (type: string, rows: readonly Readonly<Record<string, string | number>>[]): string =>
  utf8(
    [
      '<?xml version="1.0"?>',
      '<!DOCTYPE target SYSTEM "osdata.dtd">',
      `<osdata type="${type}">`,
      ...rows.map(
        (row) =>
          `<item>${Object.entries(row)
            .map(([name, value]) => `<column name="${name}">${escapeXml(String(value))}</column>`)
            .join('')}</item>`,
      ),
      '</osdata>',
      '',
    ].join('\n'),
  );

const liveProcesses = (session: Session): Process[] =>
  (session.debuggee.kernel?.processes() ?? []).filter((process) => process.isAlive());

const OS_TABLES: Readonly<Record<string, (session: Session) => string>> = {
  '': () =>
    osTable('types', [
      { Type: 'processes', Description: 'Listing of all processes', Title: 'Processes' },
      { Type: 'threads', Description: 'Listing of all threads', Title: 'Threads' },
    ]),
  processes: (session) =>
    osTable(
      'processes',
      liveProcesses(session).map(({ pid, leader, comm }) => ({
        pid,
        user: leader.credentials.uid,
        command: comm,
        cores: 0,
      })),
    ),
  threads: (session) =>
    osTable(
      'threads',
      liveProcesses(session).flatMap(({ pid, comm, threads }) =>
        threads.filter((task) => task.isAlive()).map(({ tid }) => ({ pid, command: comm, tid, core: 0 })),
      ),
    ),
};

export const OBJECTS: Readonly<Record<string, ReadObject>> = {
  features(_, annex) {
    if (annex !== 'target.xml') throw new UsageError('no such file');
    return TARGET_XML;
  },
  /** Of the selected process. */
  auxv: (session) => textOfBytes(session.task().mm.arguments?.auxv ?? new Uint8Array(0)),
  'exec-file'(session, annex) {
    const pid = annex === '' ? session.task().pid : numberOfHex(annex);
    const exe = session.debuggee.kernel?.findProcess(pid)?.exe;
    if (exe === undefined) throw new UsageError('no such process');
    return utf8(exe.path());
  },
  threads: (session) =>
    utf8(
      [
        '<?xml version="1.0"?>',
        '<threads>',
        ...session.debuggee.threads().map((task) => {
          const id = session.threadText(task);
          return `<thread id="${id}" core="0" name="${escapeXml(task.comm)}">${escapeXml(task.state)}</thread>`;
        }),
        '</threads>',
        '',
      ].join('\n'),
    ),
  siginfo: (session) => textOfBytes(siginfoBytes(session.debuggee.siginfo(session.task()))),
  osdata(session, annex) {
    if (!Object.hasOwn(OS_TABLES, annex)) throw new UsageError('no such table');
    return OS_TABLES[annex](session);
  },
};
