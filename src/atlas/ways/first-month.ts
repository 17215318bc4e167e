/** The month of a paper's first version, which its arXiv id begins with (YYMM, since April 2007), at its first day in UTC. */
export function firstMonth(arxiv: string): Date {
  const [, year, month] = /^(\d\d)(\d\d)\./.exec(arxiv) ?? [];
  return new Date(Date.UTC(2000 + Number(year), Number(month) - 1));
}
