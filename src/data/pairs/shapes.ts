import { isRecord, unstringed } from '../rows/loose-json.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a record says of a pair, whatever it calls it. */
export interface RawPair {
  /** as in 'TRL', in a reader's words */
  readonly shape: string;
  readonly prompt: unknown;
  /** what stands before the prompt: a system message, earlier turns, the input of an instruction behind it */
  readonly system?: unknown;
  readonly history?: unknown;
  readonly input?: unknown;
  readonly chosen: unknown;
  readonly rejected: unknown;
  readonly chosenRating?: number;
  readonly rejectedRating?: number;
  /** the columns that were read */
  readonly used: readonly string[];
  /** a response is a list of several, of which the first is meant */
  readonly several?: boolean;
  /** what tells the best from the worst are ranks: the lowest is the best */
  readonly isRanked?: boolean;
}

/** Names that differ only in case, dashes and the like are one. */
const plainNames = new Map<string, string>();
export function plainName(name: string): string {
  let plain = plainNames.get(name);
  if (plain === undefined) {
    plain = name
      .trim()
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .replace(/[\s.-]+/g, '_');
    if (plainNames.size < 10_000) plainNames.set(name, plain);
  }
  return plain;
}

export const chosenNames =
  'chosen chosen_response response_chosen chosen_completion completion_chosen chosen_answer answer_chosen chosen_text chosen_output preferred preferred_output preferred_response preferred_completion accepted winner_response winning_response response_w completion_w y_w yw positive pos better good win response_j chosen_messages chosen_conversation winner'.split(
    ' ',
  );
export const rejectedNames =
  'rejected rejected_response response_rejected rejected_completion completion_rejected rejected_answer answer_rejected rejected_text rejected_output non_preferred_output dispreferred dispreferred_output nonpreferred_output non_preferred unpreferred rejected_messages loser_response losing_response response_l completion_l y_l yl negative neg worse bad lose response_k rejected_conversation dispreferred_completion loser'.split(
    ' ',
  );
export const promptNames =
  'prompt instruction question query input context x user user_input user_prompt user_query user_message problem prompt_text input_text post messages conversations conversation dialogue contents'.split(
    ' ',
  );
export const answerNames = 'completion response answer output text generation model_output reply content target'.split(' ');

/** Looks fields up by plain name. */
export class Lookup {
  readonly #names = new Map<string, string>();
  readonly used = new Set<string>();
  readonly row: Fields;

