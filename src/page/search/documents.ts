import { notebooks } from 'virtual:notebooks';
import { answers } from '../../atlas/answers/catalogue.ts';
import { loadStudy } from '../../atlas/catalogue.ts';
import { papers } from '../../atlas/reading-list.ts';
import { catalogue, nameOf } from '../../objectives/whole-catalogue.ts';
import { plainLink } from '../../shell/links/link.ts';
import { answerLink, paperLink } from '../../shell/links/rooms.ts';
import { summaries } from '../summaries.ts';
import { views } from '../views.ts';
import type { Found } from './found.ts';

/** Everything that can be found at once. */
export function documents(): Found[] {
  return [
    ...answers.map(
      ({ slug, question, asked, said, trl }): Found => ({
        id: `answer ${slug}`,
        kind: 'answer',
        title: question,
        line: said[0].replaceAll('`', ''),
        asked: [...asked, ...said, trl].join(' '),
        address: `#${answerLink(slug)}`,
      }),
    ),
    ...papers.map(
      ({ arxiv, title, laterTitle = '', authors, year, venue = '' }): Found => ({
        id: `paper ${arxiv}`,
        kind: 'paper',
        title,
        line: [authors.length > 3 ? `${authors[0]} and others` : authors.join(', '), year].join(', '),
        asked: [arxiv, laterTitle, ...authors, venue].join(' '),
        address: `#${paperLink(arxiv)}`,
      }),
    ),
    ...catalogue.map(
      (objective): Found => ({
        id: `objective ${objective.over} ${objective.id}`,
        kind: 'objective',
        title: objective.name,
        line: objective.behaviour,
        asked: [nameOf(objective), objective.id, ...objective.aliases, objective.family, objective.paper ?? ''].join(' '),
        address: `#/stop/all?v=3&q=${encodeURIComponent(objective.id)}`,
      }),
    ),
    ...views.map(
      ({ id, route, title, way = '' }): Found => ({
        id: `view ${id}`,
        kind: 'view',
        title,
        line: summaries[id],
        asked: `${way} ${route}`,
        address: `#${plainLink(route)}`,
      }),
    ),
    ...views.flatMap(({ id, route, lesson }): Found[] =>
      lesson
        ? [
            {
              id: `lesson ${id}`,
              kind: 'lesson',
              title: lesson.title,
              line: summaries[id],
              asked: 'lesson class teach',
              address: `#/${route}?v=3&lesson=${id}:1`,
            },
          ]
        : [],
    ),
    ...notebooks.map(
      ({ name, title, question }): Found => ({
        id: `notebook ${name}`,
        kind: 'notebook',
        title,
        line: question,
        asked: `notebook ${name}`,
        address: `./notebooks/${name}.html`,
      }),
    ),
  ];
}

/** Papers again, by what their toys found, which is fetched for it. */
export async function findings(): Promise<Found[]> {
  const found = await Promise.all(
    papers.map(async ({ arxiv, title, studies }): Promise<Found[]> => {
      const [first, ...others] = await Promise.all(studies.map(loadStudy));
      if (!first) return [];
      return [
        {
          id: `paper ${arxiv}`,
          kind: 'paper',
          title: first.finding,
          line: title,
          asked: [first.mechanism, ...others.map(({ finding }) => finding)].join(' '),
          address: `#${paperLink(arxiv)}`,
        },
      ];
    }),
  );
  return found.flat();
}
