import entries from './bibliography.json';

/** A paper as its authors call it. Their names stand in full, and only where they were read off the paper or its own repository. */
interface Entry {
  readonly title: string;
  readonly authors?: readonly string[];
}

/** Every paper on arXiv that the page names, by its id: data, so that no title is translated. */
export const bibliography: Readonly<Record<string, Entry>> = entries;
