import { isLogRow, logColumn } from './log-columns.ts';

/** A number as Python prints it, wrapped or not; no part of a time, a date or a share. */
const NUMBER = String.raw`(?:(?:np\.float\d+|tensor)\(\s*)?([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf(?:inity)?))(?![\w:/%]|\.\d)`;
/** loss=0.69, rewards/chosen:0.1, train.loss = 1e-3 */
const TIGHT = new RegExp(String.raw`(?<![\w./])([A-Za-z_][\w./()-]*)\s*[=:]\s*${NUMBER}`, 'gi');
/** a name of several words before a colon, alone between bars or commas: "Actor Loss: 0.3", "lm loss: 6.9E-01" */
const LOOSE = new RegExp(String.raw`^(?:\[[^\]]*\]\s*)?([A-Za-z_][\w./() -]*?)\s*:\s*${NUMBER}[\s\]>)]*$`, 'i');
const BETWEEN = /\s*\|\s*|,\s+|;\s*|\s+-\s+|\t|\s*\[(?=\d\d:)/;
/** "Step 10", "iteration 10/ 1000", "step=10", "Iter(train) [ 10/1000]" */
const STEP = /(?:^|[^\w/])(?:global[ _]?)?(?:step|iteration|iter|update)s?(?:\(\w+\))?\s*[=:#]?\s*\[?\s*(\d+)(?![\d.]|\s*%)/i;
/** what stands before a metric's own name: "Train step 10 training loss: 0.69" */
const BEFORE = /^(?:\w+ )?(?:step|iteration|iter)s?\s*[=:#]?\s*\d+(?:\/\d+)?[,:]?\s+(?=[A-Za-z])/i;
/** 10/100 [00:10<01:40, as tqdm draws it */
const BAR = /(\d+)\/\d+\s*\[\d/g;
/** what is no metric, wherever it stands */
const NEVER = /^(?:pid|rank|port|v_num|eta|gpu|device|node|world_size|seed|it)$/i;

/** The step that a line names; undefined where it names none. */
export function namedStep(text: string): number | undefined {
  const step = STEP.exec(text)?.[1];
  return step === undefined ? undefined : Number(step);
}

/** The step that the last progress bar of a text shows; undefined without one. */
export function barStep(text: string): number | undefined {
  let step: number | undefined;
  for (const [, at] of text.matchAll(BAR)) step = Number(at);
  return step;
}

/**
 * The metrics of a console's line that is no dict: names and numbers with = or : between them, as of progress bars, verl, torchtune and
 * Megatron. null where the line has none that is known, or one alone and no step.
 */
export function metricsOf(text: string): Record<string, unknown> | null {
  if (text.length > 20_000 || !/[=:]\s*(?:np\.|tensor\()?[-+.\dni]/i.test(text)) return null;
  const row: Record<string, unknown> = {};
  const put = (name: string, value: string): void => {
    if (!NEVER.test(name) && !(name in row)) row[name] = Number.isNaN(Number(value)) ? value : Number(value);
  };
  for (const part of text.split(BETWEEN)) {
    const [, name, value] = LOOSE.exec(part.trim().replace(BEFORE, '')) ?? [];
    if (name !== undefined && value !== undefined) put(name, value);
    else for (const [, key = '', number = ''] of part.matchAll(TIGHT)) put(key, number);
  }
  if (!Object.keys(row).some((name) => logColumn(name) === 'step')) {
    const step = namedStep(text) ?? barStep(text);
    if (step !== undefined) row['step'] = step;
  }
  const known = Object.keys(row)
    .map(logColumn)
    .filter((column) => column === 'step' || column?.isKnown).length;
  return known >= 2 && isLogRow(row) ? row : null;
}
