/** Every lesson on its program: each step is reached, its words are all there, its question has one right answer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { programs } from '../../../asm/programs.ts';
import { LESSONS } from '../../../src/web/lessons/index.ts';
import { goToStep, questionOf, quizHere } from '../../../src/web/lessons/tour.ts';
import { fillWords } from '../../../src/web/lessons/words.ts';
import { SessionMachine } from './session-machine.ts';

test('every lesson has a name of its own, a program of the page, and four to nine steps', () => {
  const ids = LESSONS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { program, steps, id } of LESSONS) {
    expect(
      programs.some(({ name }) => name === program),
      id,
    ).toBe(true);
    expect(steps.length, id).toBeGreaterThanOrEqual(4);
    expect(steps.length, id).toBeLessThanOrEqual(9);
  }
});

test('the README names every lesson', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
  const table = /\| about \| lessons:[\s\S]*?\n\n/.exec(readme)![0];
  const named = [...table.matchAll(/`([\w-]+)`/g)].map(([, id]) => id);
  expect(named.sort()).toEqual(LESSONS.map(({ id }) => id).sort());
});

describe.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))('%s', (_id, lesson) => {
  test('steps, words and questions', { timeout: 60_000 }, async () => {
    const machine = await SessionMachine.open(lesson);
    const told: string[] = [];
    for (const [i, { text, title }] of lesson.steps.entries()) {
      const scene = await goToStep(machine, lesson, i);
      const here = machine.view.position;
      const words = fillWords(text, scene)
        .map((piece) => piece.text)
        .join('');
      told.push(`## ${title}`, words);
      expect(words, title).not.toContain('nothing here');
      const posed = await questionOf(machine, lesson, i);
      // The machine has looked ahead and come back.
      expect(machine.session.view({}).position, title).toEqual(here);
      if (posed === undefined) continue;
      const { options, right, text: asked, truth } = posed.question;
      expect(options.length, asked).toBeGreaterThan(1);
      expect(new Set(options).size, asked).toBe(options.length);
      expect(options[right], asked).toBeDefined();
      told.push(`? ${asked}`, ...options.map((option, at) => `  ${at === right ? '*' : '-'} ${option}`), `= ${truth}`);
      // Asked again, the same question comes in the same way.
      expect(await questionOf(machine, lesson, i)).toEqual(posed);
    }
    if (process.env.SHOW_LESSONS) console.log(told.join('\n'));
    // From behind a step one comes to the same place.
    for (const i of [1, 0]) {
      await goToStep(machine, lesson, i);
      expect(machine.view.isOver).toBe(false);
    }
  });

  test('a free question at several places', { timeout: 60_000 }, async () => {
    const machine = await SessionMachine.open(lesson);
    for (let i = 0; i < 6; i++) {
      await machine.move({ kind: 'event', goal: 'any', direction: 'forward' });
      const here = machine.view.position;
      const quiz = await quizHere(machine, `${i}`);
      expect(machine.session.view({}).position).toEqual(here);
      if (quiz === undefined) continue;
      expect(new Set(quiz.question.options).size).toBe(quiz.question.options.length);
      expect(quiz.question.options[quiz.question.right]).toBeDefined();
    }
  });
});
