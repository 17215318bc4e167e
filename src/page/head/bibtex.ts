/** The entry for this version of the page, as CITATION.cff has it; `address` is where the page stands. */
export const bibtexOf = (address: string): string =>
  [
    '@software{prefscope,',
    '  title = {prefscope: where probability goes when you optimise preferences},',
    '  author = {{The prefscope authors}},',
    `  version = {${__APP_VERSION__}},`,
    `  url = {${address.replace(/[?#].*$/, '')}},`,
    '}',
  ].join('\n');
