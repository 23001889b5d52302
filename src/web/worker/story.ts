/** A worker that makes the story of a program as a page of HTML: the program runs again there, for the story alone. */
import { expose } from 'comlink';
import { UsageError } from '../../base/invariant.ts';
import { Engine } from '../../debug/engine.ts';
import { composeDocument } from '../../debug/story/document.ts';
import { tellStory } from '../../debug/story/tell.ts';
import { ElfError, parseElf } from '../../elf/image.ts';
import type { Machine } from '../../machine/machine.ts';
import { renderHtml } from '../../story/html.ts';
import type { ProgramSpec } from '../protocol.ts';

/** Of one run; the story needs up to three. */
const MOST_INSTRUCTIONS = 2_000_000_000;
const MOST_SECONDS = 30;

export interface StoryWish {
  readonly spec: ProgramSpec;
  /** All that the program reads. */
  readonly stdin: Uint8Array;
  /** Lines of source files, by the paths that line tables name them by. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

export class StoryTeller {
  /** UsageError: it is no program. */
  async tell({ spec, stdin, sources }: StoryWish): Promise<string> {
    const { path, program, args = [], env = {}, files, seed, quantum } = spec;
    const given = { seed, quantum, files };
    const open = async (machine: Machine) => {
      const image = await parseElf(program);
      if (image instanceof ElfError) throw new UsageError(`${path}: ${image.message}`);
      return { image, start: () => machine.load(image, path, { args, env }) };
    };
    const story = await tellStory({
      program: path,
      args,
      machine: () => ({ ...given, stdin }),
      open,
      engine: () => Engine.open({ path, program, args, env, stdin, machine: given }),
      limits: { maxInstructions: MOST_INSTRUCTIONS, timeout: MOST_SECONDS },
    });
    return renderHtml(composeDocument(story, (file, line) => sources[file]?.[line - 1]));
  }
}

expose(new StoryTeller());
