/** `pml4 explain`: runs a program and tells what happened in its page tables: as Markdown, or as a page of HTML. */
import { UsageError } from '../../base/invariant.ts';
import { Engine, type EngineOptions } from '../../debug/engine.ts';
import { composeDocument } from '../../debug/story/document.ts';
import { tellStory } from '../../debug/story/tell.ts';
import { ElfError, parseElf } from '../../elf/image.ts';
import { readProgram, workingDirectory } from '../../host/node.ts';
import { StandardInput } from '../../host/node-input.ts';
import { Machine, type MachineOptions } from '../../machine/machine.ts';
import { renderMarkdown } from '../../story/markdown.ts';
import { InputTape } from '../explain/input-tape.ts';
import { EXPLAIN_OPTIONS } from '../options.ts';
import { openOutput, writeAll } from '../output.ts';
import { parseOptions } from '../parse-options.ts';
import { readSourceLine } from '../sources.ts';
import { environment } from './run.ts';

const STDOUT = 1;
/** As timeout(1): the run was cut short. */
const STATUS_CUT_SHORT = 124;

export async function explain(words: readonly string[]): Promise<number> {
  const { values, rest } = parseOptions(EXPLAIN_OPTIONS, words);
  const [path, ...args] = rest;
  if (path === undefined) throw new UsageError('explain needs a PROGRAM');
  const env = environment(values.env ?? []);
  const writeHtml = values.html === undefined ? undefined : openOutput('html', values.html);
  const input = new StandardInput();
  const tape = new InputTape((most) => input.read(most));

  const given = (): NonNullable<EngineOptions['machine']> => ({
    memory: values.memory,
    quantum: values.quantum,
    seed: values.seed,
    cpu: values.cpu,
    root: values.root,
    mounts: values.mount,
    cwd: values.cwd ?? (values.root && workingDirectory(values.root)),
  });
  const machine = (): MachineOptions => ({ ...given(), stdin: tape.reader(), onDiagnostic });
  const onDiagnostic = (message: string) => writeAll(2, `pml4: ${message}\n`);
  const engine = () => {
    const isInGuest = new Machine(given()).findProgram(path, env.PATH) !== undefined;
    const program = isInGuest ? undefined : readProgram(path);
    return Engine.open({ program, path, args, env, argv0: path, machine: given(), stdin: tape.recorded() });
  };
  const open = async (on: Machine) => {
    const found = on.findProgram(path, env.PATH);
    const image = await parseElf(found?.bytes() ?? readProgram(path));
    if (image instanceof ElfError) throw new UsageError(`${path}: ${image.message}`, 126);
    const own = found === undefined ? image : undefined;
    return { image, start: () => on.load(own, found?.path ?? path, { args, env, argv0: path }) };
  };
  const isWritable = values.mount?.some(({ writable }) => writable) === true;
  const story = await tellStory({
    program: path,
    args,
    machine,
    open,
    engine,
    limits: { maxInstructions: values['max-instructions'], timeout: values.timeout },
    onlyOnce: isWritable ? 'the program may write to files of the host (a mount with :rw), which must not happen twice' : undefined, // biome-ignore format: one line
  });
  input.close();
  const blocks = composeDocument(story, readSourceLine);
  if (writeHtml === undefined) writeAll(STDOUT, renderMarkdown(blocks));
  else writeHtml((await import('../../story/html.ts')).renderHtml(blocks));
  const { outcome } = story.result;
  return outcome === 'exited' || outcome === 'killed' ? 0 : STATUS_CUT_SHORT;
}
