/** Most runs of one sweep. */
export const maxRuns = 2 ** 26;