  constructor(row: Fields) {
    this.row = row;
    for (const name of Object.keys(row)) {
      const plain = plainName(name);
      if (!this.#names.has(plain)) this.#names.set(plain, name);
    }
  }

  has(name: string): boolean {
    const own = this.#names.get(name);
    return own !== undefined && this.row[own] !== null && this.row[own] !== undefined;
  }

  /** the first of these that is there, null counting as missing where another is there */
  first(names: readonly string[]): string | undefined {
    return names.find((name) => this.has(name)) ?? names.find((name) => this.#names.has(name));
  }

  take(name: string | undefined): unknown {
    const own = name === undefined ? undefined : this.#names.get(name);
    if (own === undefined) return undefined;
    this.used.add(own);
    return this.row[own];
  }

  plainNames(): Iterable<string> {
    return this.#names.keys();
  }

  /** a value that is not counted as read */
  peek(name: string): unknown {
    return this.row[this.#names.get(name) ?? ''];
  }

  number(names: readonly string[]): number | undefined {
    const name = names.find((each) => this.has(each));
    if (name === undefined) return undefined;
    const value = this.row[this.#names.get(name) ?? ''];
    const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
    if (!Number.isFinite(number) || value === '') return undefined;
    this.take(name);
    return number;
  }
}

const ratings = (side: string): string[] =>
  ['score', 'rating', 'reward', 'avg_rating'].flatMap((word) => [`${word}_${side}`, `${side}_${word}`]);

/** What stands beside a response, and is none. */
const BESIDE =
  /model(?:_?(?:name|id))?$|score|rating|reward|rank|label|source|reason|explanation|name|logp|length|tokens?(?:_|$)|(?:^|_)(?:id|ids|len|by)(?:_|$)/;

/** The one column of texts of which the name has such a word, as in "output (chosen)". */
function nameWith(word: string, look: Lookup): string | undefined {
  const found = [...look.plainNames()].filter((name) => name.split(/[^a-z\d]+/).includes(word) && !BESIDE.test(name));
  return found.length === 1 && typeof look.peek(found[0] as string) === 'string' ? found[0] : undefined;
}

/** chosen and rejected, under any names. */
function named(look: Lookup): RawPair | null {
  const [w, l] = [look.first(chosenNames), look.first(rejectedNames)];
  const isWorded = w === undefined && l === undefined && look.first(promptNames) !== undefined;
  const [chosenName, rejectedName] = isWorded ? [nameWith('chosen', look), nameWith('rejected', look)] : [w, l];
  const sharegpt = look.first(['conversations', 'messages', 'conversation']);
  if (rejectedName === undefined) return null;
  // ms-swift: the chosen answer is the last message, or `response`
  if (chosenName === undefined) {
    const rejected = look.take(rejectedName);
    const answer = look.first(['response', 'completion', 'answer', 'output']);
    const messages = unstringed(look.row[sharegpt ?? '']);
    if (answer === undefined && Array.isArray(messages) && messages.length > 1) {
      look.take(sharegpt);
      return {
        shape: 'ms-swift',
        prompt: messages.slice(0, -1),
        chosen: messages.slice(-1),
        rejected:
          Array.isArray(rejected) && rejected.every(isRecord) && rejected.length >= messages.length
            ? rejected.slice(messages.length - 1)
            : rejected,
        used: [...look.used],
      };
    }
    if (answer === undefined) return null;
    const chosen = look.take(answer);
    return { shape: 'ms-swift', ...context(look), chosen, rejected, used: [...look.used] };
  }
  const chosen = look.take(chosenName);
  const rejected = look.take(rejectedName);
  const chosenRating = look.number(ratings('chosen'));
  const rejectedRating = look.number(ratings('rejected'));
  return {
    shape: chosenName === 'chosen' && rejectedName === 'rejected' ? '' : `${chosenName}, ${rejectedName}`,
    ...context(look),
    chosen,
    rejected,
    ...(chosenRating === undefined ? {} : { chosenRating }),
    ...(rejectedRating === undefined ? {} : { rejectedRating }),
    used: [...look.used],
  };
}

/** Prompt, system, history and input. */
function context(look: Lookup): Pick<RawPair, 'prompt' | 'system' | 'history' | 'input'> {
  const name = look.first(promptNames);
  const prompt = look.take(name);
  const rest: { system?: unknown; history?: unknown; input?: unknown } = {};
  const info = name === undefined && look.has('info') ? look.take('info') : undefined;
  if (isRecord(info)) return { prompt: info['post'] ?? info['article'] ?? info['text'] };
  if (look.has('system') || look.has('system_prompt')) rest.system = look.take(look.first(['system', 'system_prompt']));
  if (look.has('history') && name !== 'history') rest.history = look.take('history');
  if ((name === 'instruction' || name === 'prompt') && look.has('input')) rest.input = look.take('input');
  return { prompt, ...rest };
}

/** What two answers are called of which a record says elsewhere which is better; the options of a question and the texts of a comparison are none. */
const candidates: readonly (readonly [a: string, b: string])[] = [
  ...'response answer completion output conversation human_ref reply summary generation candidate'.split(' ').flatMap((stem) =>
    ['_a _b', '_0 _1', '1 2', '_1 _2', '_left _right'].map((ends): [string, string] => {
      const [a = '', b = ''] = ends.split(' ');
      return [stem + a, stem + b];
    }),
  ),
  ['model_a_response', 'model_b_response'],
];

/** Fields in which people or tools say which of two answers is better, and those in which they wrap it. */
const SAYS = /prefer|winner|better|compar|pairwise|select|verdict|annotation|^responses$|^choice$|^rank/;
const WRAPS = ['value', 'selected', 'result', 'results', 'annotations', 'choices', 'label', 'preference', 'preferred', 'winner'];

/** Which of two a word names: 0, 1, or null where it names none. */
function sideOf(text: string, names: readonly [a: string, b: string]): 0 | 1 | null {
  const plain = plainName(text);
  if (plain === names[0] || plain === names[1]) return plain === names[0] ? 0 : 1;
  if (/^(model_?a|a|response_?a|response_?0|left|first|answer_?a|assistant_?a)$/.test(plain)) return 0;
  return /^(model_?b|b|response_?b|right|second|answer_?b|assistant_?b)$/.test(plain) ? 1 : null;
}

/** The sides that are named in a value, however it is wrapped: as Label Studio and Argilla write what people have chosen. */
function sidesIn(value: unknown, names: readonly [a: string, b: string], depth = 0): (0 | 1)[] {
  if (typeof value === 'string') {
    const side = sideOf(value, names);
    return side === null ? [] : [side];
  }
  if (depth > 6 || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.slice(0, 20).flatMap((item) => sidesIn(item, names, depth + 1));
  return WRAPS.flatMap((name) => sidesIn((value as Fields)[name], names, depth + 1));
}

/** What is said in some other field, by all who say it; null where they do not agree, undefined where nobody says it. */
function saidElsewhere(look: Lookup, names: readonly [a: string, b: string]): 0 | 1 | null | undefined {
  for (const name of look.plainNames()) {
    if (!SAYS.test(name)) continue;
    const sides = new Set(sidesIn(unstringed(look.peek(name)), names));
    if (sides.size === 0) continue;
    look.take(name);
    return sides.size === 1 ? ([...sides][0] as 0 | 1) : null;
  }
  return undefined;
}

/** Which of two candidates a record prefers: 0, 1, or null where it does not say or calls it a tie. */
function preferredOf(look: Lookup, names: readonly [a: string, b: string]): 0 | 1 | null | undefined {
  const id = look.first(['better_response_id', 'safer_response_id', 'preferred_id', 'choice', 'chosen_index']);
  if (id !== undefined && look.has(id)) {
    const value = Number(look.take(id));
    return value === 0 || value === 1 ? value : null;
  }
  if (look.has('labels') && look.has('human_ref_a')) return Number(look.take('labels')) === 1 ? 0 : 1; // SHP
  // Chatbot Arena's table: a column for each outcome
  if (look.has('winner_model_a') && look.has('winner_model_b')) {
    const [a, b] = [Number(look.take('winner_model_a')), Number(look.take('winner_model_b'))];
    return a === b ? null : a > b ? 0 : 1;
  }
  const strength = look.number(['preference_strength']); // HelpSteer2
  if (strength !== undefined) return strength === 0 ? null : strength < 0 ? 0 : 1;
  const winner = look.first(['winner', 'preference', 'preferred', 'label', 'better', 'overall_preference', 'choice']);
  if (winner === undefined || !look.has(winner)) {
    const scores = [look.number(['score_0', 'score_a', 'score_1']), look.number(['score_1', 'score_b', 'score_2'])];
    const [a, b] = look.has('score_0') || look.has('score_a') ? scores : [look.number(['score_1']), look.number(['score_2'])];
    if (a === undefined || b === undefined) return saidElsewhere(look, names);
    return a === b ? null : a > b ? 0 : 1;
  }
  const value = look.take(winner);
  if (winner === 'overall_preference') return Number(value) === 0 ? null : Number(value) < 0 ? 0 : 1; // HelpSteer3
  const text = String(value).toLowerCase();
  const named = sideOf(text, names);
  // of answers a and b a number may count from 0 or from 1, or say whether a is better
  if (/^[01](?:\.0)?$/.test(text) && /a(?:_response)?$/.test(names[0])) return null;
  if (named !== null) return named;
  if (text === '0' || text === '1.0') return 0;
  if (text === '2') return 1;
  if (text === '1' || text === 'response_1') return look.has('response_0') || look.has('answer_0') ? 1 : 0;
  return null;
}

/** Two candidates, of which the record says which is better. A tie is a sentence. */
function compared(look: Lookup): RawPair | string | null {
  const names = candidates.find(([a, b]) => look.has(a) && look.has(b));
  if (!names) return null;
  const better = preferredOf(look, names);
  if (better === undefined) return null;
  if (better === null) return 'is a tie, or does not say clearly which answer is better';
  const [a, b] = names.map((name) => look.take(name));
  const history = look.has('human_ref_a') && look.has('history') ? { prompt: look.take('history') } : context(look);
  return {
    shape: `${names[0]}, ${names[1]} and which is better`,
    ...history,
    chosen: better === 0 ? a : b,
    rejected: better === 0 ? b : a,
    used: [...look.used],
  };
}

const ANSWER = ['response', 'answer', 'text', 'completion', 'output', 'content', 'generation'];
const SCORE = ['overall_score', 'score', 'rating', 'reward', 'fine_grained_score', 'pm_score', 'votes', 'upvotes'];

/** Lists of texts, the best first. */
const SORTED = ['ranked_responses', 'ranked_completions', 'ranked_answers', 'ranked_outputs', 'sorted_responses'];

/** A list of answers with scores or ranks: best against worst. Or a list of two, the better one first. */
function ranked(look: Lookup): RawPair | string | null {
  const name = look.first([
    'completions',
    'responses',
    'answers',
    'summaries',
    'all_generated_responses',
    'generations',
    'output',
    'outputs',
    'candidates',
    ...SORTED,
  ]);
  if (name === undefined) return null;
  const list = unstringed(look.row[name]);
  if (!Array.isArray(list) || list.length < 2) return null;
  const fieldOf = (item: Fields, keys: readonly string[]): unknown =>
    item[keys.map((key) => Object.keys(item).find((own) => plainName(own) === key)).find((own) => own !== undefined) ?? ''];
  const texts = list.map((item) => (isRecord(item) ? fieldOf(item, ANSWER) : item));
  if (!texts.every((text) => typeof text === 'string' || isRecord(text))) return null;
  const outside = ['scores', 'rewards', 'ratings', 'rating', 'all_rm_scores', 'ranks', 'rank', 'ranking'].find((key) =>
    Array.isArray(unstringed(look.row[key])),
  );
  const isRank = outside?.startsWith('rank') || list.every((item) => isRecord(item) && 'rank' in item);
  const given = outside
    ? (unstringed(look.row[outside]) as unknown[])
    : list.map((item) => isRecord(item) && (item['rank'] ?? fieldOf(item, SCORE)));
  const scores = given.map((value) =>
    typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN,
  );
  const sides = list.map((item) => (isRecord(item) ? String(item['label'] ?? item['type'] ?? item['kind']).toLowerCase() : ''));
  const [w, l] = [sides.indexOf('chosen'), sides.indexOf('rejected')];
  if (w >= 0 && l >= 0) {
    look.take(name);
    return { shape: `“chosen” and “rejected” of "${name}"`, ...context(look), chosen: texts[w], rejected: texts[l], used: [...look.used] };
  }
  const isScored = scores.length === list.length && scores.filter(Number.isFinite).length >= 2;
  const picked = look.has('choice') && list.length === 2 ? Number(look.take('choice')) : null;
  const isSorted = SORTED.includes(name);
  if (!isScored && picked === null && !isSorted && !(name.startsWith('output') && list.length === 2)) return null;
  look.take(name);
  look.take(outside);
  const finite = [...scores.keys()].filter((i) => Number.isFinite(scores[i]));
  const order = isScored
    ? finite.sort((i, j) => (isRank ? 1 : -1) * ((scores[i] ?? 0) - (scores[j] ?? 0)))
    : picked === 1
      ? [1, 0]
      : [...list.keys()];
  const [best = 0, worst = 1] = [order[0], order.at(-1)];
  if (isScored && scores[best] === scores[worst]) return 'all its answers have the same score';
  return {
    shape: isScored || isSorted ? `best and worst of "${name}"` : `the two of "${name}", the better one first`,
    ...(isScored && isRank ? { isRanked: true } : {}),
    ...context(look),
    chosen: texts[best],
    rejected: texts[worst],
    ...(isScored && !isRank ? { chosenRating: scores[best] as number, rejectedRating: scores[worst] as number } : {}),
    used: [...look.used],
  };
}

/** The pair in a record, as it stands; a sentence where it holds none but is of a kind that does; null where it is of another kind. */
export function rawPair(row: Fields): RawPair | string | null {
  const look = new Lookup(row);
  const raw = named(look) ?? compared(look) ?? ranked(look);
  return raw === null || typeof raw === 'string' ? raw : withoutLists(raw);
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');

/** Turns of a conversation as texts, the reader's first. */
const asTurns = (texts: readonly string[]) => texts.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));

/** Responses that are lists of texts: the turns of one conversation where both begin alike, else several responses, the first of which is read. */
function withoutLists(raw: RawPair): RawPair {
  // Arena's table writes each turn's texts as JSON; elsewhere a list in a text is an answer as it stands.
  const prompt = typeof raw.prompt === 'string' ? unstringed(raw.prompt) : null;
  const listed = (value: unknown): unknown => (isTexts(prompt) ? unstringed(value) : value);
  const [chosen, rejected] = [listed(raw.chosen), listed(raw.rejected)];
  if (!isTexts(chosen) && !isTexts(rejected)) return raw;
  if (isTexts(chosen) && isTexts(rejected) && chosen.length > 1 && chosen.length === rejected.length && chosen[0] === rejected[0])
    return { ...raw, chosen: asTurns(chosen), rejected: asTurns(rejected) };
  const several = [chosen, rejected].some((value) => isTexts(value) && value.length > 1);
  return {
    ...raw,
    ...(isTexts(prompt) ? { prompt: prompt[0] } : {}),
    chosen: isTexts(chosen) ? chosen[0] : raw.chosen,
    rejected: isTexts(rejected) ? rejected[0] : raw.rejected,
    ...(several ? { several } : {}),
  };
}
