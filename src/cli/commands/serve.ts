/**
 * `pml4 serve`: the browser view on this computer, with a PROGRAM if one is named. The machine runs in the browser; what
 * is served are the files of dist/web, and the program with what the page has to know about it.
 */
import { existsSync, realpathSync } from 'node:fs';
import type { Server } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../base/invariant.ts';
import { ElfError, parseElf } from '../../elf/image.ts';
import { Lines } from '../../elf/lines.ts';
import { readProgram } from '../../host/node.ts';
import { formatLink } from '../../web/app/share/link.ts';
import { DESCRIPTION_PATH, type GivenProgram, PROGRAM_PATH } from '../../web/given-program.ts';
import { sourceReader } from '../debug/source.ts';
import { LOOPBACK, listenOnLoopback } from '../listener.ts';
import { NOT_THERE_YET_TO_SERVE, SERVE_OPTIONS, SERVE_PORT, type ServeOptionValues } from '../options.ts';
import { writeAll } from '../output.ts';
import { parseOptions } from '../parse-options.ts';
import { SOURCE_NAME } from '../sources.ts';
import { type Served, webServer } from '../web-server.ts';
import { environment } from './run.ts';

const STDOUT = 1;
const STATUS_NO_ELF = 126;
/** What a link can hold. */
const LONGEST_NAME = 80;

export async function serve(words: readonly string[]): Promise<number> {
  const { values, rest } = parseOptions(SERVE_OPTIONS, words, NOT_THERE_YET_TO_SERVE);
  const [path, ...args] = rest;
  const machine = Object.keys(values).find((name) => name !== 'port' && name !== 'verbose');
  if (path === undefined && machine !== undefined) throw new UsageError(`--${machine}: serve has no PROGRAM it is for`);
  const program = path === undefined ? undefined : readProgram(path);
  const given = program === undefined ? undefined : await describe(path, program, args, values);
  const directory = findBuilt();
  const server = webServer(directory, given === undefined ? new Map() : filesOf(given, program!));
  const port = await listen(server, values.port);
  const link = given === undefined ? '' : `#${formatLink({ program: { kind: 'given', name: given.name } })}`;
  writeAll(STDOUT, `the browser view: http://${LOOPBACK}:${port}/${link} (Ctrl-C ends it)\n`);
  return await new Promise<never>(() => {});
}

/** Beside the command, or where it is built when the sources are run. */
function findBuilt(): string {
  const command = realpathSync(process.argv[1]);
  const directory = join(dirname(command), command.endsWith('.ts') ? '../../dist/web' : 'web');
  if (!existsSync(join(directory, 'index.html')))
    throw new UsageError(`the browser view is not built (${directory}): npm run build:web`);
  return directory;
}

async function describe(
  path: string,
  program: Uint8Array,
  args: readonly string[],
  { env, cwd, memory, quantum, seed, cpu }: ServeOptionValues,
): Promise<GivenProgram> {
  const image = await parseElf(program);
  if (image instanceof ElfError) throw new UsageError(`${path}: ${image.message}`, STATUS_NO_ELF);
  const name = basename(path)
    .replaceAll(/\p{Cc}/gu, '?')
    .slice(0, LONGEST_NAME);
  const sources = sourcesOf(path, program);
  return { name, path, args, env: environment(env ?? []), cwd, memory, quantum, seed, cpu, sources };
}

/** The line tables are the program's own and can name anything: what is not called like a source is not read. */
function sourcesOf(path: string, program: Uint8Array): Record<string, string> {
  const read = sourceReader(path);
  return Object.fromEntries(
    new Lines(program)
      .files()
      .filter((file) => SOURCE_NAME.test(file.path))
      .flatMap((file) => {
        const text = read(file.path);
        return text === undefined ? [] : [[file.path, text] as const];
      }),
  );
}

const filesOf = (given: GivenProgram, program: Uint8Array): ReadonlyMap<string, Served> =>
  new Map([
    [`/${PROGRAM_PATH}`, { type: 'application/octet-stream', bytes: program }],
    [`/${DESCRIPTION_PATH}`, { type: 'application/json', bytes: Buffer.from(JSON.stringify(given)) }],
  ]);

/** Without a port of the user's: the usual one, or any if another `pml4 serve` has that. */
async function listen(server: Server, port: number | undefined): Promise<number> {
  if (port !== undefined) return await listenOnLoopback(server, port);
  try {
    return await listenOnLoopback(server, SERVE_PORT);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return await listenOnLoopback(server, 0);
  }
}
