/**
 * `npm run fuzz [-- --seconds N] [--seed N] [--keep]`: random sequences and programs on the host CPU and here, in every
 * way this machine can run them, until the time is up. What differs is made small (minimise.ts) and printed; `--keep`
 * adds it to the vectors. Exits 1 if something differed. Needs gcc and an x86-64 Linux.
 */
import { parseArgs } from 'node:util';
import { decode } from '../../src/cpu/decode.ts';
import { type CodeSampler, codeSamplers } from './codes.ts';
import { TestMachine } from './machine.ts';
import { minimise } from './minimise.ts';
import { recordPrograms, setsOf } from './programs.ts';
import { keepFound, SEQUENCES } from './record.ts';
import { check, describeFailure } from './report.ts';
import { recordSequences, vectorOf } from './sequences.ts';
import { AGAIN, STRATEGIES, type Strategy } from './strategies.ts';
import { rngOf } from './values.ts';
import type { Vector } from './vector-file.ts';
import { type Case, Silicon } from './wire.ts';

const BATCH = 100;
const SHOWN = 10;

/** A small case that differs as well, with what the CPU makes of it. */
function shrink(silicon: Silicon, machine: TestMachine, vector: Vector, { run }: Strategy): Vector {
  const recorded = (before: Case) => vectorOf(before, silicon.run([before])[0]);
  const differs = (before: Case) => {
    const again = recorded(before);
    return again !== undefined && check(machine, again, run).length > 0;
  };
  return (differs(vector.before) && recorded(minimise(vector.before, differs))) || vector;
}

/** Whether there is a record for it. */
function isKnown(sample: CodeSampler): boolean {
  const { bytes } = sample(rngOf(1));
  return typeof decode(bytes, 0, bytes.length, 0n) !== 'string';
}

function main(): void {
  const options = {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    keep: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ options });
  const seed = Number(values.seed ?? Date.now() % 2 ** 32);
  const end = performance.now() + 1000 * Number(values.seconds);
  const rng = rngOf(seed);
  const silicon = new Silicon();
  const samplers = codeSamplers(rng).filter(isKnown);
  const sets = setsOf(samplers, rng);
  const programs = () => recordPrograms(silicon, sets, rng, BATCH);
  const sequences = Object.values(SEQUENCES).map(({ sampler, state }) => {
    const sample = sampler(samplers);
    return () => recordSequences(silicon, sample, rng, BATCH, state);
  });
  const kinds = sequences.flatMap((one) => [programs, programs, one]);
  const machines = new Map([...STRATEGIES, AGAIN].map((strategy) => [strategy, new TestMachine()]));
  const found: Vector[] = [];
  let batches = 0;
  let ran = 0;
  let failed = 0;
  try {
    while (performance.now() < end && failed < SHOWN) {
      for (const vector of kinds[batches++ % kinds.length]()) {
        ran++;
        for (const [strategy, machine] of machines) {
          if (check(machine, vector, strategy.run).length === 0) continue;
          const shortest = shrink(silicon, machine, vector, strategy);
          if (failed++ < SHOWN)
            console.log(
              `${strategy.name}, seed ${seed}\n    ${describeFailure(shortest, check(machine, shortest, strategy.run))}\n`,
            );
          found.push(shortest);
        }
      }
    }
  } finally {
    silicon.close();
  }
  if (values.keep && found.length > 0) keepFound(found);
  console.log(`seed ${seed}: ${ran} sequences, ${failed} differences`);
  if (failed > 0) process.exitCode = 1;
}

if (import.meta.main) main();
