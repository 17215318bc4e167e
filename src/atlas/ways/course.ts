import { type Paper, papers } from '../reading-list.ts';
import { type Theme, themes } from '../themes.ts';

/** A paper, and the sentence that leads to it from the one before. */
interface Lead {
  readonly arxiv: string;
  readonly leads: string;
}

/** In the order in which the papers of a theme can be read; the themes have an order of their own. */
const order: readonly Lead[] = [
  // what a comparison can say
  {
    arxiv: '2405.19534',
    leads: 'Begin with one pair and one loss: training widens the margin between two answers. Does that rank them?',
  },
  { arxiv: '2412.17696', leads: 'What does such a loss assert? Some can be read as a sentence about winner and loser, counted.' },
  { arxiv: '2404.04656', leads: 'A pair takes two answers to one prompt. A thumb takes one, and is related to the pair by a bound.' },
  { arxiv: '2306.17492', leads: 'The other way there is more than a pair: one ranking of several answers holds many of them.' },
  {
    arxiv: '2409.17791',
    leads: 'Rankings cost labels. An answer and its cut-down copies have an order without any, if each cut does harm.',
  },
  { arxiv: '2407.14477', leads: 'However many pairs there are, none says why one answer won. A reason does.' },
  {
    arxiv: '2505.12845',
    leads: 'What may be mistaken for a reason, such as length, drops out where one answer is compared under two prompts.',
  },
  { arxiv: '2404.00530', leads: 'If prompts may differ, any two answers can be compared, also those that no ranking reaches.' },
  {
    arxiv: '2206.02231',
    leads: 'A label must be explained by something. Of walks on the way to a goal, that may be their return or their regret.',
  },
  { arxiv: '2403.07230', leads: 'The same comparisons may come in any order: easy ones first, or hard ones.' },
  {
    arxiv: '2404.14723',
    leads: 'All this supposes that a good answer is among those compared, which a policy’s own samples need not grant.',
  },
  // when the good answer falls
  { arxiv: '2410.08847', leads: 'Now the label is right and the margin grows. What becomes of the good answer itself?' },
  { arxiv: '2410.13828', leads: 'Whether two answers move together or apart can be read off their gradients.' },
  { arxiv: '2405.16436', leads: 'One remedy pays the good answer a likelihood of its own. What does it insure against?' },
  { arxiv: '2410.08067', leads: 'Another would spare good losers: each pair is used in both directions, told which score is wanted.' },
  // wrong labels, weak labels
  {
    arxiv: '2401.06080',
    leads: 'So far labels erred by chance at most. Which ones are wrong can be guessed from where several judges doubt together.',
  },
  { arxiv: '2403.00409', leads: 'If the share of wrong labels is known, none has to be found: the loss can be corrected on average.' },
  { arxiv: '2405.14103', leads: 'Nor must a label be right or wrong: it can have a strength, which says how far to go.' },
  // who judges
  { arxiv: '2402.11296', leads: 'Labels come from somebody. What a judge weighs can be read off its choices, and then be played to.' },
  { arxiv: '2504.09946', leads: 'A judge has habits, too, such as to like what it reads last.' },
  { arxiv: '2412.13746', leads: 'What never varied in its comparisons, a reward model was not taught to weigh.' },
  { arxiv: '2409.03650', leads: 'A tuned policy is a judge as well, by its log-ratio to where it began. How far does that carry?' },
  { arxiv: '2410.06965', leads: 'And what it judges by need not be what it writes by.' },
  { arxiv: '2501.08617', leads: 'It can also matter when a judge is asked: before the outcome, or after.' },
  { arxiv: '2409.13948', leads: 'What comes after an answer tells how it was taken, without a judge.' },
  {
    arxiv: '2408.15549',
    leads: 'Some users say so themselves: they complain, and the answer that is written again is taken as the better one.',
  },
  // where a run starts, what it samples
  { arxiv: '2507.00018', leads: 'Preference training mostly begins with imitation. What holds the policy near its base there?' },
  { arxiv: '2502.11284', leads: 'Of one budget, how much should go to demonstrations before comparisons pay?' },
  { arxiv: '2404.14367', leads: 'Then come pairs, of the reference’s samples or of the policy’s own. When does it matter which?' },
  { arxiv: '2406.09279', leads: 'Beside the algorithm stand the data: which of the two is worth more?' },
  {
    arxiv: '2403.19443',
    leads: 'Offline and online training can follow each other: easy pairs first, then sampling where pairs were too close.',
  },
  { arxiv: '2406.04412', leads: 'With few labels of people, the policy may label its own samples, round after round.' },
  { arxiv: '2410.06293', leads: 'Each such round is a step, and steps can be extrapolated.' },
  {
    arxiv: '2508.20751',
    leads: 'Within a round, samples of one prompt are compared with each other: by standardised scores, or by counted wins.',
  },
  { arxiv: '2310.17966', leads: 'Where a critic was learned offline, how far to trust it may depend on the state.' },
  // many aims, many people
  {
    arxiv: '2407.14916',
    leads: 'So far one reward mostly stood for everything. First of all it can depend on what is meant by the question.',
  },
  { arxiv: '2506.02368', leads: 'It can depend on who asks, which some of a user’s words tell more of than others.' },
  { arxiv: '2502.09597', leads: 'What a user said once may be far back by the time that it matters.' },
  { arxiv: '2406.08469', leads: 'Many users with few comparisons each can share a few prototypes.' },
  { arxiv: '2402.08925', leads: 'Where groups want opposite things, somebody has to give way. Who should?' },
  { arxiv: '2402.00742', leads: 'A single user can have several aims. What does a sum of rewards make of them?' },
  { arxiv: '2402.18571', leads: 'Instead of fixing the sum, one can tell the policy which way to weigh.' },
  { arxiv: '2310.00819', leads: 'The telling can be a learned word as well, tuned before the rest or with it.' },
  { arxiv: '2305.14782', leads: 'Or no training is left at all: models that were kept for each task are mixed.' },
  {
    arxiv: '2410.02197',
    leads: 'Preferences of many need not be an order: they can go round, and then no score of single answers holds them.',
  },
  { arxiv: '2503.08942', leads: 'Where nothing is best, training is a game, and the question is whether it settles.' },
  { arxiv: '2408.16984', leads: 'And sometimes neither option is preferred, which need not be a tie.' },
  {
    arxiv: '2502.07663',
    leads: 'Last, whose aims does an agent follow? A trial with people asks what happens where they are not the user’s.',
  },
  // tokens and time
  { arxiv: '2410.05102', leads: 'An answer is a sequence, and a preference may hang on few of its tokens.' },
  { arxiv: '2410.06638', leads: 'If one error is all in which two answers differ, more of the gradient is about it.' },
  { arxiv: '2502.17927', leads: 'A tuned teacher has an advantage for every next token, where a pair has one label for the whole.' },
  { arxiv: '2501.09766', leads: 'In answers of several steps, a search can find the step that goes wrong.' },
  { arxiv: '2410.04612', leads: 'In a conversation an early turn is worth what it and all later ones bring.' },
  { arxiv: '2502.00634', leads: 'When to speak can be preferred, too: waiting costs time, and not waiting costs quality.' },
  // beyond text
  { arxiv: '2407.02477', leads: 'With an image beside the text, a model may guess without looking. Such guesses make rejected answers.' },
  { arxiv: '2502.13146', leads: 'One answer compared under two images leaves only what the image tells.' },
  { arxiv: '2507.21584', leads: 'Or the text is changed while training goes on, so that leaning on it pays less.' },
  { arxiv: '2311.12908', leads: 'Diffusion models have no likelihood at hand. What takes its place in the loss?' },
  { arxiv: '2406.06424', leads: 'Measured from a reference, it need not bring samples to a wanted style that is far away.' },
  { arxiv: '2503.18454', leads: 'The errors are taken at noise. Does it matter which noise?' },
  { arxiv: '2506.02698', leads: 'People often like both pictures alike. What should such a pair push?' },
  { arxiv: '2410.05255', leads: 'And if there are winners only, an earlier state of the model may have to stand in for losers.' },
  { arxiv: '2502.06023', leads: 'Each picture may come with a caption of its own, which can say too much.' },
  { arxiv: '2508.11255', leads: 'Several aims meet in one picture, and noise levels are one way to part them.' },
  { arxiv: '2410.20898', leads: 'How far a generator has gone from its reference can be measured by densities, or by their slopes.' },
  { arxiv: '2310.02054', leads: 'What is wanted can also be told, as the strength of an attribute, to a model that plans by diffusion.' },
  { arxiv: '2412.15156', leads: 'If the generator cannot be trained, its prompts can.' },
  { arxiv: '2410.11584', leads: 'Robots act. A policy tuned on preferences can sift what an imitator proposes.' },
  { arxiv: '2306.03615', leads: 'Labels of one task may be carried over to another that is alike.' },
  { arxiv: '2407.11633', leads: 'Some papers say “preference” of other things, as of the experts that a router likes.' },
  { arxiv: '2401.14539', leads: 'At the edge of the list nothing is tuned: explanations are asked whether they serve all groups alike.' },
];

/** A step of the course. */
export interface CourseStep extends Lead {
  readonly paper: Paper;
  readonly theme: Theme;
  /** its place in the course, from 1 on */
  readonly number: number;
}

/** Every paper that has a page, theme by theme. A paper without a sentence is missing here, and a test says so. */
export const course: readonly CourseStep[] = (Object.keys(themes) as Theme[])
  .flatMap((theme) =>
    order.flatMap(({ arxiv, leads }) => {
      const paper = papers.find((each) => each.arxiv === arxiv && each.theme === theme);
      return paper ? [{ arxiv, leads, paper, theme }] : [];
    }),
  )
  .map((step, index) => ({ ...step, number: index + 1 }));

/** A paper's step with those on either side of it; undefined where it has none. */
export function stepsAround(
  arxiv: string,
): { here: CourseStep; before: CourseStep | undefined; after: CourseStep | undefined } | undefined {
  const here = course.find((step) => step.arxiv === arxiv);
  return here && { here, before: course[here.number - 2], after: course[here.number] };
}
