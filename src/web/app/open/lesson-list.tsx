/** All lessons by what they are about, with how far one has come. */
import { LESSONS, type Lesson } from '../../lessons/index.ts';
import { lessons } from '../lesson/lesson-store.ts';
import { useMachine } from '../machine-context.ts';

export function LessonList({ close }: { readonly close: () => void }) {
  const machine = useMachine();
  const groups = Map.groupBy(LESSONS, ({ group }) => group);
  return (
    <div class="open-list">
      {[...groups].map(([group, members]) => (
        <section key={group} aria-label={group}>
          <h3>{group}</h3>
          <ul class="cards">
            {members.map((lesson) => (
              <li key={lesson.id}>
                <button
                  type="button"
                  class="card"
                  onClick={() => {
                    close();
                    void lessons.open(machine, lesson);
                  }}
                >
                  <b>{lesson.title}</b>
                  <span>{lesson.about}</span>
                  <Score lesson={lesson} />
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Score({ lesson: { id, steps, program } }: { readonly lesson: Lesson }) {
  const answers = Object.values(lessons.scores.value[id] ?? {});
  const right = answers.filter((isRight) => isRight).length;
  const asked = steps.filter(({ predict }) => predict !== undefined).length;
  return (
    <span class="card-foot">
      <code>{program}</code>
      <span>
        {steps.length} steps, {asked} predictions{answers.length > 0 && <b>, {right} right</b>}
      </span>
    </span>
  );
}
